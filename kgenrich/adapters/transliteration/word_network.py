"""The network of words as it is used: what `network.Network` does, in numpy and without gradients.

``weights`` are by the names of that module. What a letter or a symbol gives to the gates of a GRU
is worked out once, so that embeddings are looked up and never multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Weights = Mapping[str, Floats]


class WordNetwork:
    """Raises `KeyError` for weights that lack one, `ValueError` where their shapes do not fit."""

    def __init__(self, weights: Weights) -> None:
        self._first, self._second = (_Layer(weights, name) for name in ("first", "second"))
        self._letters = weights["letters.weight"]
        self._memory, self._start = (_linear(weights, name) for name in ("memory", "start"))
        self._symbols, self._languages = weights["symbols.weight"], weights["languages.weight"]
        self._input = _linear(weights, "input")
        self._recurrent = weights["recurrent.weight"].T.copy()
        self._context = _linear(weights, "context")
        self._output = weights["output.weight"], weights["output.bias"]
        self.hidden = self._recurrent.shape[0]

    def read(self, letters: Numbers) -> tuple[Floats, Floats]:
        """What is read of words of one length, (words, length), as letters' numbers: of each letter
        (words, length, hidden), and the state before the first symbol, (words, hidden).
        """
        inner, _ = self._first.run(np.moveaxis(self._of_letters[:, letters], 1, 2))
        outer, last = self._second.run(self._second.given(inner))
        weight, bias = self._memory
        memory = outer.transpose(1, 0, 2) @ weight + bias
        weight, bias = self._start
        return memory, np.tanh(last @ weight + bias)

    @cached_property
    def _of_letters(self) -> Floats:
        return self._first.given(self._letters)

    def inputs(self, language: int, symbols: Numbers) -> Floats:
        """What each of a language's symbols gives to the next state: (symbols, 4 hidden)."""
        weight, bias = self._input
        given: Floats = (self._symbols[symbols] + self._languages[language]) @ weight + bias
        return given

    def output(self, symbols: Numbers) -> tuple[Floats, Floats]:
        """Weights (hidden, symbols) and biases of the logits of a language's symbols."""
        weight, bias = self._output
        return weight[symbols].T.copy(), bias[symbols]

    def next(self, given: Floats, state: Floats, memory: Floats) -> Floats:
        """The states (n, hidden) after one more symbol, of which ``given`` are the `inputs`."""
        width = self.hidden
        recurrent = state @ self._recurrent
        query = given[:, 3 * width :] + recurrent[:, 3 * width :]
        weight: Floats = (memory @ query[:, :, None])[:, :, 0]
        weight *= np.float32(width**-0.5)
        weight -= weight.max(axis=1, keepdims=True)
        np.exp(weight, out=weight)
        weight /= weight.sum(axis=1, keepdims=True)
        context: Floats = (weight[:, None, :] @ memory)[:, 0]
        of_context, bias = self._context
        gates: Floats = context @ of_context
        gates += bias
        gates += given[:, : 3 * width]
        return _gated(gates, recurrent[:, : 3 * width], state)


class _Layer:
    """A bidirectional GRU layer; the first axis of its arrays is the direction."""

    def __init__(self, weights: Weights, name: str) -> None:
        def both(part: str) -> Floats:
            return np.stack([weights[f"{name}.{part}_l0{way}"] for way in ("", "_reverse")])

        self._input, self._recurrent = (
            both(part).transpose(0, 2, 1).copy() for part in ("weight_ih", "weight_hh")
        )
        self._bias, self._recurrent_bias = both("bias_ih")[:, None], both("bias_hh")[:, None]

    def given(self, inputs: Floats) -> Floats:
        """What inputs (..., n) give to the gates of both directions: (2, ..., 3 hidden)."""
        flat = inputs.reshape(-1, inputs.shape[-1])
        gates: Floats = flat @ self._input
        gates += self._bias
        return gates.reshape(2, *inputs.shape[:-1], -1)

    def run(self, given: Floats) -> tuple[Floats, Floats]:
        """Of gates (2, length, words, 3 hidden) the states after each letter, (length, words,
        2 hidden), and the last of both directions, (words, 2 hidden).
        """
        _, length, words, wide = given.shape
        width = wide // 3
        states = np.empty((length, words, 2 * width), np.float32)
        state = np.zeros((2, words, width), np.float32)
        for step in range(length):
            back = length - 1 - step
            recurrent = state @ self._recurrent
            recurrent += self._recurrent_bias
            state = _gated(np.stack((given[0, step], given[1, back])), recurrent, state)
            states[step, :, :width], states[back, :, width:] = state
        return states, np.concatenate(tuple(state), axis=1)


def _gated(gates: Floats, recurrent: Floats, state: Floats) -> Floats:
    """The next state of a GRU; ``gates`` is written over."""
    width = state.shape[-1]
    both = gates[..., : 2 * width]
    both += recurrent[..., : 2 * width]
    # The logistic function by the hyperbolic tangent, which is fast in numpy and never overflows.
    both *= np.float32(0.5)
    np.tanh(both, out=both)
    both += np.float32(1)
    both *= np.float32(0.5)
    new = gates[..., 2 * width :]
    new += both[..., :width] * recurrent[..., 2 * width :]
    np.tanh(new, out=new)
    result: Floats = new + both[..., width:] * (state - new)
    return result


def _linear(weights: Weights, name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"].T.copy(), weights[f"{name}.bias"]
