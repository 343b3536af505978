"""The network of words in torch, as it is trained.

A bidirectional GRU of two layers reads the letters; a GRU writes the symbols of any number of
languages, each step looking at what was read. What is read does not depend on the language that is
written, so that a word is read once for all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from kgenrich.adapters.transliteration.recipe import NetworkSettings


class Batch(NamedTuple):
    """Words of one length, ``letters`` (words, length), and what they are to be written as: the
    longest first, ``word`` (n,) says which, ``language`` (n,) by number; ``symbols``
    (n, steps) end with an end, ``active`` how many of them are not over at each step.
    """

    letters: Tensor
    word: Tensor
    language: Tensor
    symbols: Tensor
    active: list[int]

    def on(self, device: torch.device) -> Batch:
        """The batch on a device."""
        tensors = (of.to(device) for of in (self.letters, self.word, self.language, self.symbols))
        letters, word, language, symbols = tensors
        return Batch(letters, word, language, symbols, self.active)

    def places(self) -> tuple[Tensor, Tensor]:
        """Row and step of everything that is written, step by step."""
        device = self.word.device
        rows = torch.cat([torch.arange(active, device=device) for active in self.active])
        return rows, torch.repeat_interleave(torch.tensor(self.active, device=device))


class Network(nn.Module):
    """Raises nothing: numbers out of the alphabet are the caller's mistake."""

    def __init__(self, letters: int, symbols: int, languages: int, of: NetworkSettings) -> None:
        super().__init__()
        self.letters = nn.Embedding(letters, of.embedding)
        self.first = nn.GRU(of.embedding, of.first, bidirectional=True, batch_first=True)
        self.second = nn.GRU(2 * of.first, of.hidden, bidirectional=True, batch_first=True)
        self.memory = nn.Linear(2 * of.hidden, of.hidden)
        self.start = nn.Linear(2 * of.hidden, of.hidden)
        self.symbols = nn.Embedding(symbols, of.embedding)
        self.languages = nn.Embedding(languages, of.embedding)
        # Gates of the input, then what is looked for: the last columns are the query's.
        self.input = nn.Linear(of.embedding, 4 * of.hidden)
        self.recurrent = nn.Linear(of.hidden, 4 * of.hidden, bias=False)
        self.context = nn.Linear(of.hidden, 3 * of.hidden)
        self.output = nn.Linear(of.hidden, symbols)
        self.dropout = nn.Dropout(of.dropout)

    def read(self, letters: Tensor) -> tuple[Tensor, Tensor]:
        """What is read of each letter (words, length, hidden), and the first state of what is
        written, (words, hidden).
        """
        inner, _ = self.first(self.dropout(self.letters(letters)))
        outer, last = self.second(self.dropout(inner))
        start = torch.tanh(self.start(torch.cat([last[0], last[1]], dim=1)))
        return self.memory(self.dropout(outer)), start

    def write(self, batch: Batch) -> list[Tensor]:
        """The states after each step of what is active, (active, hidden), all steps."""
        memory, state = self.read(batch.letters)
        memory, state = memory[batch.word], state[batch.word]
        before = F.pad(batch.symbols[:, :-1], (1, 0))
        # One gather and one split: a slice a step would each have a gradient as large as the whole.
        rows, steps = batch.places()
        given = self.symbols(before[rows, steps]) + self.languages(batch.language[rows])
        inputs = self.input(self.dropout(given)).split(batch.active)
        states = []
        for of_step, active in zip(inputs, batch.active, strict=True):
            if active < len(state):
                state, memory = state[:active], memory[:active]
            state = self.next(of_step, state, memory)
            states.append(state)
        return states

    def next(self, inputs: Tensor, state: Tensor, memory: Tensor) -> Tensor:
        """The state after one more symbol: (n, hidden)."""
        width = state.shape[1]
        recurrent = self.recurrent(state)
        query = (inputs[:, 3 * width :] + recurrent[:, 3 * width :]).unsqueeze(2)
        weight = torch.softmax(torch.bmm(memory, query) * width**-0.5, dim=1)
        context = torch.bmm(weight.transpose(1, 2), memory).squeeze(1)
        gates = inputs[:, : 3 * width] + self.context(context)
        both = torch.sigmoid(gates[:, : 2 * width] + recurrent[:, : 2 * width])
        reset, keep = both[:, :width], both[:, width:]
        new = torch.tanh(gates[:, 2 * width :] + reset * recurrent[:, 2 * width : 3 * width])
        return new + keep * (state - new)
