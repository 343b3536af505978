"""Whole sessions: a table goes out of a store, people work on it with their program, and every
decision of theirs arrives."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kgenrich.exchange.tables.columns import COLUMNS
from tests.exchange.world import IDS, Desk

NAMES = {id: name for name, id in IDS.items()}
Changes = dict[str, dict[str, Any]]
WORK: Changes = {
    "city": {"verdict": "accept", "comment": "so ist es"},
    "told": {"text": "la capitale tedesca"},
    "writer": {"verdict": "reject", "reason": "language"},
    "alias": {"verdict": "accept", "text": "D. N. A."},
}
DECIDED = {
    "city": ("accept", "Berlino", "ann", ""),
    "told": ("edit", "la capitale tedesca", "ann", ""),
    "writer": ("reject", "Douglas Adams", "ann", "language"),
    "alias": ("edit", "D. N. A.", "ann", ""),
}


def in_text(path: Path, changes: Changes) -> None:
    """Change a table as a program would that reads and writes all its rows."""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(row | changes.get(NAMES[row["id"]], {}) for row in rows)


def in_openpyxl(path: Path, changes: Changes) -> None:
    """Change a workbook as openpyxl does, which reads and writes all of it."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        assert [cell.value for cell in sheet[1]] == list(COLUMNS)
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(COLUMNS, row, strict=True))
            for column, value in changes.get(NAMES[cells["id"].value], {}).items():
                assert not cells[column].protection.locked
                cells[column].value = value
    book.save(path)


FORMS = {"csv": in_text, "tsv": in_text, "xlsx": in_openpyxl}


@pytest.mark.parametrize(("form", "work"), FORMS.items())
def test_every_decision_arrives_and_twice_changes_nothing(
    place: Desk, form: str, work: Callable[[Path, Changes], None]
) -> None:
    path = place.out(f"terms.{form}", languages=("it", "ja"))
    work(path, WORK)
    told = place.back(path, dry_run=True)
    assert place.decided() == {}
    report = place.back(path)
    assert (told.counts, told.rows) == (report.counts, report.rows)
    assert place.decided() == DECIDED
    assert report.counts == {"accepted": 1, "edited": 2, "rejected": 1, "left": 2}
    before = place.content()
    assert place.back(path).decided == 0
    assert place.content() == before


@pytest.mark.parametrize(("form", "work"), FORMS.items())
def test_what_nobody_touched_changes_nothing(
    lite: Desk, form: str, work: Callable[[Path, Changes], None]
) -> None:
    states = ("open", "accepted", "rejected")
    path = lite.out(f"terms.{form}", languages=("it", "ja"))
    work(path, WORK)
    lite.back(path)
    for rewrite in (False, True):
        path = lite.out(f"again.{form}", languages=("it", "ja"), states=states)
        if rewrite:
            work(path, {})
        before = lite.content()
        report = lite.back(path)
        assert (report.decided, report.rows) == (0, [])
        assert lite.content() == before


def test_a_row_whose_id_is_lost_is_found_by_its_term(lite: Desk) -> None:
    path = lite.out("terms.csv")
    in_text(path, {"city": {"id": "4.1E+31", "verdict": "accept"}})
    lite.back(path)
    assert lite.decided() == {"city": ("accept", "Berlino", "ann", "")}


def test_what_nobody_understands_is_told_and_the_rest_is_done(lite: Desk) -> None:
    path = lite.out("terms.xlsx")
    in_openpyxl(path, WORK | {"told": {"verdict": "maybe"}})
    report = lite.back(path)
    assert set(lite.decided()) == {"city", "writer", "alias"}
    (row,) = report.rows
    assert row["outcome"] == "damaged"
    assert "on the sheet 'it': the verdict 'maybe' is none of accept" in row["why"]
