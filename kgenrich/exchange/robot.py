"""Templates of ROBOT for synonyms: what is accepted stands in the column that ROBOT makes axioms
of, what is only proposed in one that it passes over, as it does those of kgenrich's own.

A proposal is accepted where its status becomes OFFICIAL, or where it is moved to the column of what
is accepted; it is rejected by a comment that begins with ``rejected:`` and a reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from msgspec.structs import replace

from kgenrich.errors import InputError
from kgenrich.exchange.formats import Header
from kgenrich.exchange.ontologies.rows import (
    Status,
    Translation,
    answer,
    ordered,
    translation,
)
from kgenrich.exchange.unit import Unit, UnitAnswer
from kgenrich.inputs import Input
from kgenrich.languages import bcp47
from kgenrich.model import TermKind

COLUMNS = (
    "subject_id",
    "translation_value",
    "candidate",
    "translation_status",
    "translator",
    "translator_expertise",
    "translation_date",
    "comment",
    "source_value",
    "source_language",
    "kgenrich_id",
    "kgenrich_basis",
    "kgenrich_sent",
)
_TEMPLATE = re.compile(r"AL?\s+(\S+?)(?:@([\w-]+))?(?:\s+SPLIT=(\S+))?")


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A template with a row for each unit, sorted by subject."""
    predicate = header.curies.contract(header.predicate(TermKind.ALIAS))
    template = f"AL {predicate}@{bcp47(header.language)}"
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(["ID", template, *[""] * (len(COLUMNS) - 2)])
    rows = [(translation(unit, header), unit) for unit in units]
    units_of = {id(row): unit for row, unit in rows}
    for row in ordered(row for row, _ in rows):
        unit = units_of[id(row)]
        is_official = row.translation_status == Status.OFFICIAL
        writer.writerow(
            (
                row.subject_id,
                row.translation_value if is_official else "",
                "" if is_official else unit.target,
                row.translation_status,
                row.translator,
                row.translator_expertise,
                row.translation_date,
                row.comment,
                row.source_value,
                row.source_language,
                unit.id,
                unit.basis,
                unit.sent,
            )
        )
    yield buffer.getvalue().encode()


def read(path: str) -> Iterator[UnitAnswer]:
    """An answer for each synonym, of files that others made too: what has no status is accepted.

    Raises `InputError` for what is no template.
    """
    with Input(path) as source:
        reader = csv.reader((f"{line}\n" for line in source.lines()), delimiter="\t")
        try:
            names = [name.strip().lower() for name in next(reader, [])]
            templates = [cell.strip() for cell in next(reader, [])]
            if "ID" not in templates:
                raise InputError(
                    f"{source.name} is no template of ROBOT: no column of its second line is ID."
                )
            for cells in reader:
                if any(map(str.strip, cells)):
                    yield from _answers(names, templates, cells, reader.line_num)
        except csv.Error as error:
            where = f"Line {reader.line_num} of {source.name}"
            raise InputError(f"{where} is no line of a template: {error}.") from error


def _answers(
    names: Sequence[str], templates: Sequence[str], cells: Sequence[str], line: int
) -> Iterator[UnitAnswer]:
    said = dict(zip(names, map(str.strip, cells), strict=False))
    told = {name: said.get(name, "") for name in Translation.__struct_fields__}
    told["subject_id"] = dict(zip(templates, cells, strict=False)).get("ID", "").strip()
    columns = [
        (found, cell.strip())
        for template, cell in zip(templates, cells, strict=False)
        if (found := _TEMPLATE.fullmatch(template))
    ]
    for found, cell in columns:
        predicate, language, separator = found.groups()
        texts = cell.split(separator) if separator else [cell]
        status = told["translation_status"].upper() or (Status.OFFICIAL if cell else "")
        if not cell:
            texts = [said.get("candidate", "")]
        elif "candidate" in said:
            status = Status.OFFICIAL
        for text in texts:
            row = Translation(**told | {
                "predicate_id": predicate,
                "translation_language": language or "",
                "translation_value": text.strip(),
                "translation_status": status,
            })  # fmt: skip
            one = answer(row, line)
            if one.text or one.problem:
                only = len(columns) == len(texts) == 1
                yield replace(
                    one,
                    id=said.get("kgenrich_id", "") if only else "",
                    basis=said.get("kgenrich_basis", "") if only else "",
                    sent=said.get("kgenrich_sent", "") if only else "",
                )
