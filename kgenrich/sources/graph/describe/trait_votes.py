"""What the descriptions of entities that share a key have in common."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record
from kgenrich.sources.graph.describe.templates import Filled, Template, fill, template_key
from kgenrich.text import vote_key

_MOST_TEMPLATES = 4
_MOST_EXAMPLES = 3
_MIN_VOTES = 2
_USUAL_WITHOUT = 0.25


Trait = tuple[str, ...]
"""Something that entities may share."""


class Key(NamedTuple):
    """What entities may share, how much it counts, and whether it is of their main class."""

    weight: float
    what: Trait
    main: bool


class Support(NamedTuple):
    """A template's votes under a key, and the number of clusters that they come from."""

    name: str
    votes: int
    clusters: int


class TraitVotes(Protocol):
    """Templates by what entities share: how many entities of which cluster were described so."""

    def support(
        self, trait: Trait, hidden: str = "", own: str | None = None, cluster: str = ""
    ) -> tuple[int, list[Support]]:
        """All votes under a key and its strongest templates.

        A ``hidden`` cluster does not count, nor does the description of the entity asked about:
        its ``own`` template key, in its own ``cluster``.
        """
        ...

    def wording(self, name: str) -> Template:
        """The most usual template among those of one normal form."""
        ...

    def varies(self, name: str) -> bool:
        """Whether a template adds a word to one that is usual without it ("central" to
        "country in {P30}"): what only some entities are said to be."""
        ...

    def examples(self, trait: Trait, name: str) -> tuple[str, ...]:
        """Ids of some entities described so."""
        ...


class Ballot:
    """The votes while they are counted. See `TraitVotes`."""

    def __init__(self) -> None:
        self.counts: dict[Trait, dict[str, Counter[str]]] = {}
        self._wordings: dict[str, Counter[Template]] = defaultdict(Counter)
        self._wording: dict[str, Template] = {}
        self._examples: dict[tuple[Trait, str], list[str]] = {}

    def add(self, keys: Iterable[Key], record: Record, template: Template) -> None:
        """Count an entity's description under keys."""
        name = template_key(template)
        self._wordings[name][template] += 1
        for _, trait, _ in keys:
            clusters = self.counts.setdefault(trait, {}).get(name)
            if clusters is None:
                clusters = self.counts[trait][name] = Counter()
                self._examples[trait, name] = [record.id]
            elif clusters.total() < _MOST_EXAMPLES:
                self._examples[trait, name].append(record.id)
            clusters[record.cluster] += 1

    def support(
        self, trait: Trait, hidden: str = "", own: str | None = None, cluster: str = ""
    ) -> tuple[int, list[Support]]:
        """See `TraitVotes.support`."""
        total = 0
        found: list[Support] = []
        for name, clusters in self.counts.get(trait, {}).items():
            votes = clusters.total() - clusters.get(hidden, 0)
            kinds = len(clusters) - (hidden in clusters)
            if own == name and cluster != hidden:
                votes -= 1
                kinds -= clusters[cluster] == 1
            if votes > 0:
                total += votes
                found.append(Support(name, votes, kinds))
        if len(found) > 1:
            found.sort(key=lambda one: (-one.votes, one.name))
        return total, found[:_MOST_TEMPLATES]

    def wording(self, name: str) -> Template:
        """See `TraitVotes.wording`."""
        if name not in self._wording:
            wordings = self._wordings[name]
            self._wording[name] = max(wordings, key=lambda t: (wordings[t], str(t)))
        return self._wording[name]

    def varies(self, name: str) -> bool:
        """See `TraitVotes.varies`."""
        usual = self._wordings[name].total() * _USUAL_WITHOUT
        parts = name.split(" ")
        return len(parts) > 1 and any(
            (shorter := " ".join(parts[:at] + parts[at + 1 :])) in self._wordings
            and self._wordings[shorter].total() >= usual
            for at, part in enumerate(parts)
            if part.isalpha()
        )

    def examples(self, trait: Trait, name: str) -> tuple[str, ...]:
        """See `TraitVotes.examples`."""
        return tuple(self._examples.get((trait, name), ()))


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
    examples: tuple[str, ...] = field(default=())


def elect(
    ballot: TraitVotes,
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
        total, tallies = ballot.support(key, hidden, own, record.cluster)
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
