"""Keeping the tables of those who translate an ontology up to date: what is translated, what is
not, and what was translated from a text that is another now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import UsageError
from kgenrich.exchange.formats import FORMATS, Header
from kgenrich.exchange.ontologies.predicates import kind_of
from kgenrich.exchange.ontologies.rows import (
    Status,
    Translation,
    read_table,
    table,
    tag,
    translation,
)
from kgenrich.exchange.ontologies.working_set import Place, place_of, working_set
from kgenrich.export.writing import write
from kgenrich.languages import valid_codes
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import gaps
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.keys import chunks, read_id
from kgenrich.store.story.queue import QueueFilter
from kgenrich.store.story.queue_counts import DEFAULT_FLOOR
from kgenrich.store.story.queue_upkeep import settle
from kgenrich.verbs.arguments import read_kinds
from kgenrich.verbs.exchange_header import header_of
from kgenrich.verbs.exchange_units import DECIDED, Chosen, UnitMaker
from kgenrich.verbs.workspace import Options, Share, Workspace

_ENDING = ".babelon.tsv"
_PAGE = 500
_KINDS = ("label", "definition")


class WorkingSetOptions(Options, frozen=True, kw_only=True):
    """The ``file`` of the translations (``hp-fr.babelon.tsv``, which need not be there yet) into a
    ``language`` from another one. ``kinds`` of terms (labels
    and definitions, unless others are named); candidates of a probability of at least
    ``floor``."""

    file: str
    language: str
    from_language: str = "en"
    kinds: tuple[str, ...] = ()
    floor: Share = DEFAULT_FLOOR
    dry_run: bool = False


class WorkingSetReport(Struct, frozen=True):
    """How many rows each file has: ``translated`` ones by status in ``file``, and those of the
    tables beside it."""

    file: str
    translated: dict[str, int]
    not_translated: int
    changed: int
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        """The report as one mapping."""
        return asdict(self)


def update_working_set(workspace: Workspace, options: WorkingSetOptions) -> WorkingSetReport:
    """Bring a table of translations up to date with the store, and write what is not translated and
    what was changed beside it.

    What the table says stays. A row whose source is another text now becomes a candidate again and
    keeps its translation. Raises `UsageError` for a file of another name, `InputError` for one that
    is no Babelon table.
    """
    if not options.file.endswith(_ENDING):
        raise UsageError(f"Name a file that ends in {_ENDING}: {options.file} does not.")
    (language,), (source,) = valid_codes([options.language]), valid_codes([options.from_language])
    kinds = read_kinds(workspace, options.kinds or _KINDS)
    path = Path(options.file)
    profile = [row for _, row in read_table(options.file)] if path.exists() else []
    settle(workspace.store)
    with workspace.store.snapshot() as store:
        header = header_of(workspace, store, FORMATS["babelon"], source, language)
        rows = _Rows(workspace, store, header, language)
        made = working_set(
            profile,
            rows.sources(profile),
            rows.known(kinds, options.floor),
            rows.missing(kinds),
        )
    stem = options.file.removesuffix(_ENDING)
    if not options.dry_run:
        write(options.file, table(made.profile))
        write(f"{stem}-not-translated{_ENDING}", table(made.not_translated))
        write(f"{stem}-changed{_ENDING}", table(made.changed))
    statuses = [row.translation_status for row in made.profile]
    return WorkingSetReport(
        options.file,
        {str(status): statuses.count(status) for status in Status if status in statuses},
        len(made.not_translated),
        len(made.changed),
        options.dry_run,
    )


class _Rows:
    """What the store has for a table."""

    def __init__(self, workspace: Workspace, store: Store, header: Header, language: str) -> None:
        self._workspace, self._store, self._header = workspace, store, header
        self._language = language

    def sources(self, profile: list[Translation]) -> dict[Place, str]:
        """The source texts of rows as the ontology has them now."""
        curies, base = self._header.curies, self._store.base
        named: dict[str, str] = {}
        for row in profile:
            if row.subject_id not in named:
                try:
                    named[row.subject_id] = read_id(curies.expand(row.subject_id), base)
                except UsageError:
                    continue
        found: dict[Place, str] = {}
        for page in chunks(profile, _PAGE):
            ids = {named[row.subject_id] for row in page if row.subject_id in named}
            entities = find_entities(self._store, ids)
            for row in page:
                entity = entities.get(named.get(row.subject_id, ""))
                kind = kind_of(row.predicate_id)
                terms = entity.terms(kind) if entity and kind else {}
                if text := terms.get(self._header.source_language):
                    found[place_of(row)] = text
        return found

    def known(self, kinds: tuple[TermKind, ...], floor: float) -> Iterator[Translation]:
        """What was accepted, and then what is proposed."""
        queue = QueueFilter((self._language,), kinds, floor=floor)
        source = self._header.source_language
        chosen = Chosen(queue, DECIDED["accepted"], (source,), source)
        units = list(UnitMaker(self._workspace, self._store, chosen).units())
        rows = [translation(unit, self._header) for unit in units]
        return iter(sorted(rows, key=lambda row: row.translation_status == Status.CANDIDATE))

    def missing(self, kinds: tuple[TermKind, ...]) -> Iterator[Translation]:
        """A row for each term that has a text in the source language and none in the other."""
        for kind in kinds:
            lacking = gaps(self._store, self._language, kind, Scope())
            for page in chunks(lacking, _PAGE):
                entities = find_entities(self._store, [gap.entity for gap in page])
                for entity in entities.values():
                    if text := entity.terms(kind).get(self._header.source_language):
                        yield self._untranslated(entity, kind, text)

    def _untranslated(self, entity: Entity, kind: TermKind, text: str) -> Translation:
        header = self._header
        return Translation(
            source_language=tag(header.source_language),
            translation_language=tag(self._language),
            subject_id=header.curies.contract(header.iri(entity.id)),
            predicate_id=header.curies.contract(header.predicate(kind)),
            source_value=" ".join(text.split()),
            translation_status=Status.NOT_TRANSLATED,
            source=header.source,
            source_version=header.version,
        )
