"""Agreement of descriptions, which seldom are equal: by shared characters and words, or by
vectors where there is a model for them.

The most central candidate stands for what the others mean: the one with the highest mean
similarity to all (minimum Bayes risk choice).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from kgenrich.text import vote_key

ORDER = 6
"""chrF compares character n-grams of length 1 to this."""

Similarity = Callable[[Sequence[str]], list[list[float]]]
"""Similarities in [0, 1] of all texts with each other, shape (n, n)."""

AGREE = 0.4
"""Two descriptions agree over this similarity of characters; M-NTA has 0.5 for vectors."""


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


def by_characters(texts: Sequence[str]) -> list[list[float]]:
    """`chrf` of all pairs: the similarity without a model."""
    table = [[1.0] * len(texts) for _ in texts]
    for i, one in enumerate(texts):
        for j in range(i):
            table[i][j] = table[j][i] = chrf(one, texts[j])
    return table


def central(texts: Sequence[str], similarity: Similarity = by_characters) -> list[float]:
    """How central each text is: its mean similarity to the others, 0 for a single text."""
    table = similarity(texts)
    others = max(1, len(texts) - 1)
    return [(sum(row) - row[i]) / others for i, row in enumerate(table)]


def supporters(
    texts: Sequence[str], similarity: Similarity = by_characters, agree: float = AGREE
) -> list[int]:
    """How many other texts agree with each: the M-NTA score of a description."""
    table = similarity(texts)
    return [
        sum(value > agree for j, value in enumerate(row) if j != i) for i, row in enumerate(table)
    ]
