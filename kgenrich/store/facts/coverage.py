"""What each language has, inherits and lacks, from the summary; and what it lacks, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Row, and_, or_, select

from kgenrich.languages import fallbacks
from kgenrich.model import MUL, TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage_counts import by_slot, unpack
from kgenrich.store.keys import ALL, chunks, entity_ids, entity_key
from kgenrich.store.tables import classes, entities, terms, totals
from kgenrich.store.tables import coverage as table

_PAGE = 1000
_NONE = (0, 0, 0, 0)


class CoverageRow(Struct, frozen=True):
    """Counts for one language, kind and class (empty: all entities).

    ``entities`` = ``explicit`` + ``inherited`` + ``missing``; ``missing_links`` are the sitelinks
    of the entities that lack the term.
    """

    language: str
    kind: TermKind
    class_id: str
    entities: int
    explicit: int
    inherited: int
    missing: int
    missing_links: int


class Gap(Struct, frozen=True):
    """An entity that lacks a term, and how many sitelinks it has."""

    entity: str
    links: int


def coverage(
    store: Store,
    *,
    languages: Sequence[str] = (),
    kinds: Sequence[TermKind] = (TermKind.LABEL, TermKind.DESCRIPTION),
    classes: Sequence[str] | None = None,
    by_class: bool = False,
    limit: int | None = None,
) -> list[CoverageRow]:
    """Coverage of all entities, of the named ``classes``, or of the largest ``limit`` classes
    (``by_class``), in the order of the classes, then kinds, then languages as given.

    Without ``languages``: those that have or inherit anything, the fullest first.
    """
    with store.read() as connection:
        sizes = select(totals).where(totals.c.entities > 0)
        if classes is not None:
            sizes = sizes.where(totals.c.class_key.in_([entity_key(id) for id in classes]))
        elif by_class:
            sizes = sizes.where(totals.c.class_key != ALL)
            sizes = sizes.order_by(totals.c.entities.desc(), totals.c.class_key).limit(limit)
        else:
            sizes = sizes.where(totals.c.class_key == ALL)
        size = {row.class_key: row for row in connection.execute(sizes)}
        ids = {ALL: "", **entity_ids(connection, size)}
        counts = {
            row.class_key: by_slot(unpack(row.counts))
            for chunk in chunks(size)
            for row in connection.execute(select(table).where(table.c.class_key.in_(chunk)))
        }
    found = []
    for key in _ordered(size, classes):
        mine = counts.get(key, {})
        for kind in kinds:
            codes = languages or sorted(
                store.slots.language(slot) for slot in mine if store.slots.kind(slot) is kind
            )
            rows = [_row(store, mine, size[key], ids[key], code, kind) for code in codes]
            if not languages:
                rows = [row for row in rows if row.missing < row.entities]
                rows.sort(key=lambda row: (row.missing, -row.explicit, row.language))
            found.extend(rows)
    return found


def _ordered(size: dict[int, Row[int, int, int]], classes: Sequence[str] | None) -> list[int]:
    if classes is None:
        return list(size)
    return [key for id in classes if (key := entity_key(id)) in size]


def _row(
    store: Store,
    counts: Mapping[int, tuple[int, int, int, int]],
    size: Row[int, int, int],
    class_id: str,
    language: str,
    kind: TermKind,
) -> CoverageRow:
    slot = store.slots.slot(language, kind)
    explicit, present, _, present_links = counts.get(slot or 0, _NONE)
    if kind is TermKind.LABEL:
        everywhere = counts.get(store.slots.labels[MUL], _NONE)
        present += everywhere[0]
        present_links += everywhere[2]
    return CoverageRow(
        language,
        kind,
        class_id,
        size.entities,
        explicit,
        present - explicit,
        size.entities - present,
        size.links - present_links,
    )


def gaps(
    store: Store,
    language: str,
    kind: TermKind,
    *,
    class_id: str | None = None,
    limit: int | None = None,
    after: Gap | None = None,
) -> Iterator[Gap]:
    """The entities that neither have the term nor inherit it, most sitelinks first, then by key.

    Reads page by page: the store may be written to meanwhile. ``after`` is the last one seen.
    """
    heirs = (language,) if kind is TermKind.ALIAS else (language, *fallbacks(language))
    if kind is TermKind.LABEL:
        heirs = (*heirs, MUL)
    slots = [slot for code in heirs if (slot := store.slots.slot(code, kind)) is not None]
    has = (
        select(terms.c.slot)
        .where(terms.c.entity_key == entities.c.key, terms.c.slot.in_(slots))
        .exists()
    )
    query = (
        select(entities.c.key, entities.c.links)
        .where(entities.c.redirect_key.is_(None), entities.c.deleted.is_(False), ~has)
        .order_by(entities.c.links.desc(), entities.c.key)
    )
    if class_id is not None:
        query = query.join(
            classes,
            and_(
                classes.c.entity_key == entities.c.key,
                classes.c.class_key == entity_key(class_id),
            ),
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
            yield after
        if not rows:
            return
        if left is not None:
            left -= len(rows)
