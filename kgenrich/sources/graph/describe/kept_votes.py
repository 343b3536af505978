"""The votes of a language as arrays: what is asked once nothing is hidden any more, small on disk
and read at once."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from hashlib import blake2b

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.sources.graph.describe.templates import Template
from kgenrich.sources.graph.describe.trait_votes import Ballot, Support, Trait

_MOST_RECENT = 100_000

Integers = NDArray[np.int32]


class KeptVotes(Struct, dict=True):
    """See `TraitVotes`; nothing is hidden and nobody's own vote is left out.

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
        """See `TraitVotes.support`."""
        known = self._recent.get(trait)
        if known is None:
            if len(self._recent) >= _MOST_RECENT:
                self._recent.clear()
            place, rows = self._rows(trait)
            total = int(self.totals[place]) if rows else 0
            found = [self.strongest[row].tolist() for row in rows]
            known = total, [Support(self.names[n], votes, clusters) for n, votes, clusters in found]
            self._recent[trait] = known
        return known

    def wording(self, name: str) -> Template:
        """See `TraitVotes.wording`."""
        return self.templates[self._places[name]]

    def varies(self, name: str) -> bool:
        """See `TraitVotes.varies`."""
        return self.varying[self._places[name]]

    def examples(self, trait: Trait, name: str) -> tuple[str, ...]:
        """See `TraitVotes.examples`."""
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
    def _recent(self) -> dict[Trait, tuple[int, list[Support]]]:
        return {}

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
