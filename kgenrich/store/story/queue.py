"""The review queue: what is to be decided, counted and one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from kgenrich.model import Candidate, TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_ids, entity_key
from kgenrich.store.scope import among
from kgenrich.store.story import queue_counts as counts
from kgenrich.store.story.answers import read_candidates
from kgenrich.store.story.conditions import ACCEPTING, is_alias
from kgenrich.store.story.opinions import is_standing
from kgenrich.store.story.queue_counts import BANDS, DEFAULT_FLOOR, IMPACTS, Item
from kgenrich.store.story.queue_upkeep import DISAGREEMENT, OPEN, SECOND, settle
from kgenrich.store.tables import (
    LIKELY,
    UNLIKELY,
    decisions,
    is_indexed_label,
    leases,
    queue,
    skips,
    sources,
    terms,
)
from kgenrich.store.tables import queue_counts as counts_table
from kgenrich.store.term_slots import KIND_CODES

MANY = 5_000
"""So many items (of each language) are looked through where there is no kept number."""
_NAMED = 1000
_LAST = "\U0010ffff"
_FACETS = (counts.CLASS, counts.SOURCE, counts.CODE, counts.IMPACT)


class QueueFilter(Struct, frozen=True):
    """Which items of the queue: of these languages and kinds, of entities of this class or among
    ``ids``, resting on the ``source`` of this name, with this ``code``, in one of these ``states``,
    of entities with at least ``links`` sitelinks, from the probability ``floor`` on. What is empty
    does not narrow."""

    languages: tuple[str, ...] = ()
    kinds: tuple[TermKind, ...] = ()
    class_id: str = ""
    source: str = ""
    code: str = ""
    links: int = 0
    states: tuple[str, ...] = (OPEN, SECOND)
    floor: float = DEFAULT_FLOOR
    ids: tuple[str, ...] = ()


class Count(Struct, frozen=True):
    """How many; ``exact`` is unset where there are that many or more."""

    number: int
    exact: bool = True


Position = tuple[int, int, int]
"""Where an item stands: its links, entity key and slot."""


def position(item: Item) -> Position:
    """Where an item stands."""
    return item.links, item.entity_key, item.slot


def items(
    store: Store,
    chosen: QueueFilter,
    *,
    limit: int = 1,
    after: Position | None = None,
    reviewer: str | None = None,
    now: float = 0.0,
    also: Sequence[ColumnElement[bool]] = (),
) -> list[Item]:
    """Items of the queue, those of the entities with most sitelinks first, ``after`` one. For a
    ``reviewer`` those that others have a lease of at the time ``now``, that the reviewer put off
    or has an opinion of, are left out. ``also`` are more conditions."""
    settle(store)
    with store.read() as connection:
        return read_items(store, connection, chosen, limit, after, reviewer, now, also)


def read_items(
    store: Store,
    connection: Connection,
    chosen: QueueFilter,
    limit: int,
    after: Position | None,
    reviewer: str | None,
    now: float,
    also: Sequence[ColumnElement[bool]] = (),
) -> list[Item]:
    """`items` in a transaction."""
    where = [*_where(store, connection, chosen), *also]
    if after is not None:
        where.append(_is_after(after))
    if reviewer is not None:
        mine = queue.c.candidate_id
        where.append(
            ~exists().where(
                leases.c.candidate_id == mine, leases.c.reviewer != reviewer, leases.c.until > now
            )
        )
        where.append(~exists().where(skips.c.reviewer == reviewer, skips.c.candidate_id == mine))
        where.append(or_(queue.c.state == DISAGREEMENT, ~_has_opinion(reviewer)))
    rows = connection.execute(_ordered(store, chosen, where, limit)).all()
    return sorted(
        (Item(*row) for row in rows), key=lambda item: (-item.links, item.entity_key, item.slot)
    )[:limit]


def _has_opinion(reviewer: str) -> ColumnElement[bool]:
    """The reviewer has said what there is to say of the item; others are asked."""
    same = (decisions.c.entity_key == queue.c.entity_key, decisions.c.slot == queue.c.slot)
    mine = (is_standing(), decisions.c.author == reviewer)
    takes = and_(~is_alias(queue.c.slot), decisions.c.verdict.in_(ACCEPTING))
    one = or_(takes, decisions.c.candidate_id == queue.c.candidate_id)
    return exists().where(*same, *mine, one)


def _is_after(after: Position) -> ColumnElement[bool]:
    links, key, slot = after
    # The first condition alone lets the index begin where it should.
    same = (queue.c.links < links, tuple_(queue.c.entity_key, queue.c.slot) > (key, slot))
    return (queue.c.links <= links) & or_(*same)


def _ordered(
    store: Store, chosen: QueueFilter, where: Sequence[ColumnElement[bool]], limit: int
) -> Any:
    """The first items: the likely and the unlikely ones of each language have their own order,
    which an index holds."""
    order = (queue.c.links.desc(), queue.c.entity_key, queue.c.slot)
    parts = [
        select(queue).where(*part, *where).order_by(*order).limit(limit).subquery()
        for part in _parts(store, chosen)
    ]
    return union_all(*(select(part) for part in parts))


def _parts(store: Store, chosen: QueueFilter) -> list[list[ColumnElement[bool]]]:
    """What an index holds each: the conditions of the indexes to the letter, otherwise they are not
    used."""
    halves = (LIKELY,) if chosen.floor >= DEFAULT_FLOOR else (LIKELY, UNLIKELY)
    narrowed: list[list[ColumnElement[bool]]] = [[]]
    if chosen.languages:
        narrowed = [[queue.c.language == one] for one in _languages(store, chosen) or [0]]
    return [
        [literal_column(f"queue.{half}"), *language] for half in halves for language in narrowed
    ]


def _languages(store: Store, chosen: QueueFilter) -> list[int]:
    """The numbers of the chosen languages, as far as the store has met them."""
    slots = (store.slots.slot(language, TermKind.LABEL) for language in chosen.languages)
    return [slot >> 2 for slot in slots if slot is not None]


def _where(store: Store, connection: Connection, chosen: QueueFilter) -> list[ColumnElement[bool]]:
    # Languages are asked for one by one, each in its own order.
    anywhere = replace(chosen, languages=())
    where = filter_conditions(store, connection, anywhere, queue)
    if chosen.states:
        where.append(queue.c.state.in_(chosen.states))
    return where


def filter_conditions(
    store: Store, connection: Connection, chosen: QueueFilter, table: Table
) -> list[ColumnElement[bool]]:
    """The conditions of a filter, but for the states, on a table with the columns of the queue."""
    where: list[ColumnElement[bool]] = []
    if chosen.floor > 0:
        where.append(table.c.probability >= chosen.floor)
    if chosen.languages:
        where.append(table.c.language.in_(_languages(store, chosen)))
    if chosen.kinds:
        where.append((table.c.slot % 4).in_([KIND_CODES[kind] for kind in chosen.kinds]))
    if chosen.class_id:
        where.append(_has(table.c.classes, str(entity_key(chosen.class_id))))
    if chosen.source:
        where.append(_has(table.c.sources, _source(connection, chosen.source)))
    if chosen.code:
        where.append(_has(table.c.codes, chosen.code))
    if chosen.links:
        where.append(table.c.links >= chosen.links)
    if chosen.ids:
        where.append(among(table.c.entity_key, chosen.ids))
    return where


def _has(column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    return column.contains(f" {value} ", autoescape=True)


def _source(connection: Connection, name: str) -> str:
    """The number of a source, as the queue has it; of an unknown one that of none."""
    found = connection.execute(select(sources.c.id).where(sources.c.name == name)).scalar()
    return "0" if found is None else str(found)


def count_items(store: Store, chosen: QueueFilter) -> Count:
    """How many items there are: a kept number where at most one of class, source, code and impact
    narrows and the floor is a twentieth (for classes, the default one or none), else how many of
    the first `MANY`, so that the size of the queue does not matter."""
    settle(store)
    with store.read() as connection:
        if (place := _counted(connection, chosen)) is not None:
            return Count(_kept(store, connection, chosen, *place))
        where = _where(store, connection, chosen)
        if chosen.ids:
            # Of few entities: what they have is read by its key.
            if chosen.languages:
                where.append(queue.c.language.in_(_languages(store, chosen)))
            query = select(func.count()).select_from(queue).where(*where)
            return Count(connection.execute(query).scalar_one())
        is_such = case((and_(*where), 1), else_=0).label("is_such")
        looked = [
            select(is_such).where(*part).limit(MANY + 1).subquery()
            for part in _parts(store, chosen)
        ]
        numbers = (
            select(func.coalesce(func.sum(one.c.is_such), 0), func.count()) for one in looked
        )
        rows = connection.execute(union_all(*numbers)).all()
        return Count(sum(int(found) for found, _ in rows), all(n <= MANY for _, n in rows))


def _counted(connection: Connection, chosen: QueueFilter) -> tuple[str, list[str]] | None:
    """The facet and the values of it under which a filter is counted, if it is."""
    narrowing = []
    if chosen.class_id:
        narrowing.append((counts.CLASS, [str(entity_key(chosen.class_id))]))
    if chosen.source:
        narrowing.append((counts.SOURCE, [_source(connection, chosen.source)]))
    if chosen.code:
        narrowing.append((counts.CODE, [chosen.code]))
    if chosen.links:
        steps = [str(step) for step in IMPACTS if step >= chosen.links]
        narrowing.append((counts.IMPACT, steps))
    is_band = abs(chosen.floor * BANDS - round(chosen.floor * BANDS)) < 1e-9
    if chosen.class_id:
        is_band = chosen.floor in (0, DEFAULT_FLOOR)
    is_step = chosen.links in IMPACTS
    if len(narrowing) > 1 or chosen.ids or not is_band or not is_step:
        return None
    return narrowing[0] if narrowing else (counts.ALL, [""])


def _kept(
    store: Store, connection: Connection, chosen: QueueFilter, facet: str, values: list[str]
) -> int:
    query = select(func.coalesce(func.sum(counts_table.c.number), 0))
    where = (*_kept_where(store, chosen, facet), counts_table.c.value.in_(values))
    return int(connection.execute(query.where(*where)).scalar_one())


def _kept_where(store: Store, chosen: QueueFilter, facet: str) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [counts_table.c.facet == facet]
    if chosen.languages:
        slots = store.slots.select(chosen.languages, chosen.kinds)
        where.append(counts_table.c.slot.in_(slots))
    elif chosen.kinds:
        where.append((counts_table.c.slot % 4).in_([KIND_CODES[kind] for kind in chosen.kinds]))
    if chosen.states:
        where.append(counts_table.c.state.in_(chosen.states))
    if chosen.floor > 0:
        where.append(counts_table.c.band >= counts.band(chosen.floor))
    return where


def facets(store: Store, chosen: QueueFilter) -> dict[str, Counter[str]]:
    """How many items the languages, kinds, states and the floor of a filter leave, by the number of
    a class's key, the number of a source, a code and a step of `IMPACTS`: kept numbers all."""
    settle(store)
    found: dict[str, Counter[str]] = {}
    with store.read() as connection:
        for facet in _FACETS:
            value, number = counts_table.c.value, func.sum(counts_table.c.number)
            query = select(value, number).where(*_kept_where(store, chosen, facet)).group_by(value)
            found[facet] = Counter({v: int(n) for v, n in connection.execute(query) if n})
    return found


class Progress(Struct, frozen=True):
    """How far a language is: items by state from the floor on, terms decided by verdict."""

    states: dict[str, int]
    decided: dict[str, int]


def progress(store: Store, floor: float = DEFAULT_FLOOR) -> dict[tuple[str, TermKind], Progress]:
    """By language and kind, for those that have any."""
    settle(store)
    states: dict[int, Counter[str]] = {}
    decided: dict[int, Counter[str]] = {}
    with store.read() as connection:
        query = select(counts_table).where(counts_table.c.facet.in_([counts.ALL, counts.DECIDED]))
        for row in connection.execute(query):
            if row.facet == counts.DECIDED:
                decided.setdefault(row.slot, Counter())[row.state] += row.number
            elif row.band >= counts.band(floor):
                states.setdefault(row.slot, Counter())[row.state] += row.number
    found = {
        slot: Progress(dict(+states.get(slot, Counter())), dict(+decided.get(slot, Counter())))
        for slot in sorted(states.keys() | decided.keys())
    }
    return {store.slots.term(slot): one for slot, one in found.items() if one.states or one.decided}


class Measured(Struct, frozen=True):
    """Of so many ``decided`` by people so many were ``right`` as they stood; in the language of the
    proposal, or ``everywhere``."""

    decided: int = 0
    right: int = 0
    everywhere: bool = False


_ENOUGH = 10
"""Of fewer nothing can be said of a language."""


def measured(store: Store, slot: int, probability: float) -> Measured:
    """What people decided of proposals of a slot in the same tenth of probability; of those of its
    kind in all languages where they are too few."""
    tenth = counts.band(probability) // 2 * 2
    column = counts_table.c
    query = select(column.slot, column.state, column.number).where(
        column.facet == counts.DECIDED,
        column.value == counts.PERSON,
        column.band.in_([tenth, tenth + 1]),
    )
    found = {True: Counter[str](), False: Counter[str]()}
    with store.read() as connection:
        for row in connection.execute(query):
            if row.slot % 4 == slot % 4:
                found[row.slot == slot][row.state] += row.number
    everywhere = found[True] + found[False]
    is_enough = sum(found[True].values()) >= _ENOUGH
    told = found[True] if is_enough else everywhere
    return Measured(sum(told.values()), told[Verdict.ACCEPT], not is_enough)


def source_names(store: Store) -> dict[str, str]:
    """The names of sources by their numbers, as `facets` has them."""
    with store.read() as connection:
        rows = connection.execute(select(sources.c.id, sources.c.name))
        return {str(row.id): row.name for row in rows}


def find_item(store: Store, candidate: str) -> Item | None:
    """The item of a candidate; None where it is not the one to be decided next of its term."""
    settle(store)
    with store.read() as connection:
        row = connection.execute(select(queue).where(queue.c.candidate_id == candidate)).first()
        return None if row is None else Item(*row)


def candidates_of(store: Store, ids: Sequence[str]) -> dict[str, Candidate]:
    """Candidates by their ids, without their evidence."""
    with store.read() as connection:
        return read_candidates(store, connection, ids)


def ids_of(store: Store, keys: Iterable[int]) -> dict[int, str]:
    """The ids of entities and classes by their keys, in the order of these."""
    wanted = [*keys]
    with store.read() as connection:
        found = entity_ids(connection, wanted)
    return {key: found[key] for key in wanted if key in found}


def entities_named(store: Store, start: str) -> list[str]:
    """The entities in the queue of which a label begins so in any language, with a lower or an
    upper case letter, a thousand at most."""
    slots = [*store.slots.labels.values()]
    written = {start, start[:1].upper() + start[1:], start[:1].lower() + start[1:], start.title()}
    label = terms.c.text
    # The range is what the index is read by; a collation may put others in it.
    begins = or_(
        *(
            (label >= one) & (label < one + _LAST) & label.startswith(one, autoescape=True)
            for one in written
        )
    )
    query = select(terms.c.entity_key).where(
        is_indexed_label(terms.name),
        terms.c.slot.in_(slots),
        begins,
        exists().where(queue.c.entity_key == terms.c.entity_key),
    )
    with store.read() as connection:
        keys = connection.execute(query.limit(_NAMED)).scalars().all()
        return [*entity_ids(connection, dict.fromkeys(keys)).values()]
