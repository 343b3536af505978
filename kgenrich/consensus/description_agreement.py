"""Agreement of descriptions, which seldom are equal: two wordings agree when they are alike enough
and no number in them contradicts, and then speak for each other.

Alike is what has a high cosine of vectors, or without a model many characters in common. The
shipped name encoder tells the same from another meaning better than characters do
(docs/evaluation.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import ArrayLike

from kgenrich.consensus.candidate_groups import Ally, Group
from kgenrich.text import vote_key

ORDER = 6
"""chrF compares character n-grams of length 1 to this."""

Similarity = Callable[[Sequence[str], Sequence[str]], ArrayLike]
"""How alike texts are, at most 1, of shape (left, right): `kgenrich.adapters.likeness.Likeness`."""

CHARACTERS = 0.4
VECTORS = 0.6
"""Two descriptions agree from this likeness of characters and of vectors: see
``benchmarks/agreement.py``."""

_NUMBER = re.compile(r"\d{1,18}")


def chrf(left: str, right: str) -> float:
    """chrF (Popovic, 2015) of two normal forms with beta 1, so that it is symmetric, in [0, 1].

    >>> chrf("city in Italy", "city in Italy")
    1.0
    """
    a, b = vote_key(left).replace(" ", ""), vote_key(right).replace(" ", "")
    if a == b:
        return 1.0
    orders = range(1, min(ORDER, len(a), len(b)) + 1)
    if not orders:
        return 0.0
    total = 0.0
    for n in orders:
        x = Counter(a[i : i + n] for i in range(len(a) - n + 1))
        y = Counter(b[i : i + n] for i in range(len(b) - n + 1))
        total += 2 * (x & y).total() / (x.total() + y.total())
    return total / len(orders)


def by_characters(left: Sequence[str], right: Sequence[str]) -> list[list[float]]:
    """`chrf` of all pairs: the similarity without a model."""
    return [[chrf(one, other) for other in right] for one in left]


def contradict(left: str, right: str) -> bool:
    """Whether each text has a number that the other lacks: what is alike but for its year is
    another thing.

    >>> contradict("film of 1994", "film of 1996"), contradict("film of 1994", "American film")
    (True, False)
    """
    a, b = (set(map(int, _NUMBER.findall(text))) for text in (left, right))
    return not (a <= b or b <= a)


class Agreement(Struct, frozen=True):
    """When wordings mean the same: how alike they are, and the ``least`` likeness that counts."""

    similarity: Similarity = by_characters
    least: float = CHARACTERS

    def __call__(self, groups: Sequence[Group]) -> list[Group]:
        """The groups with their allies, most alike first."""
        if len(groups) < 2:
            return list(groups)
        texts = [item.candidate.text for item in groups]
        result = []
        for own, row in zip(groups, np.asarray(self.similarity(texts, texts)), strict=True):
            allies = [
                Ally(other, round(min(1.0, alike), 4))
                for other, alike in zip(groups, row.astype(float).tolist(), strict=True)
                if other is not own
                and alike >= self.least
                and not contradict(own.candidate.text, other.candidate.text)
            ]
            allies.sort(key=lambda ally: -ally.likeness)
            result.append(replace(own, allies=tuple(allies)))
        return result


BY_CHARACTERS = Agreement()
"""The agreement without a model."""
