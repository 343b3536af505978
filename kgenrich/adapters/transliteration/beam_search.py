"""The most probable ways to write many words at once, by beam search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.transliteration.alphabet import END, LONGEST
from kgenrich.adapters.transliteration.word_network import Floats, Numbers, WordNetwork

_UNLIKELY = np.float32(5.0)
"""What is so much less probable (by the logarithm) than the best of its word is dropped."""


class Writer:
    """Writes one language, whose ``symbols`` begin with the end of a word."""

    def __init__(self, network: WordNetwork, language: int, symbols: Numbers) -> None:
        if len(symbols) < 2 or symbols[0] != END:
            raise ValueError("The first of a language's symbols is the end of a word.")
        self._network = network
        self._inputs = network.inputs(language, symbols)
        self._weight, self._bias = network.output(symbols)

    def write(
        self, memory: Floats, state: Floats, width: int
    ) -> list[list[tuple[list[int], float]]]:
        """Of each of some words that were read: ways to write it, the most probable first, as
        places in the language's symbols, with the logarithm of the probability.
        """
        live = _Live(
            np.arange(len(state)),
            state,
            np.zeros(len(state), np.float32),
            np.zeros((len(state), 1), np.int16),
        )
        over: list[list[tuple[list[int], float]]] = [[] for _ in range(len(state))]
        best_over = np.full(len(state), -np.inf, np.float32)
        for _ in range(LONGEST):
            states = self._network.next(
                self._inputs[live.written[:, -1]], live.state, memory[live.word]
            )
            scores = live.score[:, None] + _log_softmax(states @ self._weight + self._bias)
            row, symbol, score = _widest(live.word, scores, width)
            ended = symbol == END
            for at, logarithm in zip(row[ended].tolist(), score[ended].tolist(), strict=True):
                over[live.word[at]].append((live.written[at, 1:].tolist(), logarithm))
            np.maximum.at(best_over, live.word[row[ended]], score[ended])
            best = best_over.copy()
            np.maximum.at(best, live.word[row], score)
            kept = ~ended & (score > best[live.word[row]] - _UNLIKELY)
            row, symbol, score = row[kept], symbol[kept], score[kept]
            if not len(row):
                break
            written = np.concatenate([live.written[row], symbol[:, None].astype(np.int16)], axis=1)
            live = _Live(live.word[row], states[row], score, written)
        return [sorted(ways, key=lambda way: -way[1]) for ways in over]


class _Live(NamedTuple):
    """What is not over yet, the ways of a word adjoining: its number, state, score, symbols."""

    word: Numbers
    state: Floats
    score: Floats
    written: NDArray[np.int16]


def _log_softmax(logits: Floats) -> Floats:
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits


def _widest(word: Numbers, scores: Floats, width: int) -> tuple[Numbers, Numbers, Floats]:
    """The ``width`` best next symbols of each word: rows of ``scores``, symbols and scores; the
    words in their order, the best of each first.
    """
    few = min(width, scores.shape[1])
    symbol = np.argpartition(scores, -few, axis=1)[:, -few:]
    score = np.take_along_axis(scores, symbol, axis=1).ravel()
    row = np.repeat(np.arange(len(word)), few)
    order = np.lexsort((-score, word[row]))
    of_word = word[row][order]
    first = np.searchsorted(of_word, of_word)
    order = order[np.arange(len(order)) - first < width]
    return row[order], symbol.ravel()[order], score[order]
