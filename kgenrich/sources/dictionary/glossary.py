"""The source ``glossary``: a table of names that the user owns.

The first line heads the columns: one has ids (bare ids or IRIs of the graph), those headed by a
language have names, several of them separated by ``|``, the label first, those headed by ``LANGUAGE
forbidden`` what it must not be called; others are passed over. A
row is found by its id. One without is found by its name in one of the columns only where the user
says which one, and of which class the entities are; a name that several such rows have finds none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from kgenrich.errors import InputError, SourceStopped, UsageError
from kgenrich.harvest.iris import Iris
from kgenrich.inputs import read_lines
from kgenrich.languages import CODES, current, same_language, wikimedia
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import FreeSource, SourceContext
from kgenrich.text import clean, vote_key

NAME = "glossary"

_IDS = ("id", "qid", "iri", "uri", "entity")
_SEPARATOR = "|"
_FORBIDDEN = "forbidden"


class GlossaryOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.NAME]``: the ``file``, its ``licence``, how far it is to be trusted (``trust``),
    the column of ids (``id``, by default the first called so), and, for rows without an id, the
    language of the column of names to find them by (``name``), of entities of the ``class``."""

    file: str = ""
    licence: str = ""
    trust: float = 0.95
    id: str = ""
    name: str = ""
    class_id: str = field(default="", name="class")


Names = Mapping[str, tuple[str, ...]]
"""The names of a row by language, the label first."""


class Row(Struct, frozen=True):
    """The names of an entity and those that are forbidden for it."""

    names: Names = {}
    forbidden: Names = {}


class Glossary(Struct, frozen=True):
    """The rows by the id of the entity, and those without by the normal form of a name."""

    by_id: Mapping[str, Row]
    by_name: Mapping[str, Row]

    def find(self, entity: Entity, options: GlossaryOptions) -> tuple[Row, str]:
        """The row that it has for an entity, and how it was found; an empty one if it has none."""
        if found := self.by_id.get(entity.id):
            return found, "by its id"
        if self.by_name and options.class_id in entity.classes:
            keys = {vote_key(name) for name in entity.names(options.name)} & self.by_name.keys()
            if len(keys) == 1:
                return self.by_name[keys.pop()], f"by its {options.name} name and its class"
        return Row(), ""


def names_in(names: Names, language: str) -> tuple[str, ...]:
    """The names in a language or, where it has none of its own, in one that it is a variant of."""
    code = current(language)
    return next((names[one] for one in (code, *same_language(code)) if one in names), ())


def read_glossary(options: GlossaryOptions, base: str) -> Glossary:
    """The file of the options; ``base`` is that of bare ids. Raises `InputError`."""
    path = Path(options.file).expanduser()
    lines = read_lines(path)
    head = next(lines, "")
    delimiter = next((mark for mark in "\t,;" if mark in head), ",")
    try:
        header = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter), [])]
        id_column = _id_column(header, options)
        languages = {
            place: (code, mark == _FORBIDDEN)
            for place, cell in enumerate(header)
            for tag, _, mark in (cell.partition(" "),)
            if place != id_column and mark in {"", _FORBIDDEN} and (code := wikimedia(tag)) in CODES
        }
        if not languages:
            raise InputError(f"No column of {path} is headed by a language.")
        by_id: dict[str, Row] = {}
        by_name: dict[str, list[Row]] = {}
        iris = Iris(base)
        for cells in csv.reader((f"{line}\n" for line in lines), delimiter=delimiter):
            row = Row(*(dict(_names(cells, languages, forbidden)) for forbidden in (False, True)))
            cell = cells[id_column].strip() if 0 <= id_column < len(cells) else ""
            if cell:
                by_id[iris.name(cell) if "://" in cell else cell] = row
            else:
                for name in row.names.get(options.name, ()):
                    by_name.setdefault(vote_key(name), []).append(row)
    except csv.Error as error:
        raise InputError(f"{path} is no table: {error}.") from error
    return Glossary(by_id, {key: rows[0] for key, rows in by_name.items() if len(rows) == 1})


def _id_column(header: Sequence[str], options: GlossaryOptions) -> int:
    """The place of the column of ids, -1 where there is none."""
    lowered = [cell.lower() for cell in header]
    wanted = (options.id.lower(),) if options.id else _IDS
    place = next((lowered.index(name) for name in wanted if name in lowered), -1)
    if place < 0 and (options.id or not options.name):
        raise InputError(f"{options.file} has no column {options.id or ' or '.join(_IDS)}.")
    return place


def _names(
    cells: Sequence[str], languages: Mapping[int, tuple[str, bool]], forbidden: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for place, (language, is_forbidden) in languages.items():
        wanted = place < len(cells) and is_forbidden is forbidden
        given = cells[place].split(_SEPARATOR) if wanted else ()
        if names := tuple(dict.fromkeys(filter(None, map(clean, given)))):
            yield language, names


class GlossarySource(FreeSource):
    """A glossary as a source."""

    kind = SourceKind.DICTIONARY

    def __init__(self, name: str, options: GlossaryOptions, glossary: Glossary) -> None:
        self.name = name
        self.licence = options.licence
        self._options = options
        self._glossary = glossary

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """The first name for a label, all that are not there for aliases."""
        if not request.kind.is_name:
            return
        entity = request.entity
        row, how = self._glossary.find(entity, self._options)
        texts = names_in(row.names, request.language)
        if request.kind is TermKind.LABEL:
            texts = texts[:1]
        else:
            known = set(map(vote_key, entity.names(request.language)))
            texts = tuple(text for text in texts if vote_key(text) not in known)
        for rank, text in enumerate(texts, 1):
            yield request.candidate(
                text,
                Evidence(
                    self.name,
                    self.kind,
                    raw=text,
                    score=self._options.trust,
                    rank=rank,
                    licence=self.licence,
                    note=f"{Path(self._options.file).name}, found {how}",
                ),
            )


def factory(context: SourceContext) -> GlossarySource:
    """The source over the file of its options.

    Raises `SourceStopped` where there is none or it cannot be read, `UsageError` for options that
    it lacks or that do not go together.
    """
    options = context.read(GlossaryOptions)
    if not options.file:
        raise SourceStopped('It needs the option file, for example file = "terms.csv".')
    if bool(options.name) != bool(options.class_id):
        raise UsageError(
            f"The options of the source {context.name!r} are wrong: a name finds entities of "
            "one class alone, so give both `name` and `class`."
        )
    if not 0 <= options.trust <= 1:
        raise UsageError(
            f"The options of the source {context.name!r} are wrong: `trust` is from 0 to 1."
        )
    try:
        glossary = read_glossary(options, context.settings.base)
    except InputError as error:
        raise SourceStopped(str(error)) from error
    return GlossarySource(context.name, options, glossary)
