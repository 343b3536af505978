"""Batches of words of one length with all that they are written as."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch
from numpy.typing import NDArray

from kgenrich.adapters.transliteration.alphabet import END, Alphabet, symbols_of
from kgenrich.adapters.transliteration.network import Batch
from kgenrich.adapters.transliteration.word_pairs import Pairs

Numbers = NDArray[np.int64]

_WORTH = 0.8


class WordBatches:
    """``pairs`` by language as numbers of the alphabet; what it lacks a symbol for is left out."""

    def __init__(self, pairs: Pairs, alphabet: Alphabet, size: int) -> None:
        self._size = size
        self._words: list[list[int]] = []
        self._targets: list[list[tuple[int, list[int]]]] = []
        numbers = {symbol: number for number, symbol in enumerate(alphabet.symbols)}
        reader, places = alphabet.reader(), dict[str, int]()
        for number, code in enumerate(pairs):
            for word, other in pairs[code]:
                spelled = [numbers.get(symbol, -1) for symbol in symbols_of(other)]
                if -1 in spelled:
                    continue
                if word not in places:
                    places[word] = len(self._words)
                    self._words.append(alphabet.read(word, reader))
                    self._targets.append([])
                self._targets[places[word]].append((number, [*spelled, END]))
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, letters in enumerate(self._words):
            by_length[len(letters)].append(place)
        self._by_length = [np.array(by_length[length]) for length in sorted(by_length)]
        self._epoch: tuple[int, list[Numbers]] = (-1, [])

    def __len__(self) -> int:
        """Batches of an epoch."""
        return sum(-(-len(words) // self._size) for words in self._by_length)

    def at(self, step: int, seed: int) -> Batch:
        """The batch of a step; each word comes once an epoch."""
        epoch, place = divmod(step, len(self))
        if self._epoch[0] != epoch:
            self._epoch = epoch, self._shuffled(np.random.default_rng((seed, epoch)))
        return self.batch(self._epoch[1][place])

    def _shuffled(self, rng: np.random.Generator) -> list[Numbers]:
        batches = []
        for words in self._by_length:
            order = rng.permutation(words)
            batches += [order[at : at + self._size] for at in range(0, len(order), self._size)]
        return [batches[place] for place in rng.permutation(len(batches))]

    def batch(self, words: Numbers) -> Batch:
        """That of some words of one length."""
        targets = sorted(
            (
                (place, *target)
                for place, word in enumerate(words.tolist())
                for target in self._targets[word]
            ),
            key=lambda target: -len(target[2]),
        )
        lengths = np.array([len(symbols) for _, _, symbols in targets])
        symbols = np.full((len(targets), lengths[0]), END)
        for row, (_, _, of) in zip(symbols, targets, strict=True):
            row[: len(of)] = of
        return Batch(
            torch.tensor([self._words[word] for word in words.tolist()]),
            torch.tensor([place for place, _, _ in targets]),
            torch.tensor([language for _, language, _ in targets]),
            torch.from_numpy(symbols),
            _active(lengths),
        )


def _active(lengths: Numbers) -> list[int]:
    """How many words, the longest first, are written at each step. They are made fewer when that
    is worth a copy of the rest.
    """
    active: list[int] = []
    for step in range(int(lengths[0])):
        needed = int((lengths > step).sum())
        active.append(needed if not active or needed < _WORTH * active[-1] else active[-1])
    return active
