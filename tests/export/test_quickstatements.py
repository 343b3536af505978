"""QuickStatements: what the parsers of the tool make of the file is what was decided."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import UsageError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.licences import compatible, obstacle
from kgenrich.export.quickstatements import (
    Edit,
    columns_of,
    edits,
    summary,
    table,
    version1,
)
from kgenrich.model import (
    Candidate,
    Evidence,
    EvidenceRow,
    Proposal,
    ProvenanceRow,
    SourceKind,
    TermKind,
    TermRow,
)
from kgenrich.text import clean

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS


def story(
    entity: str = "Q42",
    language: str = "fr",
    kind: TermKind = LABEL,
    text: str = "Douglas Adams",
    state: str = "accepted",
    licences: tuple[str, ...] = ("CC0-1.0",),
    codes: tuple[str, ...] = (),
    rank: int = 1,
    proposed: bool = True,
) -> ProvenanceRow:
    candidate = Candidate(entity, language, kind, text)
    evidence = tuple(
        EvidenceRow(str(n), Evidence("names", SourceKind.GRAPH), "", 1, licence)
        for n, licence in enumerate(licences)
    )
    return ProvenanceRow(
        TermRow(entity, language, kind, text, state, candidate.id, 0.97),  # type: ignore[arg-type]
        evidence,
        Proposal(candidate, 1, {"graph": 1}, 0.97, "pool", codes=codes, rank=rank)
        if proposed
        else None,
    )


def written(rows: list[ProvenanceRow], comment: str = "") -> tuple[str, ExportCounts]:
    counts = ExportCounts()
    found = edits(rows, "CC0-1.0", counts, commands=True)
    return b"".join(version1(found, comment)).decode(), counts


def as_version_2_reads(text: str) -> list[tuple[str, str, str]]:
    """The steps of the PHP tool: trim, cut the comment off, split, match the string greedily."""
    found = []
    for line in text.split("\n"):
        line = line.strip()
        if comment := re.match(r"^(.*?) */\* *(.*?) *\*/ *$", line):
            line = comment[1]
        fields = line.split("\t")
        if len(fields) == 3 and re.fullmatch(r"Q\d+", fields[0]):
            assert re.fullmatch(r"[LDA][a-z_-]+", fields[1])
            string = re.fullmatch(r'"(.*)"', fields[2].strip())
            assert string is not None
            found.append((fields[0], fields[1], string[1].strip()))
    return found


def as_version_3_reads(text: str) -> list[tuple[str, str, str]]:
    """The Python tool also takes every | for a tab and || for the end of a line."""
    return as_version_2_reads(text.replace("||", "\n").replace("|", "\t"))


def test_a_block_of_commands() -> None:
    text, counts = written(
        [
            story("Q42", "fr", LABEL, "Douglas Adams"),
            story("Q42", "fr", DESCRIPTION, "écrivain britannique"),
            story("Q42", "fr", ALIAS, "Douglas Noël Adams"),
            story("Q42", "fr", ALIAS, "DNA"),
            story("Q64", "zh-hant", LABEL, "柏林"),
        ]
    )
    assert text == (
        'Q42\tLfr\t"Douglas Adams"\n'
        'Q42\tDfr\t"écrivain britannique"\n'
        'Q42\tAfr\t"Douglas Noël Adams"\n'
        'Q42\tAfr\t"DNA"\n'
        'Q64\tLzh-hant\t"柏林"\n'
    )
    assert counts.terms == 5


def test_the_summary_names_the_batch_for_edit_groups() -> None:
    comment = summary("labels of rivers", "9a6b20e1")
    assert comment == "labels of rivers ([[:toolforge:editgroups/b/CB/9a6b20e1|details]])"
    text, _ = written([story()], comment)
    assert text == f'Q42\tLfr\t"Douglas Adams" /* {comment} */\n'
    assert as_version_2_reads(text) == [("Q42", "Lfr", "Douglas Adams")]


@pytest.mark.parametrize("batch", ["xyz", "123", "A" * 8, "0" * 33])
def test_a_batch_is_4_to_32_hexadecimal_digits(batch: str) -> None:
    with pytest.raises(UsageError, match="4 to 32"):
        summary("x", batch)


def test_a_summary_cannot_end_the_comment() -> None:
    with pytest.raises(UsageError, match="edit summary"):
        summary('nice */ Q1\tLen\t"vandalism"')


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=25), max_size=6))
def test_no_text_breaks_out_of_its_command(texts: list[str]) -> None:
    hard = [*texts, 'a"\nQ1\tLen\t"b', '"', '""', "tab\there", 'Q1\tLen\t"x" /* c */', "a|b||c"]
    rows = [story(f"Q{n}", text=text) for n, text in enumerate(hard, 1)]
    for comment in ("", summary("test", "abcd")):
        text, counts = written(rows, comment)
        wanted = [
            (f"Q{n}", "Lfr", clean(one))
            for n, one in enumerate(hard, 1)
            if clean(one) and "|" not in clean(one) and "/*" not in clean(one)
        ]
        assert as_version_2_reads(text) == wanted
        assert counts.terms == len(wanted)
        assert sum(counts.refused.values()) == len(hard) - len(wanted)
        if not comment:
            assert as_version_3_reads(text) == wanted


def test_only_items_are_edited_and_the_rest_is_counted() -> None:
    text, counts = written([story("P31"), story("http://example.org/1"), story("L7"), story("Q5")])
    assert text == 'Q5\tLfr\t"Douglas Adams"\n'
    assert counts.refused == {"not a Wikidata item": 3}


def test_a_place_is_filled_once_and_accepted_terms_come_first() -> None:
    rows = [
        story(text="proposed", state="proposed"),
        story(text="second choice", state="proposed", rank=2),
        story(text="accepted"),
        story(text="objected to", state="proposed", codes=("E103",), language="it"),
        story(text="warned of", state="proposed", codes=("W201",), language="de"),
    ]
    text, counts = written(rows)
    assert text == 'Q42\tLfr\t"accepted"\nQ42\tLde\t"warned of"\n'
    assert counts.refused == {
        "another term for the same place": 2,
        "an objection of the validators": 1,
    }


def test_evidence_under_another_licence_is_left_out_and_counted() -> None:
    rows = [
        story("Q1", licences=("CC-BY-SA-4.0",)),
        story("Q2", licences=("CC-BY-SA-4.0", "CC0-1.0")),
        story("Q3", licences=("",)),
        story("Q4", licences=(), proposed=False),
        story("Q5", licences=()),
    ]
    counts = ExportCounts()
    assert [e.item for e in edits(rows, "CC0-1.0", counts)] == ["Q2", "Q4"]
    assert counts.refused == {
        "evidence under cc-by-sa-4.0 only": 1,
        "evidence under unknown only": 2,
    }
    allowed = edits(rows, "CC0-1.0", ExportCounts(), allowed=["cc-by-sa-4.0", "unknown"])
    assert [e.item for e in allowed] == ["Q1", "Q2", "Q3", "Q4", "Q5"]


@pytest.mark.parametrize(
    ("licence", "target", "fits"),
    [
        ("CC0-1.0", "CC0-1.0", True),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0", True),
        ("CC-BY-4.0", "CC0-1.0", False),
        ("https://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-4.0", True),
        ("CC-BY-SA-4.0", "CC-BY-SA-3.0", False),
        ("CC-BY-SA-4.0", "CC-BY-4.0", False),
        ("CC-BY-NC-4.0", "CC-BY-SA-4.0", False),
        ("Apache-2.0", "Apache-2.0", True),
        ("", "", False),
    ],
)
def test_licences(licence: str, target: str, fits: bool) -> None:
    assert compatible(licence, target) is fits
    assert (obstacle([licence], target) == "") is fits


def csv_of(rows: list[ProvenanceRow], comment: str = "") -> list[list[str]]:
    found = list(edits(rows, "CC0-1.0", ExportCounts()))
    data = b"".join(table(columns_of(found), found, comment)).decode()
    return list(csv.reader(io.StringIO(data, newline="")))


def test_csv_has_a_column_for_each_command_and_a_line_for_each_further_alias() -> None:
    rows = [
        story("Q42", "fr", ALIAS, "DNA"),
        story("Q42", "fr", ALIAS, "Douglas Noël Adams"),
        story("Q42", "de", DESCRIPTION, 'Autor von "Anhalter"'),
        story("Q64", "fr", LABEL, "Berlin, capitale"),
    ]
    assert csv_of(rows) == [
        ["qid", "Lfr", "Dde", "Afr"],
        ["Q42", "", 'Autor von "Anhalter"', "DNA"],
        ["Q42", "", "", "Douglas Noël Adams"],
        ["Q64", "Berlin, capitale", "", ""],
    ]


def test_in_csv_a_comment_follows_each_term() -> None:
    rows = [story("Q1", "fr", LABEL, "a|b"), story("Q2", "it", LABEL, "c")]
    assert csv_of(rows, "why") == [
        ["qid", "Lfr", "#", "Lit", "#"],
        ["Q1", "a|b", "why", "", ""],
        ["Q2", "", "", "c", "why"],
    ]


@given(st.lists(st.tuples(st.sampled_from(["fr", "it"]), st.sampled_from(TermKind), st.text())))
def test_csv_reads_back_as_the_same_edits(terms: list[tuple[str, TermKind, str]]) -> None:
    rows = [story("Q1", language, kind, text) for language, kind, text in terms]
    found = list(edits(rows, "CC0-1.0", ExportCounts()))
    header, *lines = csv_of(rows)
    read = {
        Edit(line[0], command[1:], {"L": LABEL, "D": DESCRIPTION, "A": ALIAS}[command[0]], cell)
        for line in lines
        for command, cell in zip(header[1:], line[1:], strict=True)
        if cell
    }
    assert read == set(found)
