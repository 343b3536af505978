"""What origins say is written as they do, and what is new as what stands beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.export.entities import EntityTriples, serialize_entities
from kgenrich.export.manner import VOCABULARIES, Manners
from kgenrich.export.merging.additions import Addition
from kgenrich.export.rdf import RdfCounts, RdfOptions
from kgenrich.export.syntax import FORMS, Layout, prefixes
from kgenrich.model import (
    EVERYTHING,
    EntityRow,
    Form,
    NewTerm,
    Role,
    Scope,
    Statement,
    TermKind,
    TermRow,
    Value,
)
from kgenrich.namespaces import DCTERMS, OWL, RDF, RDFS, SCHEMA, SKOS, SKOSXL, XSD
from kgenrich.store.story.entity_rows import Manner
from tests.export.merging.graphs import by_oxigraph, by_rdflib

BASE = "http://www.wikidata.org/entity/"
E = "http://e.example/"
PREF, ALT = f"{SKOS}prefLabel", f"{SKOS}altLabel"
XL = f"{SKOSXL}prefLabel"


def said(
    text: str,
    language: str,
    tag: str | None = None,
    predicate: str = PREF,
    role: Role = "label",
    **more: str,
) -> tuple[str, Statement]:
    tag = language if tag is None else tag
    form = Form(role, predicate, tag, more.pop("datatype", ""))
    return "a.ttl", Statement(form, Value("text", text, language), **more)


def new(text: str, language: str, kind: TermKind = TermKind.LABEL, replaces: str = "") -> NewTerm:
    return NewTerm(TermRow(f"{E}c1", language, kind, text, "accepted", "c", 0.9), replaces)


def added(entity: EntityRow, wanted: NewTerm, *manners: Manner, vocabulary: str = "") -> Addition:
    known = Manners(manners, VOCABULARIES.get(vocabulary))
    return known.change(entity, entity.id, wanted).added


def written(
    entity: EntityRow,
    form: str = "nt",
    scope: Scope = EVERYTHING,
    vocabulary: str = "",
    counts: RdfCounts | None = None,
) -> bytes:
    options = RdfOptions(BASE, form)
    chosen = VOCABULARIES.get(vocabulary)
    counts = counts or RdfCounts()
    writer = EntityTriples(options, Manners([], chosen), counts, scope, chosen)
    spaces = prefixes("skos", "skosxl", "rdfs") | {"e": E}
    parts = [("", ("asserted", "accepted"), [entity])]
    return b"".join(serialize_entities(parts, Layout(form, spaces), writer))


def test_the_predicate_is_that_of_the_entitys_own() -> None:
    entity = EntityRow(
        f"{E}c1", (said("jug", "en"), said("Krug", "de", predicate=XL, node=f"{E}l"))
    )
    rdfs = Manner("a.ttl", Form("label", f"{RDFS}label", "it"), "it", 100)
    assert added(entity, new("brocca", "it"), rdfs).predicate == PREF
    mixed = EntityRow(f"{E}c1", (*entity.said, said("cruche", "fr", predicate=XL, node=f"{E}m")))
    assert added(mixed, new("brocca", "it")).predicate == XL


def test_without_one_of_its_own_it_is_that_of_the_origin() -> None:
    entity = EntityRow(f"{E}c1", (said("jug", "en"),))
    ways = [
        Manner("a.ttl", Form("definition", f"{DCTERMS}description", "en"), "en", 2),
        Manner("a.ttl", Form("definition", f"{SKOS}definition", "en"), "en", 1),
        Manner("b.ttl", Form("definition", f"{RDFS}comment", "en"), "en", 9),
    ]
    wanted = new("Un vaso.", "it", TermKind.DEFINITION)
    assert added(entity, wanted, *ways).predicate == f"{DCTERMS}description"


@pytest.mark.parametrize(
    ("label", "kind", "predicate"),
    [
        (PREF, TermKind.ALIAS, ALT),
        (XL, TermKind.ALIAS, f"{SKOSXL}altLabel"),
        (f"{SCHEMA}name", TermKind.ALIAS, f"{SCHEMA}alternateName"),
        (PREF, TermKind.DEFINITION, f"{SKOS}definition"),
    ],
)
def test_without_any_example_it_goes_with_the_labels(
    label: str, kind: TermKind, predicate: str
) -> None:
    node = f"{E}l" if label == XL else ""
    entity = EntityRow(f"{E}c1", (said("jug", "en", predicate=label, node=node),))
    assert added(entity, new("brocca", "it", kind)).predicate == predicate


@pytest.mark.parametrize(
    ("tags", "language", "tag"),
    [
        ({"de-DE": "de"}, "de", "de-DE"),
        ({"fr-fr": "fr", "en-gb": "en-gb"}, "zh-hans", "zh-hans"),
        ({"de-DE": "de", "fr-FR": "fr", "en-gb": "en-gb"}, "zh-hans", "zh-Hans"),
        ({"en": "en"}, "pt-br", "pt-BR"),
        ({"": "en"}, "en", ""),
        ({"": "en"}, "it", "it"),
    ],
)
def test_the_tag_is_in_the_style_of_the_origin(
    tags: dict[str, str], language: str, tag: str
) -> None:
    ways = [Manner("a.ttl", Form("label", PREF, each), code, 1) for each, code in tags.items()]
    entity = EntityRow(f"{E}c1", (said("x", "sv"),))
    assert added(entity, new("y", language), *ways).tag == tag


def test_a_new_label_node_has_a_name_of_its_own() -> None:
    entity = EntityRow(f"{E}c1", (said("jug", "en", predicate=XL, node="_:b"),))
    one, other = (added(entity, new(text, "it")) for text in ("brocca", "anfora"))
    assert one.node.startswith(f"{E}c1/label-") and one.node != other.node
    assert one == added(entity, new("brocca", "it"))
    hashed = EntityRow(f"{E}#c1", entity.said)
    assert added(hashed, new("brocca", "it")).node.startswith(f"{E}#c1-label-")


def test_a_replaced_label_is_replaced_as_it_was() -> None:
    entity = EntityRow(f"{E}c1", (said("jug", "en", "EN-gb", raw="jug "), said("x", "it")))
    change = Manners([]).change(entity, entity.id, new("pitcher", "en", replaces="jug"))
    assert change.added == Addition(f"{E}c1", PREF, "pitcher", "EN-gb")
    assert change.removed == (Addition(f"{E}c1", PREF, "jug ", "EN-gb"),)
    assert b"jug" not in written(
        EntityRow(entity.id, entity.said, (new("p", "en", replaces="jug"),))
    )


def test_the_node_of_a_replaced_label_gets_another_text() -> None:
    entity = EntityRow(
        f"{E}c1",
        (said("jug", "en", predicate=XL, node=f"{E}l1"),),
        (new("pitcher", "en", replaces="jug"),),
    )
    assert by_oxigraph("nt", written(entity)) == by_oxigraph(
        "nt",
        f"<{E}c1> <{XL}> <{E}l1> .\n<{E}l1> <{RDF}type> <{SKOSXL}Label> .\n"
        f'<{E}l1> <{SKOSXL}literalForm> "pitcher"@en .\n'.encode(),
    )


def test_a_note_with_a_node_has_its_text_as_a_value() -> None:
    note = said("x", "en", predicate=f"{SKOS}definition", role="definition", node="_:n")
    entity = EntityRow(f"{E}c1", (note,))
    assert by_oxigraph("nt", written(entity)) == by_oxigraph(
        "nt", f'<{E}c1> <{SKOS}definition> _:n .\n_:n <{RDF}value> "x"@en .\n'.encode()
    )
    wanted = new("y", "it", TermKind.DEFINITION)
    assert added(entity, wanted) == Addition(f"{E}c1", f"{SKOS}definition", "y", "it")


def test_blank_nodes_of_two_origins_are_two() -> None:
    label = said("jug", "en", predicate=XL, node="_:b")
    entity = EntityRow(f"{E}c1", (label, ("b.ttl", label[1])))
    assert len(by_oxigraph("nt", written(entity))) == 6
    alike = EntityRow(f"{E}c2", (label,))
    assert written(alike).split()[2] in written(entity)


def test_terms_of_a_wiki_are_written_as_ever() -> None:
    plain = Statement(Form("label"), Value("text", "universe", "zh-tw"))
    claim = Statement(Form("claim", "P31"), Value("entity", "Q5"))
    kind = Statement(Form("class"), Value("entity", "Q5"))
    entity = EntityRow("Q1", (("wikidata", plain), ("wikidata", claim), ("wikidata", kind)))
    assert written(entity) == f'<{BASE}Q1> <{RDFS}label> "universe"@zh-Hant-TW .\n'.encode()


def test_what_rdf_cannot_say_is_counted() -> None:
    counts = RdfCounts()
    broken = EntityRow("http://a b", (said("jug", "en"),))
    odd = EntityRow(f"{E}c1", (said("jug", "en", "no tag"), said("x", "en", predicate="x:a b")))
    assert written(broken, counts=counts) == written(odd, counts=counts) == b""
    assert counts.refused == {"not an IRI": 2, "not a language tag": 1}


def test_only_what_is_in_the_scope() -> None:
    entity = EntityRow(
        f"{E}c1",
        (
            said("jug", "en"),
            said("x", "it", predicate=ALT, role="alias"),
            said("y", "it", predicate=f"{SKOS}note", role="note"),
            ("a.ttl", Statement(Form("class", f"{RDF}type"), Value("entity", f"{E}x"))),
        ),
    )
    assert written(entity).count(b"\n") == 4
    assert written(entity, scope=Scope(("it",))).count(b"\n") == 2
    assert written(entity, scope=Scope((), (TermKind.LABEL,))).count(b'"jug"') == 1


def test_what_it_is_comes_first() -> None:
    kind = Statement(Form("class", f"{RDF}type"), Value("entity", f"{SKOS}Concept"))
    entity = EntityRow(f"{E}c1", (said("jug", "en"), ("a.ttl", kind)))
    assert (
        written(entity, "ttl")
        .decode()
        .endswith('e:c1 a skos:Concept ;\n    skos:prefLabel "jug"@en .\n')
    )


def test_in_one_vocabulary_a_language_has_one_label() -> None:
    entity = EntityRow(
        f"{E}c1",
        (
            said("jug", "en", predicate=XL, node=f"{E}l"),
            said("pitcher", "en", predicate=f"{RDFS}label"),
        ),
        (new("brocca", "it"),),
    )
    assert by_oxigraph("nt", written(entity, vocabulary="skos")) == by_oxigraph(
        "nt",
        f'<{E}c1> <{PREF}> "jug"@en .\n<{E}c1> <{ALT}> "pitcher"@en .\n'
        f'<{E}c1> <{PREF}> "brocca"@it .\n'.encode(),
    )


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=10)
statements = st.one_of(
    st.builds(
        said,
        texts,
        st.just("de"),
        st.sampled_from(["de", "de-DE", "DE-at", "de--ltr"]),
        st.sampled_from([PREF, ALT, f"{E}p/1"]),
        st.sampled_from(["label", "alias", "note", "definition"]),
        raw=texts,
    ),
    st.builds(said, texts, st.just("und"), st.just(""), datatype=st.sampled_from(["", "urn:d"])),
    st.builds(said, texts, st.just("fr"), predicate=st.just(XL), node=st.sampled_from([f"{E}l"])),
    st.builds(
        lambda target: (
            "a.ttl",
            Statement(Form("mapping", f"{OWL}sameAs"), Value("entity", target)),
        ),
        st.sampled_from([f"{E}c2", "Q5", "_:b1"]),
    ),
)


@pytest.mark.parametrize("form", FORMS)
@given(said=st.lists(statements, max_size=6))
def test_every_form_says_the_same(form: str, said: list[tuple[str, Statement]]) -> None:
    entity = EntityRow(f"{E}c1", tuple(said))
    data, lines = written(entity, form), written(entity)
    assert by_oxigraph(form, data) == by_oxigraph("nt", lines)
    if b"--ltr" not in data:
        assert by_rdflib(form, data) == by_rdflib("nt", lines)
    for _, each in said:
        tag = each.form.tag
        assert not tag or f"@{tag}".encode() in data, "to the letter"
    assert b"string" not in data or f"{XSD}string".encode() not in data
