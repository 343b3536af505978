"""What is written as RDF reads back in two independent readers with the same triples."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterable

import pyoxigraph
import pytest
import rdflib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.errors import InputError
from kgenrich.export.rdf import RdfCounts, RdfOptions, graph_of, serialize
from kgenrich.export.syntax import FORMS, QUADS, iri, literal, local_iri
from kgenrich.export.void import describe
from kgenrich.export.writing import Written
from kgenrich.languages import bcp47
from kgenrich.model import TermKind, TermRow

BASE = "http://www.wikidata.org/entity/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ALIAS = "http://www.w3.org/2004/02/skos/core#altLabel"
DESCRIPTION = "http://schema.org/description"
PREDICATES = {
    TermKind.LABEL: LABEL,
    TermKind.ALIAS: ALIAS,
    TermKind.DESCRIPTION: DESCRIPTION,
    TermKind.DEFINITION: "http://www.w3.org/2004/02/skos/core#definition",
}
OXIGRAPH = {
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "nq": pyoxigraph.RdfFormat.N_QUADS,
    "trig": pyoxigraph.RdfFormat.TRIG,
}
RDFLIB = {"nt": "nt", "ttl": "turtle", "nq": "nquads", "trig": "trig"}

Statement = tuple[str, str, str, str, str]
"""Subject, predicate, text, tag in lower case (RFC 5646: tags have no case), graph."""

hard_text = st.text(
    st.one_of(
        st.sampled_from(
            "\"\\'<>{}|^`@.;, \t\n\r\x00\x08\x0b\x0c\x1b\x1e\x7f\x85\u00a0\u200b\u200e\u200f"
            "\u202a\u202e\u2028\u2029\u2066\u2069\ufeff\ufffe\uffff\ufffd👩\u200d🚀שלוםكتاب日本語e\u0301"
        ),
        st.characters(exclude_categories=("Cs",)),
    ),
    min_size=1,
    max_size=30,
)
rows_of = st.lists(
    st.builds(
        TermRow,
        entity=st.sampled_from(["Q42", "P31", "L7", "http://example.org/caf\u00e9/1", "urn:x:a"]),
        language=st.sampled_from(["en", "zh-hant", "sr-el", "simple", "mul", "als", "gsw", "nrm"]),
        kind=st.sampled_from(TermKind),
        text=hard_text,
        state=st.sampled_from(["asserted", "accepted", "proposed"]),
    ).map(lambda row: replace(row, candidate="" if row.state == "asserted" else "c1")),
    max_size=12,
    unique_by=lambda row: (row.entity, row.language, row.kind, row.text, row.state),
).map(lambda rows: sorted(rows, key=lambda row: row.entity))


def write(rows: Iterable[TermRow], form: str = "nt", **more: object) -> tuple[bytes, RdfCounts]:
    options = RdfOptions(BASE, form, **more)  # type: ignore[arg-type]
    counts = RdfCounts(detailed=True)
    rows = list(rows)
    states = ("asserted", "accepted", "proposed")
    if form in QUADS:
        parts = [(graph_of(s, options), [r for r in rows if r.state == s]) for s in states]
    else:
        parts = [("", rows)]
    return b"".join(serialize(parts, options, counts)), counts


def by_oxigraph(data: bytes, form: str) -> set[Statement]:
    return {
        (
            quad.subject.value,
            quad.predicate.value,
            quad.object.value,
            (quad.object.language or "").lower(),
            getattr(quad.graph_name, "value", "") if form in QUADS else "",
        )
        for quad in pyoxigraph.parse(input=data, format=OXIGRAPH[form])
    }


def by_rdflib(data: bytes, form: str) -> set[Statement]:
    graph = rdflib.Dataset()
    graph.parse(data=data, format=RDFLIB[form])
    return {
        (
            str(s),
            str(p),
            str(o),
            (o.language or "").lower(),
            str(g) if form in QUADS else "",
        )
        for s, p, o, g in graph.quads()
    }


def expected(rows: Iterable[TermRow], form: str) -> set[Statement]:
    return {
        (
            row.entity if ":" in row.entity else BASE + row.entity,
            PREDICATES[row.kind],
            row.text,
            bcp47(row.language).lower(),
            f"urn:kgenrich:{row.state}" if form in QUADS else "",
        )
        for row in rows
    }


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=120, deadline=None)
@given(rows=rows_of)
@example(rows=[TermRow("Q1", "en", TermKind.LABEL, '\\"', "asserted")])
@example(rows=[TermRow("Q1", "en", TermKind.LABEL, '"""', "asserted")])
@example(rows=[TermRow("Q1", "en", TermKind.LABEL, "ends with \\", "proposed")])
def test_hard_text_reads_back_in_both_readers(form: str, rows: list[TermRow]) -> None:
    data, counts = write(rows, form)
    wanted = expected(rows, form)
    assert by_oxigraph(data, form) == wanted
    assert by_rdflib(data, form) == wanted
    assert counts.triples == len(wanted)


@given(rows=rows_of)
def test_a_triple_is_a_line_of_n_triples_for_every_reader_of_lines(rows: list[TermRow]) -> None:
    data, counts = write(rows)
    assert len(data.decode().splitlines()) == counts.triples
    assert b"\x1b" not in data


def test_n_triples_to_the_byte() -> None:
    rows = [
        TermRow("Q42", "it", TermKind.LABEL, "Douglas Adams", "asserted"),
        TermRow("Q42", "it", TermKind.DESCRIPTION, 'autore di "Guida"', "asserted"),
        TermRow("Q42", "zh-tw", TermKind.ALIAS, "道格拉斯", "asserted"),
    ]
    data, _ = write(rows)
    assert data.decode() == (
        f'<{BASE}Q42> <{LABEL}> "Douglas Adams"@it .\n'
        f'<{BASE}Q42> <{DESCRIPTION}> "autore di \\"Guida\\""@it .\n'
        f'<{BASE}Q42> <{ALIAS}> "道格拉斯"@zh-Hant-TW .\n'
    )


def test_turtle_groups_by_entity_and_predicate() -> None:
    rows = [
        TermRow("Q42", "de", TermKind.LABEL, "Douglas Adams", "asserted"),
        TermRow("Q42", "de", TermKind.DESCRIPTION, "Autor", "asserted"),
        TermRow("Q42", "it", TermKind.LABEL, "Douglas Adams", "asserted"),
    ]
    data, _ = write(rows, "ttl")
    assert data.decode().endswith(
        'wd:Q42 rdfs:label "Douglas Adams"@de, "Douglas Adams"@it ;\n'
        '    schema:description "Autor"@de .\n'
    )


def test_all_label_predicates_on_request() -> None:
    data, counts = write(
        [TermRow("Q1", "en", TermKind.LABEL, "universe", "asserted")], all_labels=True
    )
    predicates = {statement[1] for statement in by_rdflib(data, "nt")}
    assert predicates == {
        LABEL,
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://schema.org/name",
    }
    assert (counts.terms, counts.triples) == (1, 3)


def test_raw_tags_on_request() -> None:
    row = TermRow("Q1", "zh-tw", TermKind.LABEL, "宇宙", "asserted")
    assert b'"@zh-tw .' in write([row], raw_tags=True)[0]
    assert b'"@zh-Hant-TW .' in write([row])[0]


@pytest.mark.parametrize("form", ["nt", "ttl"])
def test_codes_with_one_tag_give_one_triple(form: str) -> None:
    rows = [
        TermRow(entity, code, TermKind.LABEL, "Basel", "asserted")
        for entity, codes in (("Q1", "gsw als"), ("Q2", "als gsw"), ("Q3", "als"))
        for code in codes.split()
    ]
    data, counts = write(rows, form)
    assert len(by_oxigraph(data, form)) == counts.triples == 3
    assert data.count(b'"Basel"@gsw') == 3


def test_the_same_triple_is_written_once() -> None:
    rows = [
        TermRow("Q1", "en", TermKind.LABEL, "universe", "asserted"),
        TermRow("Q1", "en", TermKind.LABEL, "universe", "accepted", "c1", 0.9),
    ]
    data, counts = write(rows)
    assert data.count(b"\n") == counts.triples == 1


def test_what_is_no_iri_or_tag_is_refused_and_counted() -> None:
    rows = [
        TermRow("http://example.org/a b", "en", TermKind.LABEL, "x", "asserted"),
        TermRow("http://example.org/<script>", "en", TermKind.LABEL, "x", "asserted"),
        TermRow("Q1", "not a language", TermKind.LABEL, "x", "asserted"),
        TermRow("Q1", "en", TermKind.LABEL, "kept", "asserted"),
    ]
    data, counts = write(rows, raw_tags=True)
    assert by_rdflib(data, "nt") == {(BASE + "Q1", LABEL, "kept", "en", "")}
    assert counts.refused == {"not an IRI": 2, "not a language tag": 1}


def test_a_lone_surrogate_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="label of Q1 in en holds a lone surrogate"):
        write([TermRow("Q1", "en", TermKind.LABEL, "a\ud800", "asserted")])


@given(st.text(max_size=20))
def test_an_iri_is_refused_or_reads_back_unchanged(text: str) -> None:
    written = iri("http://example.org/" + text)
    if written is None:
        return
    data = f"{written} <{LABEL}> {literal('x')} .\n".encode()
    (statement,) = by_rdflib(data, "nt")
    assert statement[0] == "http://example.org/" + text
    assert by_oxigraph(data, "nt") == {statement}


@given(st.text(min_size=1, max_size=20))
def test_a_name_under_a_base_is_percent_encoded(name: str) -> None:
    written = local_iri("urn:kgenrich:source:", name)
    assert written is not None
    assert written.isascii()
    assert iri(written[1:-1]) == written


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_store_gives_an_empty_document(form: str) -> None:
    data, counts = write([], form)
    assert by_oxigraph(data, form) == by_rdflib(data, form) == set()
    assert counts.triples == 0


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_memory_stays_flat(form: str) -> None:
    def rows() -> Iterable[TermRow]:
        for number in range(1, 30_001):
            yield TermRow(f"Q{number}", "en", TermKind.LABEL, f"thing {number}", "asserted")

    options = RdfOptions(BASE, form)
    tracemalloc.start()
    for _ in serialize([(graph_of("asserted", options), rows())], options, RdfCounts()):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 2**20


def test_void_describes_what_was_written() -> None:
    rows = [
        TermRow("Q1", "en", TermKind.LABEL, "universe", "asserted"),
        TermRow("Q1", "it", TermKind.LABEL, "universo", "accepted", "c1", 0.9),
        TermRow("Q2", "it", TermKind.DESCRIPTION, "pianeta", "asserted"),
    ]
    data, counts = write(rows, "nq")
    written = Written("out/terms.nq.gz", len(data), "ab" * 32)
    text = describe(counts, RdfOptions(BASE, "nq"), written, "2026-01-02T03:04:05+00:00")
    graph = rdflib.Graph().parse(io.BytesIO(text), format="turtle")
    found = graph.query(
        """
        PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?triples ?property ?count (GROUP_CONCAT(?tag) AS ?tags) WHERE {
            ?set a void:Dataset ; void:triples ?triples ;
                void:propertyPartition [ void:property ?property ; void:triples ?count ] ;
                dcterms:language ?tag .
        } GROUP BY ?triples ?property ?count
        """
    )
    told = {(int(r[0]), str(r[1]), int(r[2]), str(r[3])) for r in found}
    assert {row[:3] for row in told} == {(3, LABEL, 2), (3, DESCRIPTION, 1)}
    assert {frozenset(row[3].split()) for row in told} == {frozenset({"en", "it"})}
    subsets = graph.query(
        "PREFIX void: <http://rdfs.org/ns/void#> "
        "SELECT ?g ?n ?e WHERE { ?set void:subset ?g . ?g void:triples ?n ; void:entities ?e }"
    )
    assert {(str(g), int(n), int(e)) for g, n, e in subsets} == {
        ("urn:kgenrich:asserted", 2, 2),
        ("urn:kgenrich:accepted", 1, 1),
        ("urn:kgenrich:proposed", 0, 0),
    }
    pyoxigraph_count = len(list(pyoxigraph.parse(input=text, format=pyoxigraph.RdfFormat.TURTLE)))
    assert pyoxigraph_count == len(graph)
