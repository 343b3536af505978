"""How alike names are in the eyes of an encoder, with one memory of vectors for all who ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from kgenrich.adapters.encoder.name_encoder import Encoder, Vectors
from kgenrich.adapters.encoders import open_encoder

_KEPT = 65536


class Likeness:
    """Compares names, whatever their languages and scripts."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._known: dict[str, Vectors] = {}

    def __call__(self, left: Sequence[str], right: Sequence[str]) -> Vectors:
        """The cosines in [-1, 1] of all pairs, float32 of shape (len(left), len(right))."""
        result: Vectors = self.vectors(left) @ self.vectors(right).T
        return result

    def vectors(self, names: Sequence[str]) -> Vectors:
        """Unit vectors, float32 of shape (len(names), dimension); the last names stay known."""
        new = [name for name in dict.fromkeys(names) if name not in self._known]
        if len(self._known) + len(new) > _KEPT:
            self._known.clear()
            new = list(dict.fromkeys(names))
        self._known.update(zip(new, self.encoder.encode(new), strict=True))
        if not names:
            return np.zeros((0, self.encoder.dimension), np.float32)
        return np.stack([self._known[name] for name in names])


def likeness(name: str = "") -> Likeness:
    """By an encoder (`kgenrich.adapters.encoders.open_encoder`), the shipped one without a name;
    each is opened once in a process."""
    return _opened(name)


@cache
def _opened(name: str) -> Likeness:
    return Likeness(open_encoder(name or None))
