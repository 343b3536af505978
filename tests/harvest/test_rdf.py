"""RDF files of every format become entities, however their triples are spread."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, serialize

from kgenrich.cli.main import cli
from kgenrich.errors import InputError, UsageError
from kgenrich.harvest import grouping
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.document import Reader
from kgenrich.harvest.grouping import Groups
from kgenrich.harvest.rdf import read_rdf
from kgenrich.harvest.triples import FORMATS, format_of
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.inputs import Input
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import Entity, Reject, Value
from kgenrich.resources import resource
from kgenrich.store.keys import entity_key
from tests.harvest.plain_entities import plain

BASE = "http://www.wikidata.org/entity/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PREFIXES = f"""@prefix rdfs: <{RDFS}> . @prefix skos: <{SKOS}> . @prefix s: <http://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix wd: <{BASE}> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix e: <http://example.org/> . @prefix wikibase: <http://wikiba.se/ontology#> .
"""
LINES = gzip.decompress(resource("config/demo/items.json.gz").read_bytes()).splitlines()


def items(number: int) -> list[Entity]:
    """Shipped items whose language codes survive the way through BCP 47, without claims."""
    reader = Reader()
    found = [e for line in LINES[1 : number + 1] for e in reader.read(line.rstrip(b","))]

    def kept(by_language: Any) -> Any:
        return {c: text for c, text in by_language.items() if wikimedia(bcp47(c)) == c}

    return [
        Entity(
            entity.id,
            labels=kept(entity.labels),
            descriptions={c: t for c, t in kept(entity.descriptions).items() if c != "mul"},
            aliases={
                code: others
                for code, texts in kept(entity.aliases).items()
                if (others := tuple(t for t in texts if t != entity.labels.get(code)))
            },
            classes=tuple(dict.fromkeys(entity.classes)),
        )
        for entity in found
    ]


def triples(entity: Entity) -> Iterable[Quad]:
    subject = NamedNode(BASE + entity.id)
    for predicate, texts in (
        (f"{RDFS}label", [(c, t) for c, t in entity.labels.items()]),
        (f"{SKOS}altLabel", [(c, t) for c, ts in entity.aliases.items() for t in ts]),
        ("http://schema.org/description", list(entity.descriptions.items())),
    ):
        for code, text in texts:
            yield Quad(subject, NamedNode(predicate), Literal(text, language=bcp47(code)))
    for name in entity.classes:
        kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        yield Quad(subject, kind, NamedNode(BASE + name))


def read(path: Path, start: str = "", size: int = 500, **options: Any) -> list[Batch]:
    vocabulary = Vocabulary(options.pop("base", BASE), **options)
    with Input(str(path)) as source:
        return list(read_rdf(source, format_of(source), vocabulary, start=start, size=size))


def entities(batches: Iterable[Batch]) -> list[Entity]:
    return [plain(entity) for batch in batches for entity in batch.entities]


def turtle(tmp_path: Path, text: str, **options: Any) -> list[Entity]:
    path = tmp_path / "graph.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    return entities(read(path, **options))


def in_sets(found: Iterable[Entity]) -> list[Any]:
    """Entities whose aliases and classes have no order, as in RDF."""
    return sorted(
        (
            *(e.id, sorted(e.labels.items()), sorted(e.descriptions.items()), sorted(e.classes)),
            sorted((code, sorted(texts)) for code, texts in e.aliases.items()),
        )
        for e in found
    )


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["nt", "nq", "ttl", "trig", "n3", "rdf", "jsonld", "nt.gz"])
@pytest.mark.parametrize("buffer", [grouping.BUFFER, 20_000], ids=["memory", "disk"])
def test_every_format_gives_the_same_entities_in_any_order(
    tmp_path: Path, ending: str, buffer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "BUFFER", buffer)
    monkeypatch.setattr(grouping, "FAN", 5)
    wanted = items(40)
    quads = [quad for entity in wanted for quad in triples(entity)]
    random.Random(7).shuffle(quads)
    data = serialize(quads, format=FORMATS[ending.split(".")[0]])
    path = tmp_path / f"graph.{ending}"
    path.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    found = entities(read(path))
    in_order = sorted((entity.id for entity in wanted), key=entity_key)
    assert [entity.id for entity in found] == in_order, "as the store keeps them"
    assert in_sets(found) == in_sets(wanted)


@pytest.mark.slow
def test_any_position_goes_on_after_it(tmp_path: Path) -> None:
    path = tmp_path / "graph.nt"
    quads = [quad for entity in items(30) for quad in triples(entity)]
    path.write_bytes(serialize(quads, format=RdfFormat.N_TRIPLES))
    batches = [batch for batch in read(path, size=7) if batch.entities]
    assert len(batches) == 5
    for place, batch in enumerate(batches):
        assert entities(read(path, batch.position)) == entities(batches[place + 1 :])


def test_iris_under_the_base_are_bare_and_others_stay(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        'wd:Q42 rdfs:label "a"@en; a wd:Q5 . e:b rdfs:label "b"@en; a e:Thing .'
        f'<{BASE}statement/Q42-1> rdfs:label "c"@en . _:blank rdfs:label "d"@en .',
    )
    assert sorted((e.id, e.classes) for e in found) == [
        ("Q42", ("Q5",)),
        ("http://example.org/b", ("http://example.org/Thing",)),
    ]


def test_preferred_predicates_give_the_label_and_the_others_aliases(tmp_path: Path) -> None:
    text = """e:a s:name "third"@en; skos:prefLabel "first"@en; rdfs:label "second"@en, "also"@en;
        skos:altLabel "first"@en, "alias"@en ."""
    (entity,) = turtle(tmp_path, text)
    assert entity.labels == {"en": "first"}
    assert sorted(entity.aliases["en"]) == ["alias", "also", "second", "third"]
    (other,) = turtle(tmp_path, text, labels=("http://schema.org/name",))
    assert other.labels == {"en": "third"}


def test_descriptions_are_in_order_of_preference(tmp_path: Path) -> None:
    text = 'e:a s:description "d"@en; rdfs:comment "c"@en, "k"@de; dct:description "x"@de .'
    (entity,) = turtle(tmp_path, text)
    assert entity.descriptions == {"en": "d", "de": "k"}


def test_tags_become_wikimedia_codes(tmp_path: Path) -> None:
    (entity,) = turtle(
        tmp_path, 'e:a rdfs:label "1"@zh-Hans, "2"@sr-Latn, "3"@en-simple, "4"@pt-BR .'
    )
    assert entity.labels == {"zh-hans": "1", "sr-el": "2", "simple": "3", "pt-br": "4"}


@pytest.mark.parametrize("turned", [False, True])
def test_regional_tags_count_as_their_language_and_give_way_to_it(
    tmp_path: Path, turned: bool
) -> None:
    said = [
        'rdfs:label "cane domestico"@it-IT',
        'skos:prefLabel "cane"@it',
        'rdfs:label "dog"@EN-ke',
        'rdfs:comment "un animale"@it-SM',
        's:description "un mammifero"@it-IT',
        'dct:description "mammifero domestico"@IT',
        'skos:altLabel "cagnolino"@it-IT, "cane"@it-SM',
    ]
    text = "e:a " + "; ".join(reversed(said) if turned else said) + " ."
    (entity,) = turtle(tmp_path, text, languages=("it", "en"))
    assert entity.labels == {"it": "cane", "en": "dog"}
    assert entity.descriptions == {"it": "un mammifero"}
    assert entity.definitions == {"it": "mammifero domestico"}
    assert {code: set(names) for code, names in entity.aliases.items()} == {
        "it": {"cane domestico", "cagnolino"}
    }


def test_untagged_texts_belong_to_the_language_named(tmp_path: Path) -> None:
    text = 'e:a rdfs:label "name"; rdfs:comment "a thing" .'
    for asked, label, comment in (("", "und", "und"), ("mul", "mul", "und"), ("en", "en", "en")):
        (entity,) = turtle(tmp_path, text, untagged=asked)
        assert (entity.labels, entity.descriptions) == ({label: "name"}, {comment: "a thing"})


def test_only_wanted_languages_are_kept(tmp_path: Path) -> None:
    (entity,) = turtle(tmp_path, 'e:a rdfs:label "1"@it, "2"@de .', languages=("it",))
    assert entity.labels == {"it": "1"}


def test_wanted_properties_become_claims(tmp_path: Path) -> None:
    text = """wd:Q1 rdfs:label "x"@en; a wikibase:Item; wdt:P31 wd:Q5;
        wdt:P569 "1952-03-11T00:00:00Z"^^xsd:dateTime, "1950-01-01T00:00:00Z"^^xsd:dateTime,
            "-0044"^^xsd:gYear, "1900-05"^^xsd:gYearMonth, "yesterday"^^xsd:date;
        wdt:P1082 "+1200"^^xsd:decimal; wdt:P1559 "Jean"@fr; wdt:P17 wd:Q142; e:code "X1";
        wdt:P18 "other" ."""
    properties = ("P31", "P569", "P1082", "P1559", "P17", "http://example.org/code")
    (entity,) = turtle(tmp_path, text, properties=properties)
    assert entity.classes == ("Q5",), "the types of Wikibase's own ontology say nothing"
    assert {name: set(values) for name, values in entity.claims.items()} == {
        "P31": {Value("entity", "Q5")},
        "P569": {
            Value("time", "+1952-03-11T00:00:00Z", precision=11),
            Value("time", "+1950-01-01T00:00:00Z", precision=9),
            Value("time", "-0044-00-00T00:00:00Z", precision=9),
            Value("time", "+1900-05-00T00:00:00Z", precision=10),
        },
        "P1082": {Value("quantity", "1200")},
        "P1559": {Value("text", "Jean", "fr")},
        "P17": {Value("entity", "Q142")},
        "http://example.org/code": {Value("string", "X1")},
    }


def test_what_has_no_name_nor_class_is_no_entity(tmp_path: Path) -> None:
    text = 'e:a dct:creator e:b . e:c a wikibase:Statement . e:d a e:Thing . e:f rdfs:label ""@en .'
    assert [e.id for e in turtle(tmp_path, text)] == ["http://example.org/d"]


def test_broken_lines_are_told_and_no_others_are_lost(tmp_path: Path) -> None:
    path = tmp_path / "graph.nt"
    good = [f'<http://example.org/{n}> <{RDFS}label> "{n}"@en .' for n in range(6)]
    bad = ['<http://example.org/x> <p> "unclosed', "<http://example.org/y> rubbish ."]
    path.write_text("\n".join([*good[:3], bad[0], *good[3:5], bad[1], good[5]]), encoding="utf-8")
    batches = read(path)
    assert len(entities(batches)) == 6
    broken = [each for batch in batches for each in batch.rejects]
    assert [each.position for each in broken] == [4, 7]
    assert broken[0].excerpt == bad[0] and "line 1" not in broken[0].reason


STATEMENTS = [
    'e:a rdfs:label "a"@en .',
    'e:b rdfs:label "b"@en ;\n  rdfs:comment "of. b"@en .',
    'e:c rdfs:label """c"""@en . # e:x a e:y .',
    '<http://example.org/d> rdfs:label "d"@en .',
    '@prefix f: <http://example.org/> .\nf:e rdfs:label "e"@en .',
    'e:f rdfs:comment """long\n. e:n rdfs:label "n" .\n"""@en ; rdfs:label "f"@en .',
]
BROKEN = [
    'e:x rdfs:label "x" rubbish .',
    'e:x rdfs:label "unclosed .',
    "e:x rdfs:label 'unclosed .",
    'e:x rdfs:label "x"',
    'undeclared:x rdfs:label "x" .',
    "e:x rdfs:label [ .",
    'e:x rdfs:label ( "x" .',
    "garbage garbage .",
    'e:x rdfs:label "x" ; ; ) .',
]


@given(st.lists(st.sampled_from(BROKEN), min_size=1, max_size=4), st.randoms(), st.booleans())
def test_a_broken_statement_of_turtle_costs_itself(
    broken: list[str], order: random.Random, by_windows: bool
) -> None:
    parts = [*STATEMENTS, *broken]
    order.shuffle(parts)
    text = PREFIXES + "\n".join(parts) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.ttl"
        path.write_text(text, encoding="utf-8", newline="\r\n" if by_windows else "\n")
        batches = read(path)
    found = {e.id.removeprefix("http://example.org/"): e for e in entities(batches)}
    assert {*found} - {"x"} == {*"abcdef"}
    assert all(found[name].labels == {"en": name} for name in "abcdef")
    rejects = [each for batch in batches for each in batch.rejects]
    assert 1 <= len(rejects) <= len(broken)
    lines = text.split("\n")
    # A statement without an end is noticed where the next one begins.
    around = ["\n".join(lines[each.position - 2 : each.position]) for each in rejects]
    assert all(any(part.split("\n")[0] in near for part in broken) for near in around)


def test_a_broken_statement_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text(PREFIXES + 'e:a rdfs:label "a"@en .\ne:b rdfs:label "b" rubbish .')
    (reject,) = [each for batch in read(path) for each in batch.rejects]
    assert reject == Reject(
        str(path),
        PREFIXES.count("\n") + 2,
        "rubbish is not a valid subject or graph name.",
        'e:b rdfs:label "b" rubbish .',
    )


def test_a_packed_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl.gz"
    data = serialize([q for e in items(50) for q in triples(e)], format=RdfFormat.TURTLE)
    path.write_bytes(gzip.compress(data)[:-500])
    with pytest.raises(InputError, match="cut off"):
        read(path)


SAMPLES = {
    "nt": f'<http://a.b/c> <{RDFS}label> "x" .\n',
    "nq": f'<http://a.b/c> <{RDFS}label> "x" <http://g.h/> .\n',
    "ttl": f'@prefix r: <{RDFS}> .\n<http://a.b/c> r:label "x" ; r:comment "y" .\n',
    "trig": f'<http://g.h/> {{ <http://a.b/c> <{RDFS}label> "x" }}\n',
    "rdf": f'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="{RDFS}">'
    '<r:Description r:about="http://a.b/c"><s:label>x</s:label></r:Description></r:RDF>',
    "jsonld": f'[{{"@id": "http://a.b/c", "{RDFS}label": "x"}}]',
}


@pytest.mark.parametrize("content", SAMPLES)
@pytest.mark.parametrize("ending", ["", "txt", "gz", *SAMPLES])
def test_a_file_is_told_by_what_it_holds(tmp_path: Path, content: str, ending: str) -> None:
    path = tmp_path / f"graph.{ending}"
    path.write_text(SAMPLES[content])
    assert [e.labels for e in entities(read(path))] == [{"und": "x"}]
    if ending == content:
        with Input(path) as source:
            assert format_of(source) == FORMATS[ending]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a", b"", "holds no RDF"),
        ("a.ttl", b"", "says nothing of any IRI"),
        ("a.ttl", b"# nothing\n@prefix e: <http://e/> .\n", "says nothing of any IRI"),
        ("a.nt", b"garbage\n" * 5000, "says nothing of any IRI"),
        ("a.ttl", b"garbage garbage .\n" * 5000, "says nothing of any IRI"),
        ("a.txt", b"garbage\n" * 5000, "holds no RDF"),
        ("a.rdf", b"\x00\x01\x02\xff", "holds no RDF"),
        ("a.rdf", b"<html><body>Not found</body></html>", "holds no RDF"),
        ("a.rdf", b"<?xml version='1.0'?><html><p/></html>", "is broken at or before line 1"),
        ("a.json", b'{"id": "Q1", "type": "item", "labels": {}}', "an entity dump"),
        ("a.jsonld", b'[{"a": 1}]', "plain JSON"),
        ("a.ttl", b'_:a <http://e/p> "x" .', "says nothing of any IRI"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_an_error(
    tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=sentence):
        read(path)


def test_a_format_that_is_given_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "graph.nt"
    path.write_text(SAMPLES["ttl"])
    with Input(path) as source, pytest.raises(InputError, match="says nothing of any IRI as N-Tr"):
        list(read_rdf(source, format_of(source, "nt"), Vocabulary(BASE)))
    with Input(path) as source, pytest.raises(UsageError, match="no RDF format 'turtle'"):
        format_of(source, "turtle")


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.text(max_size=30)), max_size=300))
def test_groups_are_those_of_a_dictionary(facts: list[tuple[str, str]]) -> None:
    wanted: dict[str, tuple[list[int], list[str]]] = {}
    groups = Groups()
    buffer, fan = grouping.BUFFER, grouping.FAN
    grouping.BUFFER, grouping.FAN = 2_000, 3
    try:
        for number, (key, text) in enumerate(facts):
            numbers, texts = wanted.setdefault(key, ([], []))
            numbers.append(number)
            texts.append(text)
            groups.add(key, ([number], [text]))
        assert list(groups) == sorted(wanted.items())
        assert list(groups) == sorted(wanted.items()), "they can be read again"
    finally:
        groups.close()
        grouping.BUFFER, grouping.FAN = buffer, fan


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path, store = tmp_path / "graph.nt.gz", tmp_path / "a.db"
    quads = [quad for entity in items(50) for quad in triples(entity)]
    quads.append(
        Quad(
            NamedNode("http://example.org/a"),
            NamedNode(f"{RDFS}label"),
            Literal("a", language="it"),
            DefaultGraph(),
        )
    )
    path.write_bytes(gzip.compress(serialize(quads, format=RdfFormat.N_TRIPLES)))
    for expected in ((51, 51, 0), (51, 0, 51)):
        result = CliRunner().invoke(
            cli, ["--store", str(store), "harvest", "rdf", str(path), "--json"]
        )
        counts = json.loads(result.stdout)
        assert (counts["read"], counts["new"], counts["unchanged"]) == expected
    with sqlite3.connect(store) as connection:
        assert ("http://example.org/a",) in connection.execute("SELECT iri FROM iris").fetchall()
