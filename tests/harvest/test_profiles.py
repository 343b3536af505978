"""What a vocabulary's terms are: told from the file, or by a profile that is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kgenrich.cli.main import cli
from kgenrich.errors import UsageError
from kgenrich.harvest.profiles import ORDER, named, ready
from kgenrich.harvest.vocabulary import Vocabulary
from tests.harvest.rdf_files import BASE, CASES, read_file, read_text, said

M = "https://example.org/museum/"


def test_a_preferred_label_outranks_a_label_and_a_comment_is_a_note_beside_definitions() -> None:
    found, summary = read_file(CASES / "both.ttl")
    (entity,) = found.values()
    assert said(entity, "label", "definition", "note") == [
        ("definition", "definition", "en", "A jar with two handles.", "en"),
        ("label", "label", "en", "amphora (vessel)", "en"),
        ("label", "prefLabel", "en", "amphora", "en"),
        ("note", "comment", "en", "Check the spelling.", "en"),
    ]
    ranks = {one.form.predicate.rpartition("#")[2]: one.form.rank for one in entity.statements}
    assert ranks["prefLabel"] < ranks["label"]
    assert summary.sentence() == "1 concept, SKOS"


def test_an_ontology_of_obo_has_definitions_and_synonyms() -> None:
    found, summary = read_file(CASES / "obo.ttl")
    obo = "http://purl.obolibrary.org/obo/X_"
    assert said(found[f"{obo}1"], "label", "alias", "definition", "note") == [
        ("alias", "hasExactSynonym", "", "myocardium", "en"),
        ("alias", "hasRelatedSynonym", "", "heart muscle", "en"),
        ("definition", "IAO_0000115", "", "Muscle tissue of the heart.", "en"),
        ("label", "label", "", "cardiac muscle tissue", "en"),
        ("note", "comment", "", "A remark, no definition.", ""),
    ]
    assert {name[-1]: entity.type for name, entity in found.items()} == {
        "1": "item",
        "2": "deprecated",
        "3": "item",
    }
    assert said(found[f"{obo}3"], "hierarchy") == [("hierarchy", "subClassOf", "", f"{obo}1", "")]
    assert summary.untagged_as.reason == "guessed"


def test_labels_of_skos_xl_are_the_concepts_and_no_entities() -> None:
    found, summary = read_file(CASES / "xl.ttl")
    (entity,) = found.values()
    assert said(entity, "label", "alias") == [
        ("alias", "altLabel", "fr", "travail", "fr"),
        ("label", "prefLabel", "fr", "emploi", "fr"),
    ]
    nodes = {one.value.value: one.node for one in entity.statements if one.node}
    assert nodes == {
        "emploi": "https://example.org/xl/l1",
        "travail": "https://example.org/xl/l2",
    }
    assert summary.sentence() == "1 concept, SKOS, SKOS-XL; 1 label, 1 alias in nodes of their own"


def test_a_node_may_stand_anywhere_be_shared_and_have_no_name() -> None:
    text = """e:l xl:literalForm "both"@en . e:a xl:prefLabel e:l . e:b xl:altLabel e:l ;
        xl:prefLabel [ a xl:Label ; xl:literalForm "B"@en-GB ] ;
        skos:definition [ rdf:value "A thing."@en ] ; skos:scopeNote _:n .
        _:n rdf:value "Use it."@en . e:c xl:prefLabel e:none ."""
    found, _ = read_text(text)
    a, b = found["http://example.org/a"], found["http://example.org/b"]
    assert said(a) == [("label", "prefLabel", "en", "both", "en")]
    assert said(b) == [
        ("alias", "altLabel", "en", "both", "en"),
        ("definition", "definition", "en", "A thing.", "en"),
        ("label", "prefLabel", "en-GB", "B", "en-gb"),
        ("note", "scopeNote", "en", "Use it.", "en"),
    ]
    assert {*found} == {"http://example.org/a", "http://example.org/b"}
    again, _ = read_text(text)
    assert again == found, "a node without a name is called the same each time"


def test_a_thesaurus_is_read_to_the_letter() -> None:
    found, summary = read_file(CASES / "tags.ttl")
    assert said(found[f"{M}c1"]) == sorted(
        [
            ("label", "prefLabel", "de-DE", "Krug", "de"),
            ("label", "prefLabel", "fr-fr", "cruche", "fr"),
            ("label", "prefLabel", "en-GB", "jug", "en-gb"),
            ("label", "prefLabel", "zh-CN", "壺", "zh-cn"),
            ("label", "prefLabel", "", "EVOO", "und"),
            ("alias", "altLabel", "fr-fr", "pichet", "fr"),
            ("hidden", "hiddenLabel", "de-DE", "krug", "de"),
            ("definition", "definition", "en-GB", "A vessel with a handle.", "en-gb"),
            ("definition", "definition", "fr-fr", "Contenant à anse.", "fr"),
            ("note", "scopeNote", "en-GB", "Not for amphorae.", "en-gb"),
            ("notation", "notation", "", "A.1", ""),
            ("scheme", "inScheme", "", f"{M}scheme", ""),
            ("class", "type", "", "http://www.w3.org/2004/02/skos/core#Concept", ""),
        ]
    )
    assert found[f"{M}scheme"].type == "scheme"
    assert summary.about.title == "Objects"
    assert summary.about.licences == ("https://creativecommons.org/licenses/by-sa/4.0/",)
    assert not summary.unread and not summary.regions


def test_a_region_is_taken_for_its_language_where_that_is_asked_and_said() -> None:
    found, summary = read_file(CASES / "tags.ttl", languages=("en", "mul"))
    assert said(found[f"{M}c1"], "label") == [("label", "prefLabel", "en-GB", "jug", "en")]
    assert summary.regions == {("en-GB", "en"): 3}
    exact, _ = read_file(CASES / "tags.ttl", languages=("en-gb", "en"))
    assert said(exact[f"{M}c1"], "label") == [("label", "prefLabel", "en-GB", "jug", "en-gb")]


TYPES = """e:o a owl:Ontology ; dct:title "O"@en . e:s a skos:ConceptScheme ; dct:title "S"@en .
e:c a skos:Collection ; skos:prefLabel "C"@en . e:p a owl:ObjectProperty ; rdfs:label "p"@en .
e:old a owl:Class, owl:DeprecatedClass ; rdfs:label "old"@en . e:i a owl:Class ; rdfs:label "i"@en .
e:gone a skos:Concept ; skos:prefLabel "gone"@en ; owl:deprecated true .
e:not a skos:Concept ; skos:prefLabel "not"@en ; owl:deprecated false .
e:axiom a owl:Axiom ; owl:annotatedTarget "i"@en ; rdfs:comment "about i"@en .
e:f a gvp:Facet ; skos:prefLabel "f"@en . e:x a gvp:ObsoleteSubject ; skos:prefLabel "x"@en ."""


def test_entities_have_types() -> None:
    found, summary = read_text(TYPES)
    assert {name.rpartition("/")[2]: entity.type for name, entity in found.items()} == {
        "o": "ontology",
        "s": "scheme",
        "c": "collection",
        "p": "property",
        "old": "deprecated",
        "gone": "deprecated",
        "i": "item",
        "not": "item",
        "f": "collection",
        "x": "deprecated",
    }
    assert summary.types["item"] == 2 and summary.called == {"class": 1, "concept": 1}


def test_remarks_are_definitions_where_there_are_no_others() -> None:
    remark = 'e:c a owl:Class ; rdfs:label "c"@en ; rdfs:comment "A class."@en .'
    found, _ = read_text(remark)
    assert said(found["http://example.org/c"], "definition", "note", "description") == [
        ("definition", "comment", "en", "A class.", "en")
    ]
    found, _ = read_text(f'{remark} e:d a owl:Class ; skos:definition "A thing."@en .')
    assert said(found["http://example.org/c"], "note")[0][1] == "comment"


def test_what_is_not_read_is_told_and_a_profile_of_ones_own_reads_it(tmp_path: Path) -> None:
    text = """e:a rdfs:label "a"@en ; e:motto "Per aspera"@la, "Ad astra"@la ; e:nick "Al" ;
        e:code "X-1", 7, "2020-01-01"^^xsd:date ; e:site "http://a.b/" ; e:see e:b .
        [] rdfs:label "nobody"@en ."""
    found, summary = read_text(text)
    rows = {row["predicate"]: row for row in summary.report()["unread"]}
    motto, nick = rows["http://example.org/motto"], rows["http://example.org/nick"]
    assert (motto["tagged"], motto["untagged"], motto["example"]) == (2, 0, "Per aspera")
    assert (nick["tagged"], nick["untagged"]) == (0, 1)
    assert {*rows} == {"http://example.org/motto", "http://example.org/nick"}
    assert summary.report()["blank"][0]["texts"] == 1

    own = tmp_path / "own.toml"
    own.write_text(
        'extends = ["generic"]\n[prefixes]\ne = "http://example.org/"\n'
        '[predicates]\nalias = ["e:nick"]\nnote = ["e:motto"]\n'
    )
    found, summary = read_text(text, profiles=(str(own),), untagged="en")
    assert summary.report()["unread"] == []
    assert said(found["http://example.org/a"], "alias", "note") == [
        ("alias", "nick", "", "Al", "en"),
        ("note", "motto", "la", "Ad astra", "la"),
        ("note", "motto", "la", "Per aspera", "la"),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[predicates]\nlable = []\n", r"'lable'.*predicates"),
        ("[predicates]\nlabel = 'rdfs:label'\n", r"\$.predicates"),
        ("label = ['rdfs:label']\n", "unknown field `label`"),
        ("[predicates]\nlabel = ['nope:label']\n", "'nope:label' in `predicates.label` is no IRI"),
        ("extends = ['nowhere']\n", "no profile 'nowhere'"),
        ("predicates\n", "cannot be used"),
    ],
)
def test_a_profile_that_cannot_be_used_is_an_error_with_its_key(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=sentence) as raised:
        named([str(path)])
    assert raised.value.args[0].count("\n") == 0


def test_a_profile_that_extends_itself_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'extends = ["{path}"]\n')
    with pytest.raises(UsageError, match="extends itself"):
        named([str(path)])


def test_a_profile_that_is_named_is_alone() -> None:
    text = 'e:a skos:prefLabel "a"@en ; foaf:name "A"@en .'
    found, summary = read_text(text, profiles=("foaf",))
    assert said(found["http://example.org/a"]) == [("label", "name", "en", "A", "en")]
    assert summary.about.profiles == ("foaf",)
    with pytest.raises(UsageError, match="There is no profile 'skoss': name a file, or one of"):
        Vocabulary(BASE, profiles=("skoss",))


@pytest.mark.parametrize("name", ORDER)
def test_every_ready_profile_can_be_used_and_says_what_a_type_is(name: str) -> None:
    profile = ready(name)
    assert profile.title and profile.predicates
    assert profile.signs or name == "generic"


OF_EACH = {
    "skos": 'e:a skos:prefLabel "a"@en .',
    "skos-xl": 'e:a xl:prefLabel [ xl:literalForm "a"@en ] .',
    "obo": 'e:a rdfs:label "a"@en ; <http://purl.obolibrary.org/obo/IAO_0000115> "d"@en .',
    "owl": 'e:a a owl:Class ; rdfs:label "a"@en .',
    "schema-org": 'e:a <https://schema.org/name> "a"@en .',
    "dcat": 'e:a a <http://www.w3.org/ns/dcat#Dataset> ; dct:title "a"@en .',
    "foaf": 'e:a foaf:name "a"@en .',
    "dublin-core": 'e:a <http://purl.org/dc/elements/1.1/title> "a"@en .',
    "gnd": 'e:a <https://d-nb.info/standards/elementset/gnd#preferredName> "a"@de .',
    "getty": 'e:a gvp:prefLabelGVP [ gvp:term "a"@en ] .',
    "ror": 'e:a a <https://w3id.org/ror/Organization> ; rdfs:label "a"@en .',
    "generic": 'e:a rdfs:label "a"@en .',
}


@pytest.mark.parametrize("name", OF_EACH)
def test_a_vocabulary_is_told_by_what_it_uses(name: str) -> None:
    found, summary = read_text(OF_EACH[name])
    assert name in summary.about.profiles
    assert [one[3] for one in said(found["http://example.org/a"], "label")] == ["a"]


def test_the_command_says_what_a_file_is(tmp_path: Path) -> None:
    store = ["--store", str(tmp_path / "a.db")]
    result = CliRunner().invoke(cli, [*store, "harvest", "rdf", str(CASES / "tags.ttl")])
    assert result.exit_code == 0, result.output
    assert "2 concepts, 1 scheme, SKOS" in result.output
    assert "licence: https://creativecommons.org/licenses/by-sa/4.0/" in result.output
    assert "skos:prefLabel" in result.output and "nobody knows" in result.output
    result = CliRunner().invoke(cli, [*store, "origins"])
    assert "skos" in result.output
