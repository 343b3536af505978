"""The two channels by which a description comes: what entities have to share for the description
of one to tell about that of another, the wordings that the votes under it speak for, and how
probable the best ones are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import fit
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import COUNTRY, Record
from kgenrich.sources.graph.describe.templates import Filled, Template, fill
from kgenrich.sources.graph.describe.trait_votes import Ballot, KeptVotes, Key, Trait
from kgenrich.text import vote_key

COMPOSER, MEMORY = "composer", "memory"
CHANNELS = (COMPOSER, MEMORY)

_MOST_TOGETHER = 2
_MIN_VOTES = 2
_RIDGE = 1.0
_ENOUGH = 40
_FARTHEST = 5.0


class Reading(NamedTuple):
    """What a description in a source language says: as it stands, with slots, and which values."""

    source: str
    text: str
    exact: str
    slotted: str
    values: frozenset[str]


def composer_keys(reduced: Record) -> list[Key]:
    """Class, with the gender for those who have one, and up to two features: those with more
    features weigh more, further classes less."""
    return [
        Key((1.0 + size) / (1 + place), (name, reduced.gender, *chain(*chosen)), place == 0)
        for place, name in enumerate(reduced.classes or ("",))
        for size in range(_MOST_TOGETHER + 1)
        for chosen in combinations(reduced.features, size)
    ]


def memory_keys(reduced: Record, readings: Iterable[Reading]) -> list[Key]:
    """Class, gender, and what a description in another language says, exactly and with slots;
    across classes only within one country and exactly."""
    keys = []
    for source, _, exact, slotted, _ in readings:
        for place, name in enumerate(reduced.classes[:2]):
            for said in (exact, slotted) if exact != slotted else (exact,):
                what = (source, name, reduced.gender, said)
                keys.append(Key(1.0 / (1 + place), what, place == 0))
        for country in reduced.values.get(COUNTRY, ())[:1]:
            keys.append(Key(0.5, (source, country, reduced.gender, exact), False))
    return keys


@dataclass(slots=True)
class Choice:
    """A wording with all that speaks for it: ``score`` (see `elect`); its share of the votes under
    the weightiest key (``share``), under the key where it is largest (``best_share``, with
    ``best_votes`` and the ``key``), and of those under keys of the main class (``main``); the most
    ``votes`` and ``clusters`` under one key, and the number of ``keys``.
    """

    filled: Filled
    template: Template
    name: str
    key: Trait = ()
    score: float = 0.0
    share: float = 0.0
    best_share: float = 0.0
    best_votes: int = 0
    main: float = 0.0
    votes: int = 0
    clusters: int = 0
    keys: int = 0
    examples: tuple[str, ...] = ()


def elect(
    ballot: Ballot | KeptVotes,
    keys: Iterable[Key],
    record: Record,
    lexicon: Lexicon,
    *,
    said: Collection[str] = (),
    hidden: str = "",
    own: str | None = None,
) -> list[Choice]:
    """The wordings that the keys speak for, best first; those with one vote alone are left out.

    A wording's score is the weighted mean of its share of the votes over all keys that anybody
    voted under. Of keys with the same weight, those that fewer share tell more.
    """
    choices: dict[str, Choice] = {}
    filled: dict[str, Filled | None] = {}
    weights = top_weight = 0.0
    leaders: dict[str, float] = {}
    for weight, key, main in keys:
        total, supports = ballot.support(key, hidden, own, record.cluster)
        if not supports:
            continue
        weight *= math.sqrt(total) / (total + 1.0)
        weights += weight
        if weight > top_weight:
            top_weight, leaders = weight, {}
        for name, votes, clusters in supports:
            if name not in filled:
                filled[name] = fill(record, ballot.wording(name), lexicon, said, hidden)
            written = filled[name]
            if written is None:
                continue
            normal = vote_key(written.text)
            if normal not in choices:
                choices[normal] = Choice(written, ballot.wording(name), name)
            choice = choices[normal]
            share = votes / (total + 0.5)
            choice.score += weight * share
            choice.keys += 1
            if main:
                choice.main = max(choice.main, share)
            if (share, votes) > (choice.best_share, choice.best_votes):
                choice.best_share, choice.best_votes, choice.key = share, votes, key
            choice.votes = max(choice.votes, votes)
            choice.clusters = max(choice.clusters, clusters)
            if weight == top_weight:
                leaders[normal] = max(leaders.get(normal, 0.0), share)
    for normal, choice in choices.items():
        choice.score /= weights
        choice.share = leaders.get(normal, 0.0)
        choice.examples = ballot.examples(choice.key, choice.name)
    sure = [choice for choice in choices.values() if choice.votes >= _MIN_VOTES]
    return sorted(sure, key=lambda c: (-c.score, c.filled.text))


def same(one: Choice, other: Choice) -> bool:
    """Whether two choices say the same in normal form."""
    return vote_key(one.filled.text) == vote_key(other.filled.text)


class ChannelChoices(NamedTuple):
    """The choices by channel, best first and none that is refused at the top.

    ``familiar`` is the share of the entity's other descriptions (as they stand and with slots)
    that others of its class have too, ``readings`` the number of these descriptions.
    """

    choices: Mapping[str, Sequence[Choice]]
    familiar: float
    readings: int

    def features(self, channel: str) -> list[float]:
        """What the calibrator sees of a channel's best choice."""
        top, *others = self.choices[channel]
        agrees = differs = concord = 0.0
        if rivals := self.choices.get(MEMORY if channel == COMPOSER else COMPOSER):
            agree = same(rivals[0], top)
            agrees, differs = float(agree), float(not agree)
            concord = rivals[0].score if agree else -rivals[0].score
        support = math.log1p(top.best_votes)
        return [
            top.score,
            top.score**3,
            top.score * support,
            top.score * agrees,
            top.score * self.familiar,
            top.score - (others[0].score if others else 0.0),
            float(not others),
            top.share,
            top.best_share,
            top.main,
            support,
            math.log1p(top.clusters),
            math.log1p(top.keys),
            top.filled.sureness,
            float(bool(top.filled.values)),
            agrees,
            differs,
            concord,
            self.familiar,
            math.log1p(self.readings),
        ]


class Calibrator(Struct, frozen=True):
    """Ridge logistic regression on standardised features: the constant, and mean, scale and slope
    of each feature. Without features it says nothing and all probabilities are 0."""

    constant: float = 0.0
    terms: tuple[tuple[float, float, float], ...] = ()

    def probability(self, features: Sequence[float]) -> float:
        """The probability of one, in [0, 1]."""
        if not self.terms:
            return 0.0
        total = self.constant
        for feature, (mean, scale, slope) in zip(features, self.terms, strict=True):
            total += slope * max(-_FARTHEST, min(_FARTHEST, (feature - mean) / scale))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def fit_calibrator(
    features: Sequence[Sequence[float]], right: Sequence[bool], weights: Sequence[float]
) -> Calibrator:
    """Fit to n examples: ``features`` (n, d), ``right`` (n,), ``weights`` (n,) what each counts
    for. A source that could not be measured, on fewer than 40 of them, does not speak."""
    if len(right) < _ENOUGH:
        return Calibrator()
    x = np.asarray(features, dtype=np.float64)
    counts = np.asarray(weights, dtype=np.float64)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    scaled = np.clip((x - mean) / scale, -_FARTHEST, _FARTHEST)
    rows = np.hstack([np.ones((len(x), 1)), scaled])
    size = rows.shape[1]
    ridge = np.full(size, _RIDGE)
    ridge[0] = 1e-6
    constant, *slopes = fit(
        rows,
        np.asarray(right, dtype=np.float64),
        counts * (len(right) / counts.sum()),
        ridge,
        np.zeros(size),
        np.full(size, -np.inf),
    ).tolist()
    return Calibrator(constant, tuple(zip(mean.tolist(), scale.tolist(), slopes, strict=True)))
