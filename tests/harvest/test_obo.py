"""OBO documents and OBO Graphs are read as the OWL that they stand for, as far as they can be."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastobo.syn import Synonym
from fastobo.term import NameClause, SynonymClause
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kgenrich.cli.main import cli
from kgenrich.errors import InputError
from kgenrich.harvest.obo import document
from kgenrich.harvest.parsing import Noted
from kgenrich.harvest.triples import OboFormat, format_of, read_triples
from kgenrich.inputs import Input
from kgenrich.model import Reject

PREFIXES = {
    "http://purl.obolibrary.org/obo/": "obo:",
    "http://www.geneontology.org/formats/oboInOwl#": "oio:",
    "http://www.w3.org/2002/07/owl#": "owl:",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/2001/XMLSchema#": "xsd:",
}
TERM = "[Term]\nid: X:1\n"


def read(text: str | bytes, folder: Path) -> tuple[list[Triple], list[Reject], Counter[str]]:
    """The triples of a document, its rejects, and what was mended."""
    path = folder / "document"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    noted = Noted()
    with Input(path) as source:
        blocks = list(read_triples(source, format_of(source), "", noted))
    triples = [one for found, _ in blocks for one in found if isinstance(one, Triple)]
    return triples, [one for _, rejects in blocks for one in rejects], noted.repaired


def short(node: object) -> str:
    if isinstance(node, BlankNode):
        return "_"
    text = str(node).replace("<", "").replace(">", "")
    for iri, prefix in PREFIXES.items():
        text = text.replace(iri, prefix)
    return text


def said(triples: Sequence[Triple], of: str = "obo:X_1") -> set[str]:
    """What is said of a subject, but that it is a class with an id."""
    found = {f"{short(t.predicate)} {short(t.object)}" for t in triples if short(t.subject) == of}
    return {each for each in found if not each.startswith(("oio:id ", "rdf:type owl:Class"))}


@pytest.mark.parametrize(
    ("clause", "statement"),
    [
        ("name: heart", 'rdfs:label "heart"'),
        ('name: Herz {xml:lang="de-AT"} ! a remark', 'rdfs:label "Herz"@de-AT'),
        ("name: poly\\{A\\} tail\\, long", 'rdfs:label "poly{A} tail, long"'),
        ('def: "A \\"hollow\\" muscle." []', 'obo:IAO_0000115 "A \\"hollow\\" muscle."'),
        ('def: "Ein Muskel." [] {xml:lang="de"}', 'obo:IAO_0000115 "Ein Muskel."@de'),
        ("comment: A remark.", 'rdfs:comment "A remark."'),
        ('synonym: "pump" EXACT []', 'oio:hasExactSynonym "pump"'),
        ('synonym: "pump" NARROW []', 'oio:hasNarrowSynonym "pump"'),
        ('synonym: "pump" BROAD []', 'oio:hasBroadSynonym "pump"'),
        ('synonym: "Pumpe" RELATED [] {xml:lang="de"}', 'oio:hasRelatedSynonym "Pumpe"@de'),
        ("namespace: anatomy", 'oio:hasOBONamespace "anatomy"'),
        ("alt_id: X:9", 'oio:hasAlternativeId "X:9"'),
        ("subset: slim", "oio:inSubset obo:TEMP#slim"),
        ("xref: MESH:D006321", 'oio:hasDbXref "MESH:D006321"'),
        ("is_a: X:2 ! organ", "rdfs:subClassOf obo:X_2"),
        ("disjoint_from: X:2", "owl:disjointWith obo:X_2"),
        ("equivalent_to: X:2", "owl:equivalentClass obo:X_2"),
        ("is_obsolete: true", 'owl:deprecated "true"^^xsd:boolean'),
        ("replaced_by: X:2", "obo:IAO_0100001 obo:X_2"),
        ("consider: X:2", "oio:consider obo:X_2"),
        ("created_by: me", 'oio:created_by "me"'),
        ("creation_date: 2020-02-01", 'oio:creation_date "2020-02-01"^^xsd:date'),
        ('property_value: IAO:0000118 "Herz" xsd:string {xml:lang="de"}',
         'obo:IAO_0000118 "Herz"@de'),
        ('property_value: rdfs:label "Herz" xsd:string {xml:lang="de"}', 'rdfs:label "Herz"@de'),
        ('property_value: rdfs:label "Herz"', 'rdfs:label "Herz"'),
        ('property_value: IAO:1 "1" xsd:integer', 'obo:IAO_1 "1"^^xsd:integer'),
        ("property_value: rdfs:seeAlso http://example.org/a#b",
         "rdfs:seeAlso http://example.org/a#b"),
    ],
)  # fmt: skip
def test_a_clause_says(clause: str, statement: str, tmp_path: Path) -> None:
    triples, rejects, repaired = read(f"{TERM}{clause}\n", tmp_path)
    assert said(triples) == {statement}
    assert not rejects and not repaired


def test_a_frame_is_a_class_a_property_or_an_individual(tmp_path: Path) -> None:
    text = (
        "[Term]\nid: X:1\n[Typedef]\nid: X:2\nis_a: X:3\ndomain: X:1\nis_transitive: true\n"
        "[Typedef]\nid: X:4\nis_metadata_tag: true\n[Instance]\nid: X:5\nname: it\n"
        "instance_of: X:1\nrelationship: X:2 X:6\n"
    )
    triples, *_ = read(text, tmp_path)
    assert "obo:X_1 rdf:type owl:Class" in {" ".join(map(short, t)) for t in triples}
    assert said(triples, "obo:X_2") == {
        "rdf:type owl:ObjectProperty",
        "rdf:type owl:TransitiveProperty",
        "rdfs:subPropertyOf obo:X_3",
        "rdfs:domain obo:X_1",
    }
    assert said(triples, "obo:X_4") == {"rdf:type owl:AnnotationProperty"}
    assert said(triples, "obo:X_5") == {
        "rdf:type owl:NamedIndividual",
        'rdfs:label "it"',
        "rdf:type obo:X_1",
        "obo:X_2 obo:X_6",
    }


def test_what_is_said_of_a_clause_annotates_its_axiom(tmp_path: Path) -> None:
    clause = 'synonym: "Pumpe" EXACT lay [A:1] {source="B:2", xml:lang="de"}'
    triples, *_ = read(f"ontology: heart\n{TERM}{clause}\n", tmp_path)
    assert said(triples, "_") == {
        "rdf:type owl:Axiom",
        "owl:annotatedSource obo:X_1",
        "owl:annotatedProperty oio:hasExactSynonym",
        'owl:annotatedTarget "Pumpe"@de',
        "oio:hasSynonymType obo:heart#lay",
        'oio:hasDbXref "A:1"',
        'oio:source "B:2"',
    }


@pytest.mark.parametrize("in_memory", [1, 1 << 20], ids=["on disk", "in memory"])
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_a_relation_is_called_what_its_typedef_says(
    first: bool, in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "_IN_MEMORY", in_memory)
    typedef = "[Typedef]\nid: part_of\nname: part of\nxref: X:3\nxref: BFO:0000050\n"
    term = f"{TERM}name: heart\nrelationship: part_of X:2 ! body\n"
    triples, *_ = read(typedef + term if first else term + typedef, tmp_path)
    (restriction,) = (t.object for t in triples if short(t.predicate) == "rdfs:subClassOf")
    assert isinstance(restriction, BlankNode)
    about = {f"{short(t.predicate)} {short(t.object)}" for t in triples if t.subject == restriction}
    assert about == {
        "rdf:type owl:Restriction",
        "owl:onProperty obo:BFO_0000050",
        "owl:someValuesFrom obo:X_2",
    }
    assert 'oio:shorthand "part_of"' in said(triples, "obo:BFO_0000050")


def test_a_definition_is_kept_together(tmp_path: Path) -> None:
    text = f"{TERM}intersection_of: X:2\nintersection_of: part_of X:3\n[Typedef]\nid: part_of\n"
    triples, *_ = read(text, tmp_path)
    found = Counter(short(t.predicate) for t in triples)
    assert found["owl:equivalentClass"] == found["owl:intersectionOf"] == 1
    assert found["rdf:first"] == found["rdf:rest"] == 2
    assert found["owl:onProperty"] == 1


@pytest.mark.parametrize(
    "clause",
    ['is_a: X:2 {gci_relation="part_of", gci_filler="X:3"}',
     'relationship: part_of X:2 {cardinality="0"}'],
)  # fmt: skip
def test_what_a_qualifier_restricts_is_not_asserted(clause: str, tmp_path: Path) -> None:
    triples, rejects, _ = read(f"{TERM}{clause}\n", tmp_path)
    assert not said(triples) and not rejects


@pytest.mark.parametrize(
    ("id", "iri"),
    [
        ("GO:0005575", "http://purl.obolibrary.org/obo/GO_0005575"),
        ("GO:a_b", "http://purl.obolibrary.org/obo/GO#_a_b"),
        ("EX:1", "http://example.org/1"),
        ("thing", "http://purl.obolibrary.org/obo/heart#thing"),
        ("https://example.org/x/1#y", "https://example.org/x/1#y"),
        ("A:b\\ c<d", "http://purl.obolibrary.org/obo/A_b%20c%3Cd"),
    ],
)
def test_an_id_is_an_iri(id: str, iri: str, tmp_path: Path) -> None:
    header = 'ontology: heart\nidspace: EX http://example.org/ "Example"\n'
    triples, rejects, _ = read(f"{header}[Term]\nid: {id}\nname: it\n", tmp_path)
    assert not rejects
    assert iri in {t.subject.value for t in triples if isinstance(t.subject, NamedNode)}


def test_the_header_is_the_ontology(tmp_path: Path) -> None:
    text = (
        "format-version: 1.4\ndata-version: 2026-01-01\ndefault-namespace: anatomy\n"
        'remark: A remark.\nontology: heart\nsubsetdef: slim "For all"\n'
        'synonymtypedef: lay "Layperson term" EXACT\n'
        "property_value: dcterms:license https://creativecommons.org/licenses/by/4.0/\n"
        'property_value: dcterms:title "Das Herz" xsd:string {xml:lang="de"}\n'
    )
    triples, rejects, _ = read(text, tmp_path)
    assert not rejects
    assert said(triples, "obo:heart.owl") == {
        "rdf:type owl:Ontology",
        "owl:versionIRI obo:heart/2026-01-01/heart.owl",
        'oio:hasOBOFormatVersion "1.4"',
        'oio:hasDefaultNamespace "anatomy"',
        'rdfs:comment "A remark."',
        "http://purl.org/dc/terms/license https://creativecommons.org/licenses/by/4.0/",
        'http://purl.org/dc/terms/title "Das Herz"@de',
    }
    assert 'rdfs:comment "For all"' in said(triples, "obo:heart#slim")
    assert "oio:hasScope oio:hasExactSynonym" in said(triples, "obo:heart#lay")


def test_a_property_has_names_in_languages_too(tmp_path: Path) -> None:
    language = '{xml:lang="de"}'
    text = (
        f"[Typedef]\nid: X:1\nname: Teil von {language}\nis_symmetric: true\n"
        f'synonym: "in" EXACT [] {language}\ndef: "Ein Teil." [] {language}\n'
        f'property_value: rdfs:label "Teil" xsd:string {language}\n'
    )
    triples, rejects, _ = read(text, tmp_path)
    assert not rejects
    assert said(triples) == {
        "rdf:type owl:ObjectProperty",
        "rdf:type owl:SymmetricProperty",
        'rdfs:label "Teil von"@de',
        'rdfs:label "Teil"@de',
        'oio:hasExactSynonym "in"@de',
        'obo:IAO_0000115 "Ein Teil."@de',
    }


def test_a_broken_clause_costs_itself(tmp_path: Path) -> None:
    text = f"{TERM}name: heart\nis_obsolete: perhaps\ncomment: kept\n\n[Term]\nid: X:2\nname: b\n"
    triples, (reject,), repaired = read(text, tmp_path)
    assert said(triples) == {'rdfs:label "heart"', 'rdfs:comment "kept"'}
    assert said(triples, "obo:X_2") == {'rdfs:label "b"'}
    assert (reject.position, reject.excerpt) == (4, "is_obsolete: perhaps")
    assert reject.reason == "It is no clause of OBO 1.4: expected Boolean."
    assert not repaired


@pytest.mark.parametrize(
    "text", ["[Term]\nname: no id\n", "[Term]\nid: \n", "[Nothing]\nid: X:2\n"]
)
def test_a_frame_that_is_nothing_costs_itself(text: str, tmp_path: Path) -> None:
    triples, rejects, _ = read(f"ontology: heart\n{text}{TERM}name: heart\n", tmp_path)
    assert said(triples) == {'rdfs:label "heart"'}
    assert len(rejects) == 1


@pytest.mark.parametrize(
    ("clause", "statement"),
    [
        ('exact_synonym: "pump" []', 'oio:hasExactSynonym "pump"'),
        ('synonym: "pump" []', 'oio:hasRelatedSynonym "pump"'),
        ('synonym: "Pumpe" EXACT [a b: c] {xml:lang="de"}', 'oio:hasExactSynonym "Pumpe"@de'),
        ('def: "A muscle."', 'obo:IAO_0000115 "A muscle."'),
        ('def: "A muscle." [Gray 1918, p 12]', 'obo:IAO_0000115 "A muscle."'),
        ("xref_analog: A:1", 'oio:hasDbXref "A:1"'),
        ("name: poly{A}", 'rdfs:label "poly{A}"'),
        ("subset: A slim", "oio:inSubset obo:TEMP#A%20slim"),
        ('property_value: X:3: "C 1 H 2"', 'obo:X_3 "C 1 H 2"'),
    ],
)
def test_a_clause_of_an_older_format_is_mended(clause: str, statement: str, tmp_path: Path) -> None:
    triples, rejects, repaired = read(f"{TERM}{clause}\n", tmp_path)
    assert said(triples) == {statement}
    assert not rejects
    assert repaired == {"clause": 1}


def test_a_text_whose_language_cannot_be_read_is_not_taken_for_another(tmp_path: Path) -> None:
    text = f'{TERM}name: Herz {{xml:lang=de}}\nsynonym: "Pumpe" EXACT [] {{xml:lang=de}}\n'
    triples, rejects, _ = read(text, tmp_path)
    assert not said(triples)
    assert len(rejects) == 2


@pytest.mark.parametrize("tag", ["zh_classical", "not a language"])
def test_a_tag_that_is_none_is_mended_or_none_is_guessed(tag: str, tmp_path: Path) -> None:
    triples, _, repaired = read(f'{TERM}name: 心 {{xml:lang="{tag}"}}\n', tmp_path)
    expected = "x-none" if " " in tag else "zh-classical"
    assert said(triples) == {f'rdfs:label "心"@{expected}'}
    assert repaired == {"language tag": 1}


def test_lines_may_be_comments_and_end_as_anywhere(tmp_path: Path) -> None:
    text = "! before\r\n[Term] ! first\r\n#! inside\r\nid: X:1\r\n! between\r\nname: heart\r\n\r\n"
    triples, rejects, repaired = read(text, tmp_path)
    assert said(triples) == {'rdfs:label "heart"'}
    assert not rejects and not repaired


def test_bytes_that_are_no_text_cost_their_text(tmp_path: Path) -> None:
    text = b"[Term]\nid: X:1\nname: h\x92rt\ncomment: kept\n"
    triples, rejects, _ = read(text, tmp_path)
    assert said(triples) == {'rdfs:label "h\ufffdrt"', 'rdfs:comment "kept"'}
    assert not rejects


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85"),
    min_size=1,
).filter(lambda text: text == text.strip() and text[-1:] != "\\")


TAGS = ["de", "de-AT", "zh-Hant", "be-x-old", "en-GB-oxendict", "zh-classical", "be-tarask"]


@given(WORDS, WORDS, st.sampled_from(TAGS))
def test_texts_and_tags_are_read_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, name: str, synonym: str, tag: str
) -> None:
    language = f'{{xml:lang="{tag}"}}'
    lines = [
        f"{NameClause(name)} {language}",
        f"{SynonymClause(Synonym(synonym, 'EXACT'))} {language}",
    ]
    triples, rejects, _ = read(
        TERM + "".join(f"{x}\n" for x in lines), tmp_path_factory.mktemp("a")
    )
    assert not rejects
    texts = [t.object for t in triples if isinstance(t.object, Literal) and t.object.language]
    assert [(text.value, text.language) for text in texts] == [(name, tag), (synonym, tag)]


GRAPHS = {
    "graphs": [
        {
            "id": "http://purl.obolibrary.org/obo/heart.owl",
            "meta": {
                "version": "http://purl.obolibrary.org/obo/heart/1/heart.owl",
                "basicPropertyValues": [
                    {"pred": "http://purl.org/dc/terms/license", "val": "https://example.org/by"}
                ],
            },
            "nodes": [
                {
                    "id": "http://purl.obolibrary.org/obo/X_1",
                    "lbl": "heart",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": "A muscle.", "xrefs": ["A:1"]},
                        "comments": ["A remark."],
                        "synonyms": [
                            {
                                "pred": "hasNarrowSynonym",
                                "val": "pump",
                                "synonymType": "http://purl.obolibrary.org/obo/heart#lay",
                            }
                        ],
                        "xrefs": [{"val": "MESH:1"}],
                        "subsets": ["http://purl.obolibrary.org/obo/heart#slim"],
                        "basicPropertyValues": [
                            {
                                "pred": "http://www.w3.org/2000/01/rdf-schema#label",
                                "val": "Herz",
                                "lang": "de",
                            }
                        ],
                        "deprecated": True,
                    },
                },
                {"id": 5},
                {"id": "http://purl.obolibrary.org/obo/X_3", "type": "INDIVIDUAL"},
                {
                    "id": "http://purl.obolibrary.org/obo/IAO_1",
                    "type": "PROPERTY",
                    "propertyType": "ANNOTATION",
                },
            ],
            "edges": [
                {
                    "sub": f"http://purl.obolibrary.org/obo/{subject}",
                    "pred": predicate,
                    "obj": f"http://purl.obolibrary.org/obo/{other}",
                }
                for subject, predicate, other in [
                    ("X_1", "is_a", "X_2"),
                    ("X_1", "http://purl.obolibrary.org/obo/BFO_0000050", "X_4"),
                    ("X_3", "type", "X_1"),
                    ("X_3", "http://purl.obolibrary.org/obo/BFO_0000050", "X_5"),
                ]
            ],
        }
    ]
}


def test_obo_graphs_say_the_same(tmp_path: Path) -> None:
    triples, (reject,), _ = read(json.dumps(GRAPHS), tmp_path)
    assert said(triples) == {
        'rdfs:label "heart"',
        'rdfs:label "Herz"@de',
        'obo:IAO_0000115 "A muscle."',
        'rdfs:comment "A remark."',
        'oio:hasNarrowSynonym "pump"',
        'oio:hasDbXref "MESH:1"',
        "oio:inSubset obo:heart#slim",
        'owl:deprecated "true"^^xsd:boolean',
        "rdfs:subClassOf obo:X_2",
        "rdfs:subClassOf _",
    }
    assert "oio:hasSynonymType obo:heart#lay" in said(triples, "_")
    assert "owl:onProperty obo:BFO_0000050" in said(triples, "_")
    assert said(triples, "obo:X_3") == {
        "rdf:type owl:NamedIndividual",
        "rdf:type obo:X_1",
        "obo:BFO_0000050 obo:X_5",
    }
    assert said(triples, "obo:IAO_1") == {"rdf:type owl:AnnotationProperty"}
    assert "http://purl.org/dc/terms/license https://example.org/by" in said(
        triples, "obo:heart.owl"
    )
    assert (reject.position, reject.excerpt) == (2, '{"id": 5}')


def test_half_a_surrogate_pair_costs_its_node(tmp_path: Path) -> None:
    names = {"X_1": "heart", "X_2": "lu\ud800ng", "X_3": "brain"}
    nodes = [{"id": f"http://purl.obolibrary.org/obo/{i}", "lbl": n} for i, n in names.items()]
    triples, (reject,), _ = read(json.dumps({"graphs": [{"nodes": nodes}]}), tmp_path)
    assert {short(triple.object) for triple in triples} == {'"heart"', '"brain"'}
    assert reject.position == 2


@pytest.mark.parametrize("text", ['{"graphs": [', '{"graphs": [5]}', '{"graphs": ["\ud800"]}'])
def test_what_holds_no_graphs_is_an_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no OBO Graphs"):
        read(text.encode("utf-8", "surrogatepass"), tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("a.obo", "format-version: 1.2\n[Term]\nid: X:1\n", OboFormat.OBO),
        ("a.txt", "! remark\n\nontology: x\n[Term]\nid: X:1\n", OboFormat.OBO),
        ("a", "[Typedef]\nid: x\n", OboFormat.OBO),
        ("a.obo", "treat-xrefs-as-equivalent: X\n\n[Term]\nid: X:1\n", OboFormat.OBO),
        ("a.json", '{ "graphs" : [ {"nodes": []} ] }', OboFormat.OBO_GRAPHS),
        ("a", '{"meta": {"version": "1"}, "graphs": []}', OboFormat.OBO_GRAPHS),
    ],
)
def test_the_format_is_told_by_what_a_file_holds(
    name: str, text: str, form: OboFormat, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with Input(path) as source:
        assert format_of(source) == form


def test_turtle_called_obo_is_turtle(tmp_path: Path) -> None:
    path = tmp_path / "a.obo"
    path.write_text('<http://e.org/a> <http://e.org/b> "c" .\n[] <http://e.org/b> 1 .\n')
    with Input(path) as source:
        assert str(format_of(source)) == "Turtle"


def test_a_packed_document_is_harvested(tmp_path: Path) -> None:
    path = tmp_path / "heart.obo.gz"
    path.write_bytes(gzip.compress(f'{TERM}name: heart\nname: Herz {{xml:lang="de"}}\n'.encode()))
    store = ["--store", str(tmp_path / "kg.db")]
    result = CliRunner().invoke(cli, [*store, "harvest", "rdf", str(path), "--untagged", "en"])
    assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(
        cli, [*store, "show", "http://purl.obolibrary.org/obo/X_1", "-l", "en,de", "--json"]
    )
    terms = json.loads(shown.output)["terms"]
    texts = {(t["language"], t["text"]) for t in terms if t["kind"] == "label"}
    assert texts == {("en", "heart"), ("de", "Herz")}
