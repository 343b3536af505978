"""No text of a CSV file that people open becomes a formula."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from kgenrich.escaping import safe_cell
from kgenrich.export.terms import safe, table
from kgenrich.model import Alternative, ToldTermRow

texts = st.text(
    st.sampled_from("=+-@'＝＋－＠\t\r\n a1") | st.characters(codec="utf-8"), max_size=12
)


@given(texts)
def test_a_text_is_no_formula_and_comes_back(text: str) -> None:
    safe = safe_cell(text)
    assert not re.match(r"\s*[=+\-@\t\r\n＝＋－＠]", safe)
    assert (safe[1:] if re.match(r"'+\s*[=+\-@\t\r\n＝＋－＠]", safe) else safe) == text


def test_numbers_and_other_texts_stay() -> None:
    assert [safe_cell(one) for one in (-1, 0.5, "", "a-b", "'s-Hertogenbosch", None)] == [
        *(-1, 0.5, "", "a-b", "'s-Hertogenbosch", None)
    ]


@given(st.lists(texts, max_size=5))
def test_rows_are_counted_and_read_back(terms: list[str]) -> None:
    rows = [ToldTermRow("Q1", "en", "label", text, "asserted", "", 0.0) for text in terms]
    changed: list[int] = []
    written = b"".join(table(safe(rows, lambda: changed.append(1)))).decode()
    cells = [row["text"] for row in csv.DictReader(io.StringIO(written, newline=""))]
    assert cells == [safe_cell(text) for text in terms]
    assert len(changed) == sum(safe_cell(text) != text for text in terms)


@given(texts)
def test_no_cell_that_tells_of_a_term_becomes_a_formula(text: str) -> None:
    told = {"source_label": text, "reasons": (text,), "origin": (text,)}
    others = (Alternative(text, 0.5), Alternative("b", 0.25))
    row = ToldTermRow("Q1", "en", "label", "a", "proposed", "c", 0.5, **told, alternatives=others)
    written = b"".join(table(safe([row], lambda: None))).decode()
    (read,) = csv.DictReader(io.StringIO(written, newline=""))
    assert read["source_label"] == read["reasons"] == read["origin"] == safe_cell(text)
    assert read["alternatives"] == f"{safe_cell(text)} (0.500) | b (0.250)"
