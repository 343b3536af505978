"""The exported story of a term answers who, what, when, from what, in PROV-O."""

from __future__ import annotations

import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from rdflib.compare import isomorphic

from kgenrich.export.counts import ExportCounts
from kgenrich.export.provenance import serialize
from kgenrich.export.rdf import RdfOptions
from kgenrich.export.syntax import FORMS
from kgenrich.model import (
    Call,
    Candidate,
    Decision,
    Evidence,
    EvidenceRow,
    Proposal,
    ProvenanceRow,
    SourceKind,
    TermKind,
    TermRow,
    Verdict,
)

BASE = "http://www.wikidata.org/entity/"
AT = "2026-03-04T05:06:07+00:00"
PREFIXES = """
PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX kg: <urn:kgenrich:vocabulary:>
"""


class OneRun(Struct):
    verb: str = "enrich"
    code_version: str = "1.0"
    settings_hash: str = "00ff"
    started: str = AT
    finished: str = "2026-03-04T06:00:00+00:00"


def story(text: str = "Douglas Adams", note: str = "said so", edited: str = "") -> ProvenanceRow:
    candidate = Candidate("Q42", "it", TermKind.LABEL, text)
    call = Call("f" * 8, "llm-big", model_requested="big", model_resolved="big-2026")
    evidence = (
        Evidence("names", SourceKind.GRAPH, from_language="en", from_text=text, licence="CC0-1.0"),
        Evidence(
            "llm-big",
            SourceKind.LLM,
            call=call.fingerprint,
            score=0.9,
            rank=1,
            raw=text,
            url="https://example.org/page",
            note=note,
        ),
    )
    return ProvenanceRow(
        TermRow("Q42", "it", TermKind.LABEL, edited or text, "accepted", candidate.id, 0.97),
        (
            EvidenceRow("e1", evidence[0], AT, 7),
            EvidenceRow("e2", evidence[1], AT, 7, "CC-BY-4.0", call),
        ),
        Proposal(candidate, 2, {"graph": 1, "llm": 1}, 0.97, "pool-1", ("two kinds agree",)),
        AT,
        7,
        123,
        Decision(
            candidate.id,
            Verdict.EDIT if edited else Verdict.ACCEPT,
            "Ada",
            edited or text,
            AT,
            "checked the book",
            2,
            0.97,
            "pool-1",
            123,
        ),
    )


def write(rows: list[ProvenanceRow], form: str = "ttl") -> tuple[bytes, ExportCounts]:
    counts = ExportCounts()
    return b"".join(serialize(rows, {7: OneRun()}, RdfOptions(BASE, form), counts)), counts


def graph_of(data: bytes, form: str) -> rdflib.Graph:
    names = {"nt": "nt", "ttl": "turtle", "nq": "nquads", "trig": "trig"}
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=data, format=names[form])
    graph = rdflib.Graph()
    for s, p, o, _ in dataset.quads():
        graph.add((s, p, o))
    return graph


def ask(rows: list[ProvenanceRow], query: str) -> set[tuple[str, ...]]:
    graph = graph_of(write(rows)[0], "ttl")
    return {tuple(str(cell) for cell in row) for row in graph.query(PREFIXES + query)}


def test_from_the_term_to_who_decided() -> None:
    found = ask(
        [story()],
        """SELECT ?item ?text ?who ?when ?why ?p WHERE {
            ?term rdf:subject ?item ; rdf:object ?text ; prov:wasGeneratedBy ?decision .
            ?decision prov:wasAssociatedWith [ rdfs:label ?who ] ; prov:endedAtTime ?when ;
                rdfs:comment ?why ; kg:verdict "accept" ; kg:probability ?p }""",
    )
    assert found == {(BASE + "Q42", "Douglas Adams", "Ada", AT, "checked the book", "0.97")}


def test_from_the_term_to_sources_models_and_licences() -> None:
    found = ask(
        [story()],
        """SELECT ?source ?kind ?licence ?model WHERE {
            ?term prov:wasDerivedFrom ?candidate . ?candidate prov:wasDerivedFrom ?evidence .
            ?evidence prov:wasAttributedTo ?agent ; dcterms:license ?licence .
            ?agent rdfs:label ?source ; kg:sourceKind ?kind .
            OPTIONAL { ?evidence prov:wasGeneratedBy [ kg:modelResolved ?model ] } }""",
    )
    assert found == {
        ("names", "graph", "https://spdx.org/licenses/CC0-1.0", "None"),
        ("llm-big", "llm", "https://spdx.org/licenses/CC-BY-4.0", "big-2026"),
    }


def test_from_the_candidate_to_the_run_that_proposed_it() -> None:
    found = ask(
        [story()],
        """SELECT ?verb ?settings ?started ?p ?graph ?llm ?reason WHERE {
            ?candidate prov:wasGeneratedBy ?run ; kg:probability ?p ; kg:graphVotes ?graph ;
                kg:llmVotes ?llm ; kg:reason ?reason .
            ?run rdfs:label ?verb ; kg:settings ?settings ; prov:startedAtTime ?started }""",
    )
    assert found == {("enrich", "00ff", AT, "0.97", "1", "1", "two kinds agree")}


def test_an_edited_term_keeps_the_machine_s_wording_beside_the_person_s() -> None:
    found = ask(
        [story("Duglas Adams", edited="Douglas Adams")],
        """SELECT ?ours ?theirs WHERE {
            ?term prov:wasDerivedFrom ?candidate ; rdf:object ?ours .
            ?candidate rdf:object ?theirs }""",
    )
    assert found == {("Douglas Adams", "Duglas Adams")}


def test_a_proposed_term_has_no_decision() -> None:
    row = story()
    term = TermRow("Q42", "it", TermKind.LABEL, "Douglas Adams", "proposed", "c1", 0.97)
    row = ProvenanceRow(term, row.evidence, row.proposal, row.at, row.run, row.revision)
    assert not ask([row], "SELECT ?d WHERE { ?d kg:verdict ?verdict }")
    assert len(ask([row], "SELECT ?c WHERE { ?c a rdf:Statement }")) == 1


def test_sources_and_runs_are_told_once() -> None:
    data, counts = write([story(), story("Adams")], "nt")
    lines = data.decode().splitlines()
    assert len([line for line in lines if "SoftwareAgent" in line]) == 2
    assert len([line for line in lines if "startedAtTime" in line]) == 1
    assert counts.terms == 2
    assert counts.triples == len(lines)


@pytest.mark.parametrize("form", FORMS)
def test_every_format_says_the_same(form: str) -> None:
    told = graph_of(write([story()], form)[0], form)
    assert isomorphic(told, graph_of(write([story()], "nt")[0], "nt"))
    quads = pyoxigraph.parse(
        input=write([story()], form)[0], format=pyoxigraph.RdfFormat.from_extension(form)
    )
    assert len(set(quads)) == len(told)


@settings(max_examples=50, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1),
    note=st.text(st.characters(exclude_categories=("Cs",)), min_size=1),
)
def test_hard_text_reads_back(text: str, note: str) -> None:
    data, _ = write([story(text, note)], "nt")
    objects = {
        quad.object.value for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_TRIPLES)
    }
    assert {text, note} <= objects
    assert {text, note} <= {str(o) for o in graph_of(data, "nt").objects()}


def test_what_rdf_cannot_hold_is_refused_and_counted() -> None:
    row = story("a\ud800")
    data, counts = write([row, story()])
    assert counts.refused == {"a lone surrogate": 1}
    assert counts.terms == 1
    assert data
