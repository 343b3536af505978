"""Writing what is to be decided for people who work elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.exchange.formats import Format, format_of
from kgenrich.exchange.unit import Unit
from kgenrich.export.writing import STDOUT, marked
from kgenrich.languages import valid_codes
from kgenrich.store.base import Store
from kgenrich.store.story.queue import QueueFilter, progress
from kgenrich.store.story.queue_counts import DEFAULT_FLOOR
from kgenrich.store.story.queue_upkeep import OPEN, STATES, settle
from kgenrich.verbs.arguments import read_entity_id, read_scope, reader_language
from kgenrich.verbs.delivery import Delivery, ExportOptions, ExportReport
from kgenrich.verbs.exchange_header import header_of
from kgenrich.verbs.exchange_units import DECIDED, Chosen, UnitMaker
from kgenrich.verbs.workspace import Count, Share, Workspace


class UnitsOptions(ExportOptions, frozen=True, kw_only=True):
    """Which units: of a probability of at least ``floor``, resting on a ``source``, with a
    ``code``, of entities with at least ``links`` sitelinks or among ``ids``, in one of the
    ``states`` (``open``, ``unsure``, ``discuss``, ``accepted``, ``rejected``), at most ``limit``.

    ``from_languages`` are those that people translate from, the best first (by default
    ``reader``'s and English); ``reader`` is the language of what else is told."""

    floor: Share = DEFAULT_FLOOR
    source: str = ""
    code: str = ""
    links: Annotated[int, Meta(ge=0)] = 0
    states: tuple[str, ...] = (OPEN,)
    ids: tuple[str, ...] = ()
    limit: Count | None = None
    from_languages: tuple[str, ...] = ()
    reader: str = ""


def export_units(workspace: Workspace, options: UnitsOptions) -> ExportReport:
    """Write units in a format that people work with elsewhere, and that `import_units` reads.

    Where the format has one target language a file, and there are several, each has a file of its
    own. Raises `UsageError` for an unknown state or format.
    """
    form = format_of(options.output, options.format or ("jsonl" * (options.output == STDOUT)))
    if form.packed and options.compression not in (None, "none"):
        raise UsageError(f"{form.title} is compressed inside: leave the compression out.")
    endings = dict.fromkeys(form.endings, form.name)
    place = Delivery(
        workspace, "exchange export", replace(options, format=form.name), endings, form.name
    )
    chosen = _read_chosen(workspace, options)
    counts = Counter(units=0)
    refused: Counter[str] = Counter()
    settle(workspace.store)
    with workspace.store.snapshot() as store:

        def pieces(chosen: Chosen, language: str) -> Iterator[bytes]:
            header = header_of(workspace, store, form, chosen.sources[0], language)
            units = UnitMaker(workspace, store, chosen).units()
            kept = _kept(form, place.watched(units, "writing units"), counts, refused)
            return form.module.write(kept, header)

        noted: dict[str, Any] = {
            "floor": options.floor,
            "states": options.states,
            "from": chosen.sources,
        }
        languages = _languages(store, chosen) if form.one_language else ()
        if len(languages) < 2:
            only = languages[0] if languages else ""
            return place.write(pieces(chosen, only), lambda: dict(counts), refused, **noted)
        if options.output == STDOUT:
            raise UsageError(
                f"{form.title} has one language a file, and these are {len(languages)} "
                f"({', '.join(languages)}): name a file, or one of them with --languages."
            )
        if options.limit:
            raise UsageError("Give --limit with one language: there is a file for each.")
        files = {marked(options.output, one): one for one in languages}
        return place.write_all(
            {
                name: pieces(replace(chosen, queue=replace(chosen.queue, languages=(one,))), one)
                for name, one in files.items()
            },
            {},
            lambda: dict(counts),
            refused,
            **noted,
        )


def _kept(
    form: Format, units: Iterator[Unit], counts: Counter[str], refused: Counter[str]
) -> Iterator[Unit]:
    """The units that a format has a place for, counted."""
    for unit in units:
        if unit.kind in form.kinds:
            counts["units"] += 1
            yield unit
        else:
            refused[f"{form.title} has no place for a {unit.kind}"] += 1


def _read_chosen(workspace: Workspace, options: UnitsOptions) -> Chosen:
    known = (*STATES, *DECIDED)
    if unknown := set(options.states) - {*known}:
        raise UsageError(f"There is no state {min(unknown)!r}: use {', '.join(known)}.")
    scope = read_scope(workspace, options)
    reader = reader_language(options.reader)
    sources = valid_codes(options.from_languages or (reader, "en"))
    queue = QueueFilter(
        scope.languages,
        scope.kinds,
        scope.class_id or "",
        options.source,
        options.code,
        options.links,
        tuple(state for state in options.states if state in STATES),
        options.floor,
        tuple(read_entity_id(workspace, id) for id in options.ids),
    )
    verdicts = tuple(one for state in options.states for one in DECIDED.get(state, ()))
    return Chosen(queue, verdicts, sources, reader, options.limit)


def _languages(store: Store, chosen: Chosen) -> tuple[str, ...]:
    """The target languages in which there is anything to decide or decided."""
    held = {language for language, _ in progress(store, chosen.queue.floor)}
    if chosen.queue.languages:
        return (
            tuple(one for one in chosen.queue.languages if one in held)
            or (chosen.queue.languages[:1])
        )
    return tuple(sorted(held))
