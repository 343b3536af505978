"""What each language has, inherits and lacks, from the summary; and what it lacks, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from msgspec import Struct
from sqlalchemy import Connection, null, or_, select

from kgenrich.languages import fallbacks, in_script, script
from kgenrich.model import EVERYTHING, MUL, UNDETERMINED, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage_counts import NOTHING, Counts, add, by_slot, unpack
from kgenrich.store.facts.recount import recount
from kgenrich.store.keys import ALL, entity_ids, entity_key, rows_with, type_key
from kgenrich.store.scope import within
from kgenrich.store.tables import (
    ITEMS,
    entities,
    is_alive,
    is_of_type,
    terms,
    totals,
    type_codes,
)
from kgenrich.store.tables import coverage as table
from kgenrich.store.term_slots import KINDS, in_script_slot, other_script_slot

_PAGE = 1000
_NONE = (0, 0, 0, 0)


class CoverageRow(Struct, frozen=True):
    """Counts for one language, kind and class (empty: all entities).

    ``entities`` = ``explicit`` + ``inherited`` + ``other_script`` + ``missing``; ``other_script``
    have nothing but a label for all languages that is not in the script of the language.
    ``missing_links`` are the sitelinks of the entities that lack the term.
    """

    language: str
    kind: TermKind
    class_id: str
    entities: int
    explicit: int
    inherited: int
    missing: int
    missing_links: int
    other_script: int = 0


class Gap(Struct, frozen=True):
    """An entity that lacks a term, and how many sitelinks it has."""

    entity: str
    links: int


def coverage(
    store: Store,
    scope: Scope = EVERYTHING,
    *,
    classes: Sequence[str] = (),
    by_class: bool = False,
    limit: int | None = None,
) -> list[CoverageRow]:
    """Coverage of all entities of the scope, or of each of the ``classes``, or (``by_class``) of
    the largest ``limit`` classes, in the order of the classes, then kinds, then languages as given.

    Without languages: those that have or inherit anything, the fullest first, but for what is in a
    language that nobody knows. The summary has it
    all, but for a scope with ids, whose terms are counted.
    """
    if scope.class_id is not None and not classes:
        classes = (scope.class_id,)
    keys = None if by_class and not classes else [entity_key(id) for id in classes] or [ALL]
    types = scope.types or ITEMS
    with store.read() as connection:
        if scope.ids or scope.origin or (types != ITEMS and keys != [ALL]):
            where = [*within(store, scope, entities.c.key), is_of_type(types)]
            sizes, counts = recount(connection, store.slots, *where, alike=True).sums()
        elif types != ITEMS:
            sizes, counts = _summed(
                connection, [type_key(type) for type in type_codes(types)], None
            )
            sizes, counts = _together(sizes, counts)
        else:
            sizes, counts = _summed(connection, keys, limit)
        ids = {ALL: "", **entity_ids(connection, sizes)}
    if keys is None:
        keys = sorted(sizes.keys() - {ALL}, key=lambda key: (-sizes[key][0], key))[:limit]
    found = []
    for key in keys:
        if key not in sizes:
            continue
        by_term = by_slot(counts[key]) if key in counts else {}
        for kind in scope.kinds or KINDS:
            pairs = [store.slots.term(slot) for slot in by_term if slot > 0]
            codes = scope.languages or sorted(
                code for code, its_kind in pairs if its_kind is kind and code != UNDETERMINED
            )
            rows = [_row(store, by_term, sizes[key], ids[key], code, kind) for code in codes]
            if not scope.languages:
                rows = [row for row in rows if row.missing < row.entities]
                rows.sort(key=lambda row: (row.missing, -row.explicit, row.language))
            found.extend(rows)
    return found


def _summed(
    connection: Connection, keys: Sequence[int] | None, limit: int | None
) -> tuple[Mapping[int, tuple[int, int]], Mapping[int, Counts]]:
    """Entities and links, and counts, that the summary has of the classes, or of the largest."""
    query = select(totals).where(totals.c.entities > 0)
    if keys is None:
        query = query.where(totals.c.class_key != ALL)
        query = query.order_by(totals.c.entities.desc(), totals.c.class_key).limit(limit)
    else:
        query = query.where(totals.c.class_key.in_(keys))
    sizes = {row.class_key: (row.entities, row.links) for row in connection.execute(query)}
    return sizes, {
        row.class_key: unpack(row.counts)
        for row in rows_with(connection, select(table), table.c.class_key, sizes)
    }


def _together(
    sizes: Mapping[int, tuple[int, int]], counts: Mapping[int, Counts]
) -> tuple[Mapping[int, tuple[int, int]], Mapping[int, Counts]]:
    """The sums of several keys, as those of all entities."""
    total = reduce(add, counts.values(), NOTHING)
    size = tuple(map(sum, zip(*sizes.values(), strict=True))) or (0, 0)
    return {ALL: (size[0], size[1])}, {ALL: total}


def _row(
    store: Store,
    counts: Mapping[int, tuple[int, int, int, int]],
    size: tuple[int, int],
    class_id: str,
    language: str,
    kind: TermKind,
) -> CoverageRow:
    slots = store.slots
    explicit, present, _, present_links = counts.get(slots.slot(language, kind) or 0, _NONE)
    apart = apart_links = 0
    if kind is TermKind.LABEL:
        everywhere, _, everywhere_links, _ = counts.get(slots.labels[MUL], _NONE)
        if (written := script(language)) == "Zyyy":
            own, own_links = everywhere, everywhere_links
        else:
            own, _, own_links, _ = counts.get(in_script_slot(slots, written), _NONE)
            _, beside, _, beside_links = counts.get(other_script_slot(slots, language) or 0, _NONE)
            own, own_links = own + beside, own_links + beside_links
        present, present_links = present + own, present_links + own_links
        apart, apart_links = everywhere - own, everywhere_links - own_links
    return CoverageRow(
        language,
        kind,
        class_id,
        size[0],
        explicit,
        present - explicit,
        size[0] - present - apart,
        size[1] - present_links - apart_links,
        apart,
    )


def gaps(
    store: Store,
    language: str,
    kind: TermKind,
    scope: Scope = EVERYTHING,
    *,
    limit: int | None = None,
    after: Gap | None = None,
) -> Iterator[Gap]:
    """The entities of the scope's class and ids that neither have the term nor inherit it, most
    sitelinks first, then by key; with the scope's ``other_script`` also those that inherit it in
    another script alone.

    Reads page by page: the store may be written to meanwhile. ``after`` is the last one seen.
    """
    heirs = (language,) if kind is TermKind.ALIAS else (language, *fallbacks(language))
    apart = scope.other_script and kind is TermKind.LABEL
    if kind is TermKind.LABEL and not apart:
        heirs = (*heirs, MUL)
    slots = [slot for code in heirs if (slot := store.slots.slot(code, kind)) is not None]
    has = (
        select(terms.c.slot)
        .where(terms.c.entity_key == entities.c.key, terms.c.slot.in_(slots))
        .exists()
    )
    everywhere = select(terms.c.text).where(
        terms.c.entity_key == entities.c.key, terms.c.slot == store.slots.labels[MUL]
    )
    label = everywhere.scalar_subquery() if apart else null()
    query = (
        select(entities.c.key, entities.c.links, label.label("everywhere"))
        .where(*is_alive(), is_of_type(scope.types or ITEMS), ~has)
        .where(*within(store, scope, entities.c.key))
        .order_by(entities.c.links.desc(), entities.c.key)
    )
    left = limit
    while left is None or left > 0:
        page = query.limit(_PAGE if left is None else min(_PAGE, left))
        if after is not None:
            # Both bounds, so that an index over (links, key) is entered at the right place.
            page = page.where(
                entities.c.links <= after.links,
                or_(entities.c.links < after.links, entities.c.key > entity_key(after.entity)),
            )
        with store.read() as connection:
            rows = connection.execute(page).all()
            ids = entity_ids(connection, [row.key for row in rows])
        for row in rows:
            after = Gap(ids[row.key], row.links)
            if row.everywhere is None or not in_script(row.everywhere, language):
                yield after
                left = None if left is None else left - 1
        if not rows:
            return
