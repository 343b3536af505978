"""What is new, alone: applied by others, a patch makes the graph that it says."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.export.changes import delta, rdf_patch, sparql_update
from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition, Change
from kgenrich.export.syntax import FORMS, prefixes
from kgenrich.namespaces import SKOS, SKOSXL, XSD
from tests.export.merging.graphs import by_oxigraph, by_rdflib

E = "http://e.example/"
PREFIXES = {"e": E, **prefixes("skos", "skosxl")}
OLD = Addition(f"{E}c1", f"{SKOS}prefLabel", 'a "jug" }', "en-GB")
LABEL = Addition(f"{E}l1", f"{SKOSXL}literalForm", "Krug", "de")
SOURCE = (
    f'<{OLD.subject}> <{OLD.predicate}> "a \\"jug\\" }}"@en-GB .\n'
    f'<{LABEL.subject}> <{LABEL.predicate}> "Krug"@de .\n'
    f'<{E}c2> <{OLD.predicate}> "x" .\n'
).encode()

text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
additions = st.one_of(
    st.builds(
        Addition,
        subject=st.sampled_from([f"{E}c1", f"{E}é/?a=b#c", "urn:x:1"]),
        predicate=st.sampled_from([f"{SKOS}prefLabel", f"{E}1"]),
        text=text,
        tag=st.sampled_from(["", "de-DE", "zh-Hant-TW"]),
    ),
    st.builds(
        Addition,
        subject=st.just(f"{E}c2"),
        predicate=st.just(f"{SKOS}notation"),
        text=text,
        datatype=st.sampled_from([f"{XSD}token", "urn:d"]),
    ),
    st.builds(
        Addition,
        subject=st.just(f"{E}c3"),
        predicate=st.just(f"{SKOSXL}prefLabel"),
        text=text,
        tag=st.just("fr"),
        node=st.sampled_from([f"{E}c3/1", f"{E}c3/2"]),
    ),
)
changes = st.lists(
    st.builds(Change, additions, st.sampled_from([(), (OLD,), (LABEL,), (OLD, LABEL)])),
    max_size=5,
)


def is_free_of_circles(made: list[Change]) -> bool:
    """Whether nothing comes that goes."""
    return not {gone for each in made for gone in each.removed} & {each.added for each in made}


def applied_by_rdflib(made: list[Change]) -> set[object]:
    patch = b"".join(rdf_patch(made, PREFIXES, ExportCounts()))
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(io.BytesIO(SOURCE), format="nt")
    dataset.parse(io.BytesIO(patch), format="patch")
    return {tuple(triple[:3]) for triple in dataset}


def updated_by_rdflib(made: list[Change]) -> set[object]:
    graph = rdflib.Graph().parse(data=SOURCE, format="nt")
    graph.update(b"".join(sparql_update(made, PREFIXES, ExportCounts())).decode())
    return set(graph)


def updated_by_oxigraph(made: list[Change]) -> set[str]:
    store = pyoxigraph.Store()
    store.load(SOURCE, format=pyoxigraph.RdfFormat.N_TRIPLES)
    store.update(b"".join(sparql_update(made, PREFIXES, ExportCounts())).decode())
    return {str(quad) for quad in store}


def source_without(made: list[Change]) -> bytes:
    """The source without what is replaced."""
    gone = {old.text.replace('"', '\\"') for each in made for old in each.removed}
    lines = SOURCE.splitlines(keepends=True)
    return b"".join(line for line in lines if not any(f'"{t}"@'.encode() in line for t in gone))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("apply", "read"),
    [
        (applied_by_rdflib, by_rdflib),
        (updated_by_rdflib, by_rdflib),
        (updated_by_oxigraph, by_oxigraph),
    ],
)
@given(changes.filter(bool).filter(is_free_of_circles))
def test_patches_make_the_graph(
    apply: Callable[[list[Change]], set[object]],
    read: Callable[..., set[object]],
    made: list[Change],
) -> None:
    expected = read("nt", source_without(made), [each.added for each in made])
    assert apply(made) == expected


@pytest.mark.parametrize("form", FORMS)
@given(made=changes)
def test_a_delta_is_what_is_added(form: str, made: list[Change]) -> None:
    counts = ExportCounts()
    data = b"".join(delta(form, made, PREFIXES, counts))
    assert by_oxigraph(form, data) == by_oxigraph("nt", b"", [each.added for each in made])
    assert by_rdflib(form, data) == by_rdflib("nt", b"", [each.added for each in made])
    assert counts.terms == len(made)


def test_a_patch_is_a_transaction() -> None:
    made = [Change(Addition(f"{E}c1", f"{SKOS}prefLabel", "pitcher", "en-GB"), (OLD,))]
    counts = ExportCounts()
    assert b"".join(rdf_patch(made, PREFIXES, counts)).decode() == (
        "TX .\n"
        f'D <{E}c1> <{SKOS}prefLabel> "a \\"jug\\" }}"@en-GB .\n'
        f'A <{E}c1> <{SKOS}prefLabel> "pitcher"@en-GB .\n'
        "TC .\n"
    )
    assert (counts.terms, counts.replacing, counts.triples) == (1, 1, 1)


@pytest.mark.parametrize("patch", [rdf_patch, sparql_update])
def test_a_blank_node_has_no_name_to_be_called_by(patch: Callable[..., Iterator[bytes]]) -> None:
    form = f"{SKOSXL}literalForm"
    made = [Change(Addition("_:b", form, "new", "en"), (Addition("_:b", form, "old", "en"),))]
    counts = ExportCounts()
    assert b"_:b" not in b"".join(patch(made, PREFIXES, counts))
    assert (counts.terms, counts.refused.total()) == (0, 1)


def test_an_update_deletes_before_it_inserts() -> None:
    made = [Change(Addition(f"{E}c1", f"{SKOS}prefLabel", "pitcher", "en-GB"), (OLD,))]
    assert b"".join(sparql_update(made, {"e": E, "skos": SKOS}, ExportCounts())).decode() == (
        f"PREFIX e: <{E}>\nPREFIX skos: <{SKOS}>\n"
        'DELETE DATA {\n  e:c1 skos:prefLabel "a \\"jug\\" }"@en-GB .\n} ;\n'
        'INSERT DATA {\n  e:c1 skos:prefLabel "pitcher"@en-GB .\n} ;\n'
    )
