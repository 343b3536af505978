"""What the descriptions of entities that share a key have in common."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record
from kgenrich.sources.graph.describe.templates import Filled, Template, fill, template_key
from kgenrich.text import vote_key

_MOST_TEMPLATES = 4
_MOST_EXAMPLES = 3
_MIN_VOTES = 2
_USUAL_WITHOUT = 0.25


class Key(NamedTuple):
    """What entities may share, how much it counts, and whether it is of their main class."""

    weight: float
    what: Hashable
    main: bool


class Ballot:
    """Templates by key: how many entities of which cluster were described so."""

    def __init__(self) -> None:
        self._counts: dict[Hashable, dict[str, Counter[str]]] = {}
        self._wordings: dict[str, Counter[Template]] = defaultdict(Counter)
        self._plain: dict[Hashable, tuple[int, list[Tally]]] = {}
        self._wording: dict[str, Template] = {}
        self._examples: dict[tuple[Hashable, str], list[str]] = {}

    def add(self, keys: Iterable[Key], record: Record, template: Template) -> None:
        """Count an entity's description under keys."""
        name = template_key(template)
        self._wordings[name][template] += 1
        for _, key, _ in keys:
            names = self._counts.get(key)
            if names is None:
                names = self._counts[key] = {}
            clusters = names.get(name)
            if clusters is None:
                clusters = names[name] = Counter()
                self._examples[key, name] = [record.id]
            elif clusters.total() < _MOST_EXAMPLES:
                self._examples[key, name].append(record.id)
            clusters[record.cluster] += 1

    def tallies(
        self, key: Hashable, hidden: str = "", own: str | None = None, cluster: str = ""
    ) -> tuple[int, list[Tally]]:
        """All votes under a key and its strongest templates.

        A ``hidden`` cluster does not count, nor does the description of the entity asked about:
        its ``own`` template key, in its own ``cluster``.
        """
        plain = not hidden and own is None
        if plain and key in self._plain:
            return self._plain[key]
        total = 0
        found: list[Tally] = []
        for name, clusters in self._counts.get(key, {}).items():
            votes = clusters.total() - clusters.get(hidden, 0)
            kinds = len(clusters) - (hidden in clusters)
            if own == name and cluster != hidden:
                votes -= 1
                kinds -= clusters[cluster] == 1
            if votes > 0:
                total += votes
                found.append(Tally(name, votes, kinds))
        found.sort(key=lambda t: (-t.votes, t.name))
        if plain:
            self._plain[key] = total, found[:_MOST_TEMPLATES]
        return total, found[:_MOST_TEMPLATES]

    def wording(self, name: str) -> Template:
        """The most usual template among those of one normal form."""
        if name not in self._wording:
            wordings = self._wordings[name]
            self._wording[name] = max(wordings, key=lambda t: (wordings[t], str(t)))
        return self._wording[name]

    def varies(self, name: str) -> bool:
        """Whether a template adds a word to one that is usual without it ("central" to
        "country in {P30}"): what only some entities are said to be."""
        usual = self._wordings[name].total() * _USUAL_WITHOUT
        parts = name.split(" ")
        return len(parts) > 1 and any(
            (shorter := " ".join(parts[:at] + parts[at + 1 :])) in self._wordings
            and self._wordings[shorter].total() >= usual
            for at, part in enumerate(parts)
            if part.isalpha()
        )

    def examples(self, key: Hashable, name: str) -> tuple[str, ...]:
        """Ids of some entities described so."""
        return tuple(self._examples.get((key, name), ()))


@dataclass(frozen=True, slots=True)
class Tally:
    """A template's votes under a key, and the number of clusters that they come from."""

    name: str
    votes: int
    clusters: int


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
    key: Hashable = None
    score: float = 0.0
    share: float = 0.0
    best_share: float = 0.0
    best_votes: int = 0
    main: float = 0.0
    votes: int = 0
    clusters: int = 0
    keys: int = 0
    examples: tuple[str, ...] = field(default=())


def elect(
    ballot: Ballot,
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
    weights = 0.0
    top_weight = 0.0
    leaders: dict[str, float] = {}
    for weight, key, main in keys:
        total, tallies = ballot.tallies(key, hidden, own, record.cluster)
        if not tallies:
            continue
        weight *= math.sqrt(total) / (total + 1.0)
        weights += weight
        if weight > top_weight:
            top_weight, leaders = weight, {}
        for tally in tallies:
            if tally.name not in filled:
                filled[tally.name] = fill(record, ballot.wording(tally.name), lexicon, said, hidden)
            written = filled[tally.name]
            if written is None:
                continue
            normal = vote_key(written.text)
            choice = choices.get(normal)
            if choice is None:
                template = ballot.wording(tally.name)
                choice = choices[normal] = Choice(written, template, tally.name)
            share = tally.votes / (total + 0.5)
            choice.score += weight * share
            choice.keys += 1
            if main:
                choice.main = max(choice.main, share)
            if (share, tally.votes) > (choice.best_share, choice.best_votes):
                choice.best_share, choice.best_votes = share, tally.votes
                choice.key = key
            choice.votes = max(choice.votes, tally.votes)
            choice.clusters = max(choice.clusters, tally.clusters)
            if weight == top_weight:
                leaders[normal] = max(leaders.get(normal, 0.0), share)
    for normal, choice in choices.items():
        choice.score /= weights
        choice.share = leaders.get(normal, 0.0)
        choice.examples = ballot.examples(choice.key, choice.name)
    sure = [choice for choice in choices.values() if choice.votes >= _MIN_VOTES]
    return sorted(sure, key=lambda c: (-c.score, c.filled.text))
