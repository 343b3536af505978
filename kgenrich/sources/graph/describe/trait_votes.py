"""What the descriptions of entities that share something have in common."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.sources.graph.describe.records import Record
from kgenrich.sources.graph.describe.templates import Template, template_key
from kgenrich.text import is_letter

_MOST_TEMPLATES = 4
_MOST_EXAMPLES = 3
_USUAL_WITHOUT = 0.25
_MOST_RECENT = 100_000

Integers = NDArray[np.int32]
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


class Ballot:
    """Templates by what entities share: how many entities of which cluster were described so. These
    are the votes while they are counted."""

    def __init__(self) -> None:
        self.counts: dict[Trait, dict[str, Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self._wordings: dict[str, Counter[Template]] = defaultdict(Counter)
        self._wording: dict[str, Template] = {}
        self._examples: dict[tuple[Trait, str], list[str]] = defaultdict(list)

    def add(self, keys: Iterable[Key], record: Record, template: Template) -> None:
        """Count an entity's description under keys."""
        name = template_key(template)
        self._wordings[name][template] += 1
        for _, trait, _ in keys:
            self.counts[trait][name][record.cluster] += 1
            examples = self._examples[trait, name]
            if len(examples) < _MOST_EXAMPLES:
                examples.append(record.id)

    def support(
        self, trait: Trait, hidden: str = "", own: str | None = None, cluster: str = ""
    ) -> tuple[int, list[Support]]:
        """All votes under a key and its strongest templates.

        A ``hidden`` cluster does not count, nor does the description of the entity asked about:
        its ``own`` template key, in its own ``cluster``.
        """
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
        found.sort(key=lambda one: (-one.votes, one.name))
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
            if all(map(is_letter, part))
        )

    def examples(self, trait: Trait, name: str) -> tuple[str, ...]:
        """Ids of some entities described so."""
        return tuple(self._examples.get((trait, name), ()))


class KeptVotes(Struct, dict=True):
    """The votes of a `Ballot` as arrays: what is asked once nothing is hidden any more and nobody's
    own vote is left out, small on disk and read at once.

    ``keys`` (n,) uint64 are the sorted hashes of what entities share, ``totals`` (n,) all votes
    under each, ``ends`` (n,) where its rows of ``strongest`` end: (m, 3), the template's place in
    ``names``, votes and clusters; ``examples`` (m, 3) are places in ``ids``, -1 for none.
    ``templates`` and ``varying`` are those of the ``names``.
    """

    keys: NDArray[np.uint64]
    totals: Integers
    ends: Integers
    strongest: Integers
    examples_of: Integers
    names: list[str]
    templates: list[Template]
    varying: list[bool]
    ids: list[str]

    def support(
        self, trait: Trait, hidden: str = "", own: str | None = None, cluster: str = ""
    ) -> tuple[int, list[Support]]:
        return self._support(trait)

    def wording(self, name: str) -> Template:
        return self.templates[self._places[name]]

    def varies(self, name: str) -> bool:
        return self.varying[self._places[name]]

    def examples(self, trait: Trait, name: str) -> tuple[str, ...]:
        for row in self._rows(trait)[1]:
            if self.strongest[row, 0] == self._places[name]:
                return tuple(self.ids[one] for one in self.examples_of[row].tolist() if one >= 0)
        return ()

    def _rows(self, trait: Trait) -> tuple[int, range]:
        mark = _hash(trait)
        place = bisect_left(self.keys.data, mark)
        if place == len(self.keys) or self.keys[place] != mark:
            return place, range(0)
        return place, range(int(self.ends[place - 1]) if place else 0, int(self.ends[place]))

    @cached_property
    def _support(self) -> Callable[[Trait], tuple[int, list[Support]]]:
        @lru_cache(maxsize=_MOST_RECENT)
        def support(trait: Trait) -> tuple[int, list[Support]]:
            place, rows = self._rows(trait)
            found = [self.strongest[row].tolist() for row in rows]
            supports = [Support(self.names[n], votes, clusters) for n, votes, clusters in found]
            return int(self.totals[place]) if rows else 0, supports

        return support

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}


def keep(ballot: Ballot) -> KeptVotes:
    """The votes of a ballot."""
    traits = list(ballot.counts)
    marks = np.fromiter(map(_hash, traits), np.uint64, len(traits))
    order = np.argsort(marks)
    names: dict[str, int] = {}
    ids: dict[str, int] = {}
    totals, ends, strongest, examples = [], [], [], []
    for place in order.tolist():
        trait = traits[place]
        total, supports = ballot.support(trait)
        totals.append(total)
        for name, votes, clusters in supports:
            strongest.append((names.setdefault(name, len(names)), votes, clusters))
            few = [ids.setdefault(one, len(ids)) for one in ballot.examples(trait, name)]
            examples.append([*few, -1, -1][:3])
        ends.append(len(strongest))
    return KeptVotes(
        marks[order],
        np.array(totals, np.int32),
        np.array(ends, np.int32),
        np.array(strongest, np.int32).reshape(-1, 3),
        np.array(examples, np.int32).reshape(-1, 3),
        list(names),
        [ballot.wording(name) for name in names],
        [ballot.varies(name) for name in names],
        list(ids),
    )


def _hash(trait: Trait) -> int:
    return int.from_bytes(blake2b("\0".join(trait).encode(), digest_size=8).digest())
