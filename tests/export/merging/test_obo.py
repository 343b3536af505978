"""Terms are added to an OBO document as clauses, and nothing else of it changes."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import fastobo
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, Triple

from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition
from kgenrich.export.merging.obo import merge_obo
from kgenrich.harvest.obo.document import read_obo
from kgenrich.inputs import Input
from kgenrich.namespaces import SKOS

OBO = "http://purl.obolibrary.org/obo/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"
DEFINITION = f"{OBO}IAO_0000115"
EXACT = "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym"

DOCUMENT = """\
format-version: 1.4
ontology: heart
idspace: EX http://example.org/ "Example"

! The heart itself.
[Term]
id: X:1 ! heart
name: heart
def: "A muscle." []
synonym: "pump" EXACT []
xref: A:1
is_a: X:2 ! organ
created_by: me

[Term]
id: X:2

[Typedef]
id: part_of
name: part of
xref: BFO:0000050
"""


class Source(io.BytesIO):
    """A file in memory that is read a few bytes at a time."""

    name = "heart.obo"

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(7)


def merged(document: bytes, *additions: Addition) -> tuple[bytes, ExportCounts]:
    counts = ExportCounts()
    return b"".join(merge_obo(Source(document), additions, counts)), counts


def added(document: bytes, result: bytes) -> list[tuple[bytes, bytes]]:
    """The lines that were added, each after which one; all others must be the same."""
    old = document.splitlines(keepends=True)
    new, before = [], b""
    for line in result.splitlines(keepends=True):
        if old and line == old[0]:
            before = old.pop(0)
        else:
            new.append((before, line))
    assert not old
    return new


@pytest.mark.parametrize(
    ("subject", "predicate", "before", "clause"),
    [
        ("X_1", EXACT, 'synonym: "pump" EXACT []', 'synonym: "Herz" EXACT []'),
        ("X_1", LABEL, "xref: A:1", f'property_value: {LABEL} "Herz" xsd:string'),
        ("X_1", DEFINITION, "xref: A:1", 'property_value: IAO:0000115 "Herz" xsd:string'),
        ("X_1", COMMENT, 'def: "A muscle." []', "comment: Herz"),
        ("X_1", "http://example.org/n", "xref: A:1", 'property_value: EX:n "Herz" xsd:string'),
        ("X_2", LABEL, "id: X:2", "name: Herz"),
        ("X_1", f"{SKOS}altLabel", 'synonym: "pump" EXACT []', 'synonym: "Herz" EXACT []'),
        ("X_2", f"{SKOS}definition", "id: X:2", 'def: "Herz" []'),
        ("X_2", DEFINITION, "id: X:2", 'def: "Herz" []'),
        ("BFO_0000050", EXACT, "name: part of", 'synonym: "Herz" EXACT []'),
    ],
)
def test_a_clause_stands_where_its_tag_belongs(
    subject: str, predicate: str, before: str, clause: str
) -> None:
    document = DOCUMENT.encode()
    result, counts = merged(document, Addition(OBO + subject, predicate, "Herz", "de"))
    expected = f'{clause} {{xml:lang="de"}}\n'
    assert added(document, result) == [(f"{before}\n".encode(), expected.encode())]
    assert (counts.terms, counts.triples, counts.refused) == (1, 1, Counter())


def test_a_term_with_several_names_gets_one_more() -> None:
    text = DOCUMENT.replace("name: heart\n", 'name: heart\nname: coeur {xml:lang="fr"}\n').encode()
    result, _ = merged(text, Addition(f"{OBO}X_1", LABEL, "Herz", "de"))
    assert added(text, result) == [
        (b'name: coeur {xml:lang="fr"}\n', b'name: Herz {xml:lang="de"}\n')
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("is_whole", [True, False])
def test_the_ends_of_lines_are_those_of_the_document(end: str, is_whole: bool) -> None:
    document = DOCUMENT.replace("\n", end).encode()
    if not is_whole:
        document = document.removesuffix(end.encode())
    additions = [Addition(f"{OBO}BFO_0000050", predicate, "Teil") for predicate in (EXACT, COMMENT)]
    last = Addition(f"{OBO}BFO_0000050", f"{OBO}IAO_0000118", "Teil")
    result, _ = merged(document, *additions, last)
    assert result.count(end.encode()) == document.count(end.encode()) + 3
    assert result.count(b"\n") == result.count(end.encode())
    assert result.endswith(end.encode()) == is_whole


def test_what_the_format_cannot_hold_is_refused() -> None:
    document = DOCUMENT.encode()
    result, counts = merged(
        document,
        Addition(f"{OBO}X_3", EXACT, "Herz"),
        Addition(f"{OBO}X_1", EXACT, "He\rrz"),
        Addition(f"{OBO}X_1", EXACT, "Herz", 'de"'),
        Addition(f"{OBO}X_1", EXACT, "Herz\ud800"),
        Addition(f"{OBO}X_1", EXACT, "Herz\\"),
    )
    assert result == document
    assert counts.refused == {
        "no frame of the document": 1,
        "a control character": 1,
        "not a language tag": 1,
        "a lone surrogate": 1,
        "a backslash at the end": 1,
    }


def test_what_is_there_already_is_not_said_twice() -> None:
    additions = [
        Addition(f"{OBO}X_1", predicate, "Herz", "de") for predicate in (LABEL, EXACT, DEFINITION)
    ]
    once, _ = merged(DOCUMENT.encode(), *additions)
    twice, counts = merged(once, *additions)
    assert twice == once
    assert (counts.terms, counts.refused) == (0, {"there already": 3})


@pytest.mark.parametrize("document", [b"", b"\xef\xbb\xbf" + DOCUMENT.encode(), b"no OBO\nat all"])
def test_nothing_added_is_nothing_changed(document: bytes) -> None:
    assert merged(document) == (document, ExportCounts())


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), min_size=1
).filter(lambda text: text == text.strip() and not text.endswith("\\"))
ADDITIONS = st.builds(
    Addition,
    st.sampled_from([f"{OBO}X_1", f"{OBO}X_2", f"{OBO}BFO_0000050"]),
    st.sampled_from([LABEL, DEFINITION, EXACT, COMMENT, f"{OBO}IAO_0000118"]),
    TEXTS | TEXTS.map(lambda text: f"{text}\n{text}"),
    st.sampled_from(["", "de", "de-AT", "zh-Hant"]),
)


@given(st.lists(ADDITIONS, max_size=6, unique=True))
def test_the_document_says_the_same_and_what_was_added(
    tmp_path_factory: pytest.TempPathFactory, additions: list[Addition]
) -> None:
    document = DOCUMENT.encode()
    result, counts = merged(document, *additions)
    assert counts.terms == len(additions)
    assert len(added(document, result)) == len(additions)
    old = Counter(str(clause) for frame in loaded(document) for clause in frame)
    new = Counter(str(clause) for frame in loaded(result) for clause in frame)
    assert not old - new
    assert (new - old).total() == len(additions)
    folder = tmp_path_factory.mktemp("merged")
    more = statements(result, folder) - statements(document, folder)
    assert more == Counter((a.subject, a.predicate, a.text, a.tag) for a in additions)


def loaded(document: bytes) -> fastobo.doc.OboDoc:
    """What fastobo, which takes no lines of comments, makes of a document."""
    lines = document.decode().splitlines(keepends=True)
    return fastobo.loads("".join(line for line in lines if not line.startswith("!")))


def statements(document: bytes, folder: Path) -> Counter[tuple[str, str, str, str]]:
    """What is said in texts of anything that has an IRI."""
    path = folder / "document.obo"
    path.write_bytes(document)
    with Input(path) as source:
        return Counter(
            (
                item.subject.value,
                item.predicate.value,
                item.object.value,
                item.object.language or "",
            )
            for item in read_obo(source, Counter())
            if isinstance(item, Triple)
            and isinstance(item.object, Literal)
            and not isinstance(item.subject, BlankNode)
        )
