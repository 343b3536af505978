"""The rows of Babelon tables (the schema of March 2026), and what they say.

A candidate is CANDIDATE, what a person accepted OFFICIAL, what a policy accepted UNDER_REVIEW, and
what is missing NOT_TRANSLATED, as is what was rejected, which its comment tells.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from io import StringIO

from msgspec import Struct
from msgspec.structs import astuple

from kgenrich.errors import InputError
from kgenrich.exchange.formats import Header
from kgenrich.exchange.ontologies.predicates import kind_of
from kgenrich.exchange.unit import Unit, UnitAnswer, UnitState
from kgenrich.inputs import Input
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import RejectReason

ALGORITHM = "ALGORITHM"
POLICY = "policy"
"""How the name of an author begins who is a policy."""
PROPOSED_BY = "proposed by "
REJECTED = "rejected"
_REJECTION = re.compile(rf"{REJECTED}(?::\s*([a-z-]*)[;:.]?\s*(.*))?", re.DOTALL | re.IGNORECASE)
_NAMES_FOR_PANDAS = {"nan": "zh-min-nan"}
"""Tags of which pandas, and so the tools of Babelon, would make nothing, with what says the same
(RFC 5646, 2.2.8)."""
_BATCH = 1000


class Status(StrEnum):
    """How official a translation is."""

    NOT_TRANSLATED = "NOT_TRANSLATED"
    CANDIDATE = "CANDIDATE"
    UNDER_REVIEW = "UNDER_REVIEW"
    OFFICIAL = "OFFICIAL"


class Translation(Struct, frozen=True, omit_defaults=True):
    """A row. ``subject_id`` and ``predicate_id`` are CURIEs, the languages BCP 47 tags; the names
    and their values are the schema's. ``others`` has the cells of further columns."""

    source_language: str = ""
    translation_language: str = ""
    subject_id: str = ""
    predicate_id: str = ""
    source_value: str = ""
    translation_value: str = ""
    translation_status: str = ""
    translation_type: str = ""
    translator: str = ""
    translator_expertise: str = ""
    translation_date: str = ""
    translation_confidence: str = ""
    translation_precision: str = ""
    source: str = ""
    source_version: str = ""
    comment: str = ""


COLUMNS = Translation.__struct_fields__
REQUIRED = ("subject_id", "predicate_id", "source_value", "source_language")


def tag(language: str) -> str:
    """The tag of a language as Babelon's tools keep it.

    >>> tag("zh-tw"), tag("nan")
    ('zh-Hant-TW', 'zh-min-nan')
    """
    written = bcp47(language)
    return _NAMES_FOR_PANDAS.get(written, written)


def translation(unit: Unit, header: Header) -> Translation:
    """The row of a unit."""
    first = unit.suggestions[0] if unit.suggestions else None
    is_decided = unit.state in (UnitState.ACCEPTED, UnitState.EDITED)
    by_person = is_decided and not unit.author.startswith(POLICY)
    status = Status.CANDIDATE if unit.target else Status.NOT_TRANSLATED
    comment, value = unit.comment, unit.target
    if unit.state is UnitState.REJECTED:
        status, value = Status.NOT_TRANSLATED, ""
        comment = f"{REJECTED}: {unit.reason}; {comment}".rstrip(" ;")
    elif is_decided:
        status = Status.OFFICIAL if by_person else Status.UNDER_REVIEW
    by_algorithm = bool(value) and not by_person
    if by_algorithm and first and not comment:
        comment = PROPOSED_BY + ", ".join(first.sources)
    return Translation(
        source_language=tag(unit.source_language),
        translation_language=tag(unit.language),
        subject_id=header.curies.contract(header.iri(unit.entity)),
        predicate_id=header.curies.contract(header.predicate(unit.kind)),
        source_value=_trimmed(unit.source_text),
        translation_value=_trimmed(value),
        translation_status=status,
        translation_type="TRANSLATION" if unit.source_text else "AUGMENTATION",
        translator="kgenrich" if by_algorithm else unit.author if value else "",
        translator_expertise=ALGORITHM if by_algorithm else "",
        translation_date=unit.at[:10] if value else "",
        translation_confidence=f"{first.probability:.3f}" if by_algorithm and first else "",
        source=header.source,
        source_version=header.version,
        comment=_trimmed(comment),
    )


def _trimmed(text: str) -> str:
    return " ".join(text.split())


def ordered(rows: Iterable[Translation]) -> list[Translation]:
    """The rows as HPO sorts them, so that what Git shows of a change is the change."""
    return sorted(
        rows,
        key=lambda row: (
            *(row.subject_id, row.predicate_id, row.source_value),
            *(row.translation_language, row.translation_value),
        ),
    )


def table(rows: Iterable[Translation]) -> Iterator[bytes]:
    """The rows as tab-separated values; what is not said is empty."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for count, row in enumerate(rows, 1):
        writer.writerow(astuple(row))
        if count % _BATCH == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def read_table(path: str) -> Iterator[tuple[int, Translation]]:
    """The rows of a table with their lines, cells trimmed. Columns may be in any order and others
    among them. ``NA`` is nothing where no text can be: but a term may be called so.

    Raises `InputError` where a column is missing that has to be there.
    """
    with Input(path) as source:
        reader = csv.reader((f"{line}\n" for line in source.lines()), delimiter="\t")
        try:
            header = [name.strip().lower() for name in next(reader, [])]
            if missing := [name for name in REQUIRED if name not in header]:
                raise InputError(f"{source.name} is no Babelon table: it has no {missing[0]}.")
            for cells in reader:
                said = dict(zip(header, map(str.strip, cells), strict=False))
                if any(said.values()):
                    yield reader.line_num, _row(said)
        except csv.Error as error:
            where = f"Line {reader.line_num} of {source.name}"
            raise InputError(f"{where} is no line of a table: {error}.") from error


def _row(said: Mapping[str, str]) -> Translation:
    told = {name: said.get(name, "") for name in COLUMNS}
    for name in COLUMNS:
        if told[name] == "NA" and name not in ("source_value", "translation_value"):
            told[name] = ""
    told["translation_status"] = told["translation_status"].upper().replace(" ", "_")
    if told["translation_value"] == "NA" and told["translation_status"] in ("", "NOT_TRANSLATED"):
        told["translation_value"] = ""
    return Translation(**told)


def answer(row: Translation, line: int) -> UnitAnswer:
    """What a row says. A candidate that is as it was is left, one whose comment begins with
    ``rejected:`` and a reason is rejected; a translator's own text is theirs."""
    kind, status, value = kind_of(row.predicate_id), row.translation_status, row.translation_value
    language = wikimedia(row.translation_language) if row.translation_language else None
    state, reason, comment = UnitState.OPEN, "", row.comment
    problem = ""
    if status and status not in set(Status):
        problem = f"there is no status {status[:50]!r}"
    elif kind is None:
        problem = f"{row.predicate_id[:100]!r} is no predicate of terms"
    elif row.translation_type.upper() == "CORRECTION" and value:
        problem = "it corrects the source: correct that in the ontology"
    elif language is None and value:
        problem = "it has no language"
    elif status == Status.OFFICIAL and not value:
        problem = "it is official, but has no translation"
    elif status == Status.OFFICIAL:
        state = UnitState.ACCEPTED
    if status != Status.OFFICIAL and (rejection := _REJECTION.fullmatch(comment)):
        state, comment, reason = UnitState.REJECTED, rejection[2] or "", rejection[1] or ""
        if reason and reason not in set(RejectReason):
            reason, comment = "", f"{reason} {comment}".strip()
    by_person = row.translator_expertise.upper() != ALGORITHM and row.translator != "kgenrich"
    return UnitAnswer(
        state=state,
        text=value,
        entity=row.subject_id,
        language=language or "",
        kind=kind,
        source_language=wikimedia(row.source_language) or row.source_language,
        source_text=row.source_value,
        comment="" if comment.startswith(PROPOSED_BY) else comment,
        reason=reason,
        author=row.translator if by_person else "",
        at=row.translation_date if by_person else "",
        position=line,
        problem=problem,
    )
