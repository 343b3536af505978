"""What to ask for: the missing terms of a scope, the most linked entities first.

The first run over a scope asks for all of them. A later one, with the same settings and sources,
asks of the entities alone that were changed since, or of which it got not every answer. Each such
round covers the changes up to one of them; a run that was stopped finishes the round that it is in
and goes on with what was changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from kgenrich import __version__
from kgenrich.model import Scope, TermKind, TermRequest
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import changed_between, forget_changes, latest_change
from kgenrich.store.facts.coverage import Gap, gaps
from kgenrich.store.facts.graph import StoreGraph, most_linked
from kgenrich.store.facts.seen import noted
from kgenrich.store.keys import chunks, entity_key
from kgenrich.store.rows import as_json
from kgenrich.store.story.pending_terms import accepted_terms
from kgenrich.store.story.runs import Run, latest_runs

VERB = "enrich"
_TOGETHER = 1000

Lacks = tuple[Gap, list[tuple[str, TermKind]]]
"""An entity with the languages and kinds that it lacks."""


class Batch(Struct, frozen=True):
    """Requests that are asked together, and where the plan stands after them."""

    requests: tuple[TermRequest, ...]
    position: str


class Round(Struct, frozen=True, omit_defaults=True):
    """A round of a run: it asks of what was changed after the change ``since`` (None: of
    everything) up to ``until``, and of what the run ``again`` got not every answer of. ``at`` is
    the position in its plan, ``fits`` are the graphs that what its sources knew was learned from,
    by their names. One that was ``cut`` does not cover what it should."""

    until: int
    since: int | None = None
    again: int = 0
    at: str = ""
    cut: bool = False
    fits: dict[str, str] = {}

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


def read_round(position: str) -> Round | None:
    """The round that a run is in by its position; None where it is in none."""
    try:
        return msgspec.json.decode(position, type=Round)
    except msgspec.MsgspecError:
        return None


def equal_runs(
    store: Store, scope: Mapping[str, Any], settings_hash: str
) -> Iterator[tuple[Run, Round]]:
    """The finished runs of this version over a scope that asked in the same way, newest first, with
    their last rounds."""
    for run in latest_runs(store, VERB):
        is_new = run.status == "done" and run.code_version == __version__
        is_same = run.settings_hash == settings_hash and _asked(run.scope) == _asked(scope)
        if is_new and is_same and (round := read_round(run.position)) is not None:
            yield run, round


def first_round(
    store: Store,
    scope: Mapping[str, Any],
    settings_hash: str,
    learned_from: Callable[[Collection[str]], dict[str, str]],
) -> Round:
    """The round that a new run begins with: after the last equal one that covered its scope, if its
    sources know what they knew then. ``learned_from`` says by name what graph that was learned
    from; it is not asked where nothing was changed since."""
    until = latest_change(store)
    equal = equal_runs(store, scope, settings_hash)
    for run, last in ((run, round) for run, round in equal if not round.cut):
        is_over = last.until == until and not len(noted(store, run.id))
        if is_over or learned_from(last.fits) == last.fits:
            return Round(until, last.until, run.id, fits=last.fits)
        break
    return Round(until)


def forget_known(store: Store) -> None:
    """Drop the changes that every kind of run has covered."""
    last: dict[str, int] = {}
    for run in latest_runs(store, VERB):
        if (known := read_round(run.position)) is not None and not known.cut:
            covered = known.until if run.status == "done" else known.since or known.until
            last.setdefault(as_json([run.settings_hash, _asked(run.scope)]), covered)
    if last:
        forget_changes(store, min(last.values()))


def _asked(scope: Mapping[str, Any]) -> str:
    return as_json({name: told for name, told in scope.items() if name != "again"})


def entities_of(store: Store, round: Round) -> list[str] | None:
    """The entities that a round asks of, the most linked first; None for all there are."""
    if round.since is None:
        return None
    changed = changed_between(store, round.since, round.until)
    if changed is None:
        return None
    again = noted(store, round.again)
    return most_linked(store, np.union1d(changed, again).tolist())


def gaps_by_entity(
    store: Store, scope: Scope, after: Gap | None = None, ids: Sequence[str] | None = None
) -> Iterator[Lacks]:
    """Entities that lack a term in the languages and of the kinds that the scope names, by
    sitelinks; each once with everything that it lacks. With ``ids``, which are in that order, of
    these alone."""
    if ids is not None:
        wanted = set(scope.ids)
        for chunk in chunks((id for id in ids if not wanted or id in wanted), _TOGETHER):
            yield from gaps_by_entity(store, replace(scope, ids=tuple(chunk)), after)
        return

    def stream(language: str, kind: TermKind) -> Iterator[tuple[int, int, Gap, str, TermKind]]:
        for gap in gaps(store, language, kind, scope, after=after):
            yield -gap.links, entity_key(gap.entity), gap, language, kind

    streams = [stream(language, kind) for language in scope.languages for kind in scope.kinds]
    ordered = merge(*streams, key=lambda row: row[:2])
    for _, rows in groupby(ordered, key=lambda row: row[:2]):
        members = list(rows)
        yield members[0][2], [(language, kind) for *_, language, kind in members]


def batches(
    store: Store,
    scope: Scope,
    *,
    limit: int | None = None,
    after: str = "",
    size: int = 200,
    ids: Sequence[str] | None = None,
) -> Iterator[Batch]:
    """The plan in batches of ``size`` entities; at most ``limit`` entities, counted from the
    start of the plan. ``after`` is the position of the last batch that is done; ``ids`` are those
    of `gaps_by_entity`.

    Terms that somebody has already decided on are not asked for again.
    """
    done, start = 0, None
    if after:
        count, links, entity = after.split(" ", 2)
        done, start = int(count), Gap(entity, int(links))
    graph = StoreGraph(store)
    stream = gaps_by_entity(store, scope, start, ids)
    if limit is not None:
        stream = islice(stream, max(limit - done, 0))
    for chosen in chunks(stream, size):
        entities = {found.id: found for found in graph.entities(gap.entity for gap, _ in chosen)}
        licences = graph.licences(entities)
        decided = accepted_terms(store, list(entities))
        requests = tuple(
            TermRequest(entities[gap.entity], language, kind, licences.get(gap.entity, ""))
            for gap, lacks in chosen
            if gap.entity in entities
            for language, kind in lacks
            if (gap.entity, language, kind) not in decided
        )
        done += len(chosen)
        last, _ = chosen[-1]
        yield Batch(requests, f"{done} {last.links} {last.entity}")
