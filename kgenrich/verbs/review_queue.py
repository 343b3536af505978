"""The review queue as a whole: how much there is, by what, how far each language is."""

from __future__ import annotations

import time
from collections.abc import Sequence

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.model import TermKind
from kgenrich.store.story.known import due
from kgenrich.store.story.queue import (
    Count,
    Position,
    Progress,
    candidates_of,
    count_items,
    facets,
    ids_of,
    items,
    position,
    progress,
    source_names,
)
from kgenrich.store.story.queue_counts import CLASS, CODE, IMPACT, SOURCE
from kgenrich.verbs.review import (
    ReviewOptions,
    Wording,
    labelled,
    masked_label,
    read_filter,
)
from kgenrich.verbs.workspace import Workspace

_MOST = 12


class Choice(Struct, frozen=True):
    """A value that the queue can be narrowed to, and how many items it leaves."""

    value: str
    name: Wording
    number: int


class Line(Struct, frozen=True):
    """An item of the queue in a list."""

    candidate: str
    entity: str
    label: Wording
    text: Wording
    kind: TermKind
    probability: float
    state: str


class Overview(Struct, frozen=True):
    """The queue under a filter: how many items, the first ones, where they go on (``after``, empty
    at the end), what it can be narrowed to, and how far each language and kind is."""

    count: Count
    lines: tuple[Line, ...]
    after: str
    classes: tuple[Choice, ...]
    sources: tuple[Choice, ...]
    codes: tuple[Choice, ...]
    impact: tuple[Choice, ...]
    progress: dict[tuple[str, TermKind], Progress]


def review_queue(
    workspace: Workspace,
    options: ReviewOptions,
    readers: Sequence[str],
    *,
    limit: int,
    after: str = "",
    reviewer: str = "",
) -> Overview:
    """The queue under a filter, with labels in the languages that the reader reads; first what a
    ``reviewer`` is shown next. Raises `UsageError` for a place ``after`` which there is nothing,
    and as `read_filter`."""
    store = workspace.store
    chosen = read_filter(workspace, options)
    found = items(store, chosen, limit=limit, after=_position(after))
    known = None
    if reviewer and found and not after:
        known = due(store, chosen, found[0], reviewer, time.time())
    if known:
        found = [known, *found][:limit]
    told = candidates_of(store, [item.candidate_id for item in found])
    counted = facets(store, chosen)
    top = [int(key) for key, _ in counted[CLASS].most_common(_MOST)]
    class_ids, names = ids_of(store, top), source_names(store)
    ids = {one.entity for one in told.values()} | {*class_ids.values()}
    labels = labelled(store, ids, readers)
    if known:
        one = told[known.candidate_id]
        labels[one.entity] = masked_label(workspace, one, readers)
    lines = tuple(
        Line(
            item.candidate_id,
            one.entity,
            labels[one.entity],
            Wording(one.text, one.language),
            one.kind,
            item.probability,
            item.state,
        )
        for item in found
        for one in [told[item.candidate_id]]
    )
    number = count_items(store, chosen)
    if not number.exact:
        number = Count(max(number.number, len(lines)), exact=False)
    last = ".".join(map(str, position(found[-1]))) if len(found) == limit else ""
    return Overview(
        number,
        lines,
        last,
        tuple(Choice(id, labels[id], counted[CLASS][str(key)]) for key, id in class_ids.items()),
        tuple(
            Choice(names[key], Wording(names[key]), number)
            for key, number in counted[SOURCE].most_common(_MOST)
        ),
        tuple(
            Choice(code, Wording(code), number) for code, number in counted[CODE].most_common(_MOST)
        ),
        tuple(
            Choice(step, Wording(step), number)
            for step, number in sorted(counted[IMPACT].items(), key=lambda pair: -int(pair[0]))
        ),
        progress(store, options.floor),
    )


def _position(after: str) -> Position | None:
    if not after:
        return None
    try:
        links, key, slot = map(int, after.split("."))
    except ValueError as error:
        raise UsageError(f"{after[:100]!r} is no place in the queue.") from error
    if not all(-(2**63) <= number < 2**63 for number in (links, key, slot)):
        raise UsageError(f"{after[:100]!r} is no place in the queue.")
    return links, key, slot
