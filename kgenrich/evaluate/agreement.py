"""How far people agree beyond chance: Krippendorff's alpha for nominal values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence


def alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha (2011) of the values that each unit was given: 1 for full agreement, 0
    for that of chance. None where nothing was said twice, or the same of everything.

    >>> alpha([("a", "a"), ("b", "b"), ("a", "b")])
    0.4444444444444444
    """
    shared = [values for values in units if len(values) > 1]
    total = sum(map(len, shared))
    overall = Counter(value for values in shared for value in values)
    if len(overall) < 2:
        return None
    observed = sum(_disagreeing(Counter(values)) / (len(values) - 1) for values in shared)
    expected = _disagreeing(overall) / (total - 1)
    return 1 - observed / expected


def pairs(units: Iterable[Mapping[str, Hashable]]) -> dict[tuple[str, str], tuple[int, int]]:
    """For each two people, of how many units both said something, and of how many the same; a unit
    maps people to what they said."""
    both: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for unit in units:
        people = sorted(unit)
        for place, one in enumerate(people):
            for other in people[place + 1 :]:
                both[one, other] += 1
                same[one, other] += unit[one] == unit[other]
    return {pair: (number, same[pair]) for pair, number in sorted(both.items())}


def _disagreeing(counts: Counter[Hashable]) -> int:
    """The ordered pairs of different values."""
    total = sum(counts.values())
    return total * total - sum(number * number for number in counts.values())
