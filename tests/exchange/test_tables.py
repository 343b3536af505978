"""Tables that people fill in come back as they went out, however spreadsheets leave them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgenrich.errors import InputError, UsageError
from kgenrich.exchange import csv as csv_format
from kgenrich.exchange import tsv, xlsx
from kgenrich.exchange.formats import Header
from kgenrich.exchange.tables.columns import COLUMNS
from kgenrich.exchange.unit import Unit, UnitAnswer, UnitState, sent_digest
from kgenrich.model import RejectReason, TermKind
from tests.exchange.units import HARD, unit, units

HEADER = Header("en")
FORMATS = {"csv": csv_format, "tsv": tsv, "xlsx": xlsx}


@pytest.fixture(params=FORMATS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def saved(path: Path, form: str, given: Iterable[Unit]) -> Path:
    path.write_bytes(b"".join(FORMATS[form].write(given, HEADER)))
    return path


def read(path: Path, form: str) -> tuple[list[UnitAnswer], list[tuple[int, str]]]:
    """The answers, and the positions and problems of what cannot be understood."""
    found = list(FORMATS[form].read(str(path)))
    damaged = [(one.position, one.problem) for one in found if one.problem]
    return [one for one in found if not one.problem], damaged


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, deadline=None)
@given(given=st.lists(units, max_size=6))
def test_what_went_out_comes_back_untouched(
    tmp_path_factory: pytest.TempPathFactory, form: str, given: list[Unit]
) -> None:
    path = saved(tmp_path_factory.mktemp("table") / f"t.{form}", form, given)
    found, damaged = read(path, form)
    assert not damaged
    keyed = {one.position: one for one in found}
    assert len(keyed) == len(found) or form == "xlsx"
    by_id = sorted(given, key=lambda one: (one.language, one.id))
    for sent, answer in zip(by_id, sorted(found, key=lambda a: (a.language, a.id)), strict=True):
        assert answer == UnitAnswer(
            state=sent.state,
            text=sent.target,
            id=sent.id,
            entity=sent.entity,
            language=sent.language,
            kind=sent.kind,
            source_language="en",
            source_text=sent.source_text,
            basis=sent.basis,
            sent=sent.sent,
            comment=sent.comment,
            reason=sent.reason,
            author=sent.author,
            at=sent.at,
            position=answer.position,
        )


def test_a_table_is_the_same_for_the_same_units(form: str) -> None:
    given = [unit(text, language=code) for text in HARD for code in ("de", "ar")]
    first, again = (b"".join(FORMATS[form].write(given, HEADER)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_people_change_the_file_as_they_like(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Columns in another order and further ones, rows in another order, lines above, trailing
    blanks, another separator and another encoding."""
    given = [unit(text, entity=f"Q{place}") for place, text in enumerate(HARD)]
    table = rows(saved(tmp_path / "t.csv", "csv", given))
    for row in table:
        row |= {"verdict": " Accept ", "my notes": "x", "comment": "good  "}
    names = [*reversed(COLUMNS), "my notes"]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    csv.writer(text, delimiter=delimiter).writerows([["for Ada, until Monday"], []])
    writer.writeheader()
    writer.writerows(reversed(table))
    csv.writer(text, delimiter=delimiter).writerow([""] * 5)
    changed = tmp_path / "changed.csv"
    changed.write_text(text.getvalue(), encoding, newline="")
    found, damaged = read(changed, "csv")
    assert not damaged
    assert [one.id for one in found] == [one.id for one in reversed(given)]
    assert [one.text for one in found] == [one.target for one in reversed(given)]
    assert {(one.state, one.comment) for one in found} == {(UnitState.ACCEPTED, "good")}


def test_a_lost_id_leaves_entity_language_and_kind(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.csv", "csv", [unit()])
    path.write_text(path.read_text("utf-8").replace(unit().id, "1.2E+31"), "utf-8")
    ((answer,), _) = read(path, "csv")
    assert (answer.id, answer.entity, answer.language, answer.kind) == (
        *("", "Q38933", "de"),
        TermKind.LABEL,
    )


def test_what_nobody_understands_is_told_with_its_line(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.csv", "csv", [unit(text) for text in ("a", "b", "c", "d", "e")])
    table = rows(path)
    table[0]["verdict"] = "perhaps"
    table[1] |= {"verdict": "reject", "reason": "I say so"}
    table[2] |= {"verdict": "accept", "text": " "}
    table[3] |= {"verdict": "reject", "reason": RejectReason.STYLE.meaning}
    table[4]["kind"] = "name"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table)
    found, damaged = read(path, "csv")
    assert [one.reason for one in found] == [RejectReason.STYLE]
    assert [line for line, _ in damaged] == [2, 3, 4, 6]
    assert "'perhaps' is none of accept, edit and reject" in damaged[0][1]


def test_a_spreadsheet_that_makes_numbers_of_texts_decides_nothing(tmp_path: Path) -> None:
    """Excel reads 007 as 7, in the proposal and in the text alike, and saves that."""
    given = [unit("007"), unit("1/2", entity="Q2"), unit("003", entity="Q3")]
    path = saved(tmp_path / "t.csv", "csv", given)
    table = rows(path)
    for row, made in zip(table, ("7", "02-Jan", "3"), strict=True):
        row |= {"text": made, "proposal": made}
    table[0]["verdict"] = "accept"
    table[2]["text"] = "drei"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table)
    found, damaged = read(path, "csv")
    assert [line for line, _ in damaged] == [2]
    untouched, edited = found
    assert untouched.sent == sent_digest(untouched.state, untouched.text)
    assert (edited.text, edited.sent) == ("drei", given[2].sent)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"\x80\x81,\n"])
def test_what_is_no_such_table_is_refused(tmp_path: Path, form: str, content: bytes) -> None:
    path = tmp_path / f"t.{form}"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read(path, form)


def test_a_workbook_can_be_filled_in_and_nothing_else(tmp_path: Path) -> None:
    given = [unit(text, language=code) for code in ("de", "ar", "he") for text in ("a", "b")]
    book = openpyxl.load_workbook(saved(tmp_path / "t.xlsx", "xlsx", given))
    assert book.sheetnames == ["about", "de", "ar", "he"]
    assert [bool(sheet.sheet_view.rightToLeft) for sheet in book.worksheets] == [
        *(False, False, True, True)
    ]
    sheet = book["ar"]
    assert sheet.freeze_panes == "A2"
    assert sheet.protection.sheet and sheet.protection.password is None
    assert sheet.auto_filter.ref == "A1:S3"
    names = [cell.value for cell in sheet[1]]
    assert names == list(COLUMNS)
    open_ = {name for name, cell in zip(names, sheet[2], strict=True) if not cell.protection.locked}
    assert open_ == {"verdict", "text", "reason", "comment"}
    assert all(cell.protection.locked for cell in sheet[1])
    by_name = dict(zip(names, sheet[2], strict=True))
    assert by_name["text"].alignment.readingOrder == 2
    assert by_name["source text"].alignment.readingOrder == 1
    assert by_name["text"].number_format == "@"
    lists = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    assert lists["C2:C3"].formula1 == '"accept,edit,reject"'
    assert lists["E2:E3"].formula1 == f'"{",".join(RejectReason)}"'
    assert lists["D2:D3"].errorStyle == "warning"


def test_no_text_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    given = [unit(text, entity=f"Q{place}") for place, text in enumerate(HARD)]
    sheet = openpyxl.load_workbook(saved(tmp_path / "t.xlsx", "xlsx", given))["de"]
    for row in sheet.iter_rows(min_row=2):
        for name, cell in zip(COLUMNS, row, strict=True):
            is_number = cell.value is None or name in ("probability", "maximum")
            assert cell.data_type == ("n" if is_number else "s")
            assert cell.quotePrefix or cell.value is None or name == "probability"


def test_a_workbook_comes_back_as_people_leave_it(tmp_path: Path) -> None:
    """Sorted, columns moved, a further column and sheet, numbers and dates typed, saved by another
    program (openpyxl keeps strings in a table of their own, as Excel does)."""
    given = [unit(text, entity=f"Q{place}") for place, text in enumerate("abcdefg")]
    book = openpyxl.load_workbook(saved(tmp_path / "t.xlsx", "xlsx", given))
    sheet = book["de"]
    rows: list[list[Any]] = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    verdict, text = COLUMNS.index("verdict"), COLUMNS.index("text")
    rows[0][verdict] = "accept"
    rows[1][text] = "Fièvre "
    rows[2][verdict], rows[2][COLUMNS.index("reason")] = "reject", "spelling"
    rows[3][text] = 1984
    rows[4][text] = 3.0
    rows[5][text] = datetime(2026, 1, 2)
    other = book.create_sheet("my sheet")
    other.append(["notes"])
    other.append(["x"])
    back = book.create_sheet("de sorted")
    back.append(["done?", *reversed(COLUMNS)])
    for row in reversed(rows):
        back.append(["", *reversed(row)])
    del book["de"]
    book.save(tmp_path / "back.xlsx")
    found, damaged = read(tmp_path / "back.xlsx", "xlsx")
    by_id = {one.id: one for one in found}
    states = [by_id[one.id].state for one in given if one.id in by_id]
    assert states == [
        UnitState.ACCEPTED,
        UnitState.OPEN,
        UnitState.REJECTED,
        *[UnitState.OPEN] * 3,
    ]
    assert by_id[given[1].id].text == "Fièvre "
    assert by_id[given[2].id].reason == "spelling"
    assert [by_id[given[place].id].text for place in (3, 4)] == ["1984", "3"]
    assert [line for line, _ in damaged] == [3]
    assert "on the sheet 'de sorted': the text is the date 2026-01-02" in damaged[0][1]


def test_sheets_have_names_that_excel_takes(tmp_path: Path) -> None:
    codes = ["x-" + "a" * 40 + end for end in ("1", "2")] + ["history", "a/b", "A/B", "about"]
    given = [unit(language=code) for code in codes]
    path = saved(tmp_path / "t.xlsx", "xlsx", given)
    names = openpyxl.load_workbook(path).sheetnames
    assert len({name.lower() for name in names}) == len(codes) + 1
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert [one.id for one in read(path, "xlsx")[0]] == [one.id for one in given]


def test_more_rows_than_a_sheet_has_go_on_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgenrich.exchange.tables.workbook.MOST_ROWS", 3)
    given = [unit(text) for text in "abcde"]
    path = saved(tmp_path / "t.xlsx", "xlsx", given)
    assert openpyxl.load_workbook(path).sheetnames == ["about", "de", "de (2)", "de (3)"]
    assert [one.text for one in read(path, "xlsx")[0]] == list("abcde")


def test_what_no_cell_holds_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="32,768 characters, a cell of Excel holds"):
        saved(tmp_path / "t.xlsx", "xlsx", [unit("x" * 32_768)])
    path = saved(tmp_path / "t.xlsx", "xlsx", [unit("😀" * 16_383)])
    assert read(path, "xlsx")[0][0].text == "😀" * 16_383


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_defines_things_is_refused(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path / "t.xlsx", "xlsx", [unit()])
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(bad, "w") as out:
        for part in good.infolist():
            content = good.read(part)
            if part.filename == "xl/workbook.xml":
                document = content.decode()
                content = f'<!DOCTYPE x [<!ENTITY a "b">]>{document}'.encode(encoding)
            out.writestr(part, content)
    with pytest.raises(InputError, match="has definitions in its XML"):
        read(bad, "xlsx")
