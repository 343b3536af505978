"""Tables: CSV, TSV, or with semicolons.

The first line heads the columns: one has ids, those headed by a language have names, several of
them separated by ``|``, the label first, those headed by ``LANGUAGE forbidden`` what it must not be
called; others are passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence

from kgenrich.errors import InputError
from kgenrich.inputs import Input
from kgenrich.languages import CODES, wikimedia
from kgenrich.sources.dictionary.files.concepts import Concept, Draft, Reading

_IDS = ("id", "qid", "iri", "uri", "entity")
_SEPARATOR = "|"
_FORBIDDEN = "forbidden"


def read_table(source: Input, reading: Reading, *, needs_ids: bool = True) -> Iterator[Concept]:
    """The rows. Raises `InputError` where no column is headed by a language or has ids."""
    lines = source.lines()
    head = next(lines, "")
    delimiter = next((mark for mark in "\t,;" if mark in head), ",")
    try:
        header = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter), [])]
        id_column = _id_column(source.name, header, reading.id, needs_ids)
        languages = _languages(header, id_column)
        if not languages:
            raise InputError(f"No column of {source.name} is headed by a language.")
        for cells in csv.reader((f"{line}\n" for line in lines), delimiter=delimiter):
            if not any(map(str.strip, cells)):
                continue
            draft = Draft(reading)
            if 0 <= id_column < len(cells):
                draft.identify(header[id_column], cells[id_column])
            for place, (language, is_forbidden) in languages.items():
                given = cells[place].split(_SEPARATOR) if place < len(cells) else ()
                # The first name is the label that is wanted, not one of several.
                first = not is_forbidden
                for text in given:
                    taken = draft.call(language, text, forbidden=is_forbidden, preferred=first)
                    first = first and not taken
            if concept := draft.concept():
                yield concept
    except csv.Error as error:
        raise InputError(f"{source.name} is no table: {error}.") from error


def _languages(header: Sequence[str], id_column: int) -> Mapping[int, tuple[str, bool]]:
    """The language of each column that has names, and whether they are forbidden."""
    return {
        place: (code, mark == _FORBIDDEN)
        for place, cell in enumerate(header)
        for tag, _, mark in (cell.partition(" "),)
        if place != id_column and mark in {"", _FORBIDDEN} and (code := wikimedia(tag)) in CODES
    }


def _id_column(name: str, header: Sequence[str], wanted: str, needed: bool) -> int:
    """The place of the column of ids, -1 where there is none."""
    lowered = [cell.lower() for cell in header]
    called = (wanted.lower(),) if wanted else _IDS
    place = next((lowered.index(one) for one in called if one in lowered), -1)
    if place < 0 and (wanted or needed):
        raise InputError(f"{name} has no column {wanted or ' or '.join(_IDS)}.")
    return place
