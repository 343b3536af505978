"""What people's decisions say of sources, of slices, and of the people themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.evaluate.agreement import alpha, pairs
from kgenrich.evaluate.heldout.report import reliability_plot
from kgenrich.evaluate.reliability import calibration_error, reliability
from kgenrich.model import Verdict
from kgenrich.store.story.judgements import Judgement
from kgenrich.text import vote_key

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)
PAUSE = 300.0
"""Seconds after which somebody was away."""
_ACCEPTING = (Verdict.ACCEPT, Verdict.EDIT)
_DECIDING = (*_ACCEPTING, Verdict.REJECT)
REJECTED = "\x00rejected"
"""What rejecting a candidate says of the term, beside the wordings that are accepted."""


class Cut(Struct, frozen=True):
    """Of what had a probability of ``over`` or more: how much was decided, how much of that was
    right, and the share of it with its bounds (95 %, Wilson); None without any."""

    over: float
    decided: int
    right: int
    precision: float | None
    low: float | None
    high: float | None


class Person(Struct, frozen=True):
    """What somebody said: how often which, how much of what others said, too, was the same, how
    many known terms they judged and how many of them rightly, and the minutes that a hundred
    decisions took them."""

    name: str
    decisions: int
    accepted: int
    edited: int
    rejected: int
    shared: int
    agreed: int
    known: int
    known_right: int
    minutes: float | None


def is_right(one: Judgement) -> bool:
    """Whether the proposal was right as it stood."""
    return one.verdict is Verdict.ACCEPT


def judged_rightly(one: Judgement) -> bool:
    """Whether what somebody said of a known term is what the graph says."""
    right = set(map(vote_key, one.held))
    return (vote_key(one.text) in right) == (one.verdict in _ACCEPTING)


def report(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """``all``, ``sources``, ``slices`` (language and kind) and ``reviewers`` with precision at
    thresholds (``cuts``: `Cut`), ``ece`` and ``decided``; ``people`` (`Person`), ``agreement``
    (alpha over all and by language, ``units`` of which several spoke, and ``pairs`` of people),
    ``known`` terms (how many were judged, how many of the proposals for them were right)."""
    said = [one for one in judgements if one.verdict in _DECIDING]
    real = [one for one in said if not one.held]
    final = [one for one in real if one.holds]
    return {
        "all": _figures(final),
        "sources": _grouped(final, lambda one: one.sources),
        "slices": _grouped(final, lambda one: (f"{one.language} {one.kind}",)),
        "reviewers": _grouped(real, lambda one: (one.author,)),
        "people": [asdict(one) for one in people(judgements)],
        "agreement": _agreement(real),
        "known": _known(said),
    }


def people(judgements: Sequence[Judgement]) -> list[Person]:
    """Everybody, those who said most first."""
    said = [one for one in judgements if one.verdict in _DECIDING]
    by_author: dict[str, list[Judgement]] = defaultdict(list)
    for one in said:
        by_author[one.author].append(one)
    shared: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for both, (number, same) in pairs(units(one for one in said if not one.held)).items():
        for name in both:
            shared[name][0] += number
            shared[name][1] += same
    found = [
        Person(
            name,
            len(mine),
            accepted=sum(one.verdict is Verdict.ACCEPT for one in mine),
            edited=sum(one.verdict is Verdict.EDIT for one in mine),
            rejected=sum(one.verdict is Verdict.REJECT for one in mine),
            shared=shared[name][0],
            agreed=shared[name][1],
            known=sum(bool(one.held) for one in mine),
            known_right=sum(judged_rightly(one) for one in mine if one.held),
            minutes=minutes(mine),
        )
        for name, mine in by_author.items()
    ]
    return sorted(found, key=lambda one: (-one.decisions, one.name))


def units(judgements: Iterable[Judgement]) -> list[dict[str, str]]:
    """By term what each person last said of it: a wording that they accept, or `REJECTED`."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in judgements:
        value = one.text if one.verdict in _ACCEPTING else f"{REJECTED} {one.candidate}"
        found[one.subject][one.author] = value
    return [*found.values()]


def minutes(judgements: Sequence[Judgement]) -> float | None:
    """How many minutes a hundred decisions of one person took: the time between one and the next,
    but for pauses. What is decided together counts each for itself."""
    actions: dict[str, tuple[float, int]] = {}
    for one in judgements:
        _, number = actions.get(one.action, (0.0, 0))
        actions[one.action] = datetime.fromisoformat(one.at).timestamp(), number + 1
    ordered = sorted(actions.values())
    spent = [
        (then - before, number)
        for (before, _), (then, number) in pairwise(ordered)
        if then - before <= PAUSE
    ]
    decided = sum(number for _, number in spent)
    return sum(seconds for seconds, _ in spent) / decided * 100 / 60 if decided else None


def plot(judgements: Sequence[Judgement]) -> str:
    """The share that was right over the probability as an SVG picture: all and each source, each
    slice, and each reviewer."""
    real = [one for one in judgements if one.verdict in _DECIDING and not one.held]
    final = [one for one in real if one.holds]
    rows: Sequence[tuple[Sequence[Judgement], Callable[[Judgement], Iterable[str]]]] = (
        (final, lambda one: ("all", *one.sources)),
        (final, lambda one: (f"{one.language} {one.kind}",)),
        (real, lambda one: (one.author,)),
    )
    return reliability_plot(
        [
            [(name, {"decided by people": reliability(*_seen(mine))}) for name, mine in by.items()]
            for some, key in rows
            for by in [_by(some, key)]
        ]
    )


def _grouped(
    judgements: Iterable[Judgement], key: Callable[[Judgement], Iterable[str]]
) -> dict[str, dict[str, Any]]:
    return {name: _figures(mine) for name, mine in _by(judgements, key).items()}


def _by(
    judgements: Iterable[Judgement], key: Callable[[Judgement], Iterable[str]]
) -> dict[str, list[Judgement]]:
    found: dict[str, list[Judgement]] = defaultdict(list)
    for one in judgements:
        for name in key(one):
            found[name].append(one)
    return dict(sorted(found.items()))


def _figures(judgements: Sequence[Judgement]) -> dict[str, Any]:
    cuts = [asdict(_cut(judgements, over)) for over in THRESHOLDS]
    ece = calibration_error(*_seen(judgements))
    return {"decided": len(judgements), "ece": round(ece, 4), "cuts": cuts}


def _cut(judgements: Iterable[Judgement], over: float) -> Cut:
    mine = [one for one in judgements if one.probability >= over]
    right = sum(map(is_right, mine))
    if not mine:
        return Cut(over, 0, 0, None, None, None)
    low, high = wilson(right, len(mine))
    return Cut(over, len(mine), right, round(right / len(mine), 4), round(low, 4), round(high, 4))


def wilson(right: int, number: int) -> tuple[float, float]:
    """The bounds of a share, 95 % (Wilson, 1927).

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    z = 1.959963984540054
    share, square = right / number, z * z / number
    middle = (share + square / 2) / (1 + square)
    wide = z * (share * (1 - share) / number + square / (4 * number)) ** 0.5 / (1 + square)
    return middle - wide, middle + wide


def _seen(judgements: Sequence[Judgement]) -> tuple[list[float], list[bool]]:
    return [one.probability for one in judgements], [is_right(one) for one in judgements]


def _agreement(judgements: Sequence[Judgement]) -> dict[str, Any]:
    languages = sorted({one.language for one in judgements})
    of: Mapping[str, list[dict[str, str]]] = {
        code: units(one for one in judgements if one.language == code) for code in languages
    }
    every = units(judgements)
    return {
        "units": sum(len(unit) > 1 for unit in every),
        "alpha": _alpha(every),
        "languages": {code: _alpha(some) for code, some in of.items()},
        "pairs": [
            {"people": list(both), "both": number, "same": same}
            for both, (number, same) in pairs(every).items()
        ],
    }


def _alpha(some: Sequence[Mapping[str, str]]) -> float | None:
    found = alpha([tuple(unit.values()) for unit in some])
    return None if found is None else round(found, 4)


def _known(judgements: Sequence[Judgement]) -> dict[str, int]:
    mine = [one for one in judgements if one.held]
    candidates = {one.candidate: one for one in mine}
    right = sum(
        vote_key(one.text) in set(map(vote_key, one.held))
        for one in candidates.values()
        if one.verdict is not Verdict.EDIT
    )
    return {
        "judged": len(mine),
        "rightly": sum(map(judged_rightly, mine)),
        "terms": len(candidates),
        "right": right,
    }
