"""What is odd in an RDF file costs itself: a tag, an IRI, a literal, an entity of XML."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.rdf import read_rdf
from kgenrich.harvest.triples import format_of
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.inputs import Input
from kgenrich.model import Entity, Value
from tests.harvest.plain_entities import plain

BASE = "http://www.wikidata.org/entity/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
LABEL = f"<{RDFS}label>"
XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    f'xmlns:rdfs="{RDFS}">%s</rdf:RDF>'
)
NODE = '<rdf:Description rdf:about="%s"><rdfs:label xml:lang="%s">%s</rdfs:label></rdf:Description>'


def read(name: str, data: bytes, base_iri: str = "", **options: Any) -> list[Batch]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        vocabulary = Vocabulary(options.pop("base", BASE), **options)
        with Input(path) as source:
            return list(read_rdf(source, format_of(source), vocabulary, base_iri))


def entities(batches: list[Batch]) -> dict[str, Entity]:
    return {entity.id: plain(entity) for batch in batches for entity in batch.entities}


def counts(batches: list[Batch]) -> tuple[Counter[str], Counter[str], int]:
    """What was left out, what was repaired, and how many parts are broken."""
    return (
        sum((batch.left_out for batch in batches), Counter()),
        sum((batch.repaired for batch in batches), Counter()),
        sum(len(batch.rejects) for batch in batches),
    )


ODD = st.text(st.sampled_from("aE-_1é€ \\\"'<>{}|^`%#@.;,:/\t\u200b\ufffd\x00\n\\u"), max_size=12)
INVALID = st.sampled_from([b"", b"\xff", b"\xc3", b"\\uD800", b"\\q", b"\\", b"\\U00110000"])


@given(st.sampled_from(["nt", "ttl"]), ODD, ODD, ODD, INVALID, st.integers(0, 2))
def test_whatever_a_literal_a_tag_or_an_iri_holds_costs_itself(
    ending: str, text: str, tag: str, iri: str, invalid: bytes, place: int
) -> None:
    literal = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").encode()
    odd = [
        b'<http://e.x/odd> %s "%s%s"@%s .' % (LABEL.encode(), literal, invalid, tag.encode()),
        b'<http://e.x/%s> %s "odd"@en .' % (iri.encode(), LABEL.encode()),
        b"<http://e.x/odd> <http://e.x/%s> <http://e.x/%s> ." % (iri.encode(), iri.encode()),
    ][place]
    good = [f'<http://e.x/{name}> {LABEL} "{name}"@en .'.encode() for name in "abcd"]
    found = entities(read(f"g.{ending}", b"\n".join([*good[:2], odd, *good[2:]]) + b"\n"))
    assert {name: found[f"http://e.x/{name}"].labels for name in "abcd"} == {
        name: {"en": name} for name in "abcd"
    }


TAGS = {
    "en_US": {"en-us": "x"},
    "zh-classical": {"lzh": "x"},
    "toolongatag": {},
    "de-": {},
    "": {},
    "12": {},
    "e--n": {},
}


@pytest.mark.parametrize("tag", TAGS)
def test_an_odd_tag_of_turtle_keeps_what_stands_after_it(tag: str) -> None:
    text = (
        f'@prefix r: <{RDFS}> .\n<http://e.x/z> r:label "z"@en .\n<http://e.x/a> r:label '
        f'"before"@de ,\n "x"@{tag} ,\n "after"@fr ; r:comment "comment"@en .\n'
    )
    batches = read("g.ttl", text.encode())
    found = entities(batches)["http://e.x/a"]
    assert found.labels == {"de": "before", **TAGS[tag], "fr": "after"}
    assert found.descriptions == {"en": "comment"}
    left_out, repaired, broken = counts(batches)
    assert left_out["label"] == (not TAGS[tag]) and broken == 0
    assert repaired["language tag"] or left_out["label"]
    assert "http://e.x/z" in entities(batches)


def test_odd_iris_are_escaped_or_left_out_with_a_count() -> None:
    text = (
        f'<http://e.x/a b> {LABEL} "x"@en .\n<rel> {LABEL} "y"@en .\n<http://e.x/c> {LABEL} "z" .'
    )
    batches = read("g.nt", text.encode())
    assert {*entities(batches)} == {"http://e.x/a%20b", "http://e.x/c"}
    assert counts(batches) == ({"IRI": 1}, {"IRI": 1}, 0)
    assert [each.reason for each in batches[0].partial] == ["'rel' is no absolute IRI."]


TYPED = {
    '"x"^^xsd:string': "x",
    '"x"^^xsd:token': "x",
    '"x@de"^^rdf:PlainLiteral': "x",
    '"x@y@de"^^rdf:PlainLiteral': "x@y",
    '"x"^^rdf:PlainLiteral': "x",
    '"<b>x</b> &amp; y"^^rdf:HTML': "x & y",
    "1984": "1984",
    "1.5": "1.5",
    '"1984"^^xsd:gYear': "1984",
    '"x"@und': "x",
    '"x"^^<http://e.x/type>': None,
    "true": None,
}


@pytest.mark.parametrize("literal", TYPED)
def test_labels_of_any_type_are_read_or_named(literal: str) -> None:
    text = (
        f"@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix r: <{RDFS}> .\n"
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        f"<http://e.x/a> a <http://e.x/C> ; r:label {literal} ."
    )
    batches = read("g.ttl", text.encode(), untagged="de")
    text_of = TYPED[literal]
    assert entities(batches)["http://e.x/a"].labels == ({"de": text_of} if text_of else {})
    assert counts(batches)[0] == ({} if text_of else {"label": 1})


def test_relative_iris_are_under_the_base() -> None:
    text = f'@prefix : <#> .\n:c1 {LABEL} "x"@en .\n<d> {LABEL} "y"@en .'
    assert {*entities(read("g.ttl", text.encode(), "http://e.x/g"))} == {
        "http://e.x/g#c1",
        "http://e.x/d",
    }
    node = NODE % ("", "en", "x") + NODE % ("#c", "en", "y")
    found = entities(read("g.rdf", (XML % node).encode(), "http://e.x/g"))
    assert {*found} == {"http://e.x/g", "http://e.x/g#c"}


WIKIBASE = """
@prefix wd: <{base}entity/> . @prefix p: <{base}prop/> . @prefix wdt: <{base}prop/direct/> .
@prefix s: <{base}entity/statement/> . @prefix schema: <http://schema.org/> .
@prefix r: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix data: <{pages}Special:EntityData/> . @prefix wikibase: <http://wikiba.se/ontology#> .
data:Q1 a schema:Dataset ; schema:about wd:Q1 ; schema:version 7 ; schema:name "data"@en .
wd:Q1 a wikibase:Item ; r:label "one"@en ; wdt:P31 wd:Q5 ; p:P31 s:Q1-A .
s:Q1-A a wikibase:Statement, <http://e.x/Other> ; r:label "statement"@en .
<https://de.wikipedia.org/wiki/Eins_(Zahl)> a schema:Article ; schema:about wd:Q1 ;
  schema:isPartOf <https://de.wikipedia.org/> ; schema:name "Eins"@de .
p:P31 a owl:ObjectProperty ; r:label "no entity"@en .
wd:P31 a wikibase:Property ; r:label "instance of"@en .
wd:Q2 owl:sameAs wd:Q1 . wd:Q3 owl:sameAs <http://e.x/3> .
wd:L7 a wikibase:Lexeme ; r:label "lexeme"@en . wd:L7-F1 r:label "form"@en .
<http://e.x/book> schema:about wd:Q1 ; schema:name "A book"@en ; schema:isPartOf <http://e.x/all> .
"""


@pytest.mark.parametrize(
    ("base", "pages"),
    [
        ("http://www.wikidata.org/", "https://www.wikidata.org/wiki/"),
        ("https://kb.example/", "https://kb.example/wiki/"),
    ],
)
def test_of_a_wikibase_only_items_and_properties_are_entities(base: str, pages: str) -> None:
    text = WIKIBASE.format(base=base, pages=pages)
    batches = read("g.ttl", text.encode(), base=f"{base}entity/")
    found = entities(batches)
    assert {*found} == {"Q1", "Q2", "P31", "http://e.x/book"}
    assert found["Q1"] == Entity(
        "Q1",
        labels={"en": "one"},
        classes=("Q5",),
        sitelinks={"dewiki": "Eins (Zahl)"},
        revision=7,
    )
    assert found["Q2"] == Entity("Q2", redirect="Q1")
    assert counts(batches) == ({}, {}, 0)


def test_entities_as_owl_files_declare_them_are_expanded() -> None:
    declared = (
        '<?xml version="1.0"?>\n<!-- of <!DOCTYPE -->\n<!DOCTYPE rdf:RDF [\n'
        """<!ENTITY e "http://e.x/" > <!ENTITY said 'a "quoted" &#233;' >\n]>\n"""
    )
    node = NODE % (
        "&e;a",
        "en",
        "&said; &amp; &eacute; AT&T &unknown; <![CDATA[<&]]> b<!-- c --> d",
    )
    batches = read("g.owl", (declared + XML % node).encode(), "http://e.x/")
    label = 'a "quoted" é & é AT&T &unknown; <& b d'
    assert entities(batches)["http://e.x/a"].labels == {"en": label}
    assert counts(batches) == ({}, {"XML entity": 3}, 0)


@pytest.mark.parametrize("between", ["<!-- c > -->", "<?pi x?>", "<![CDATA[<&]]>"])
def test_text_goes_on_after_what_pyoxigraph_0_5_13_takes_for_its_end(between: str) -> None:
    batches = read("g.rdf", (XML % (NODE % ("http://e.x/a", "en", f"a{between}b"))).encode())
    label = "a<&b" if "CDATA" in between else "ab"
    assert entities(batches)["http://e.x/a"].labels == {"en": label}


@pytest.mark.parametrize(
    ("declared", "inside", "sentence"),
    [
        ('<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>', "&b;", "its entity b is no short"),
        (f'<!DOCTYPE r [<!ENTITY a "{"x" * 1001}">]>', "&a;", "its entity a is no short"),
        (f'<!DOCTYPE r [<!ENTITY a "{"x" * 999}">]>', "&a;" * 9000, "20 times as large"),
        ("<!DOCTYPE r [" + "<!---->" * 20_000, "x", "does not end within"),
        ("<!DOCTYPE r [" + "<!--" * 20_000, "x", "does not end within"),
        ("", "<!DOCTYPE r []>", "a declaration in its middle"),
        ("", "<!-- ", "has no end"),
        ("", "<?pi ", "has no end"),
    ],
)
def test_declarations_that_are_no_help_are_refused(
    declared: str, inside: str, sentence: str
) -> None:
    data = declared + XML % (NODE % ("http://e.x/a", "en", inside))
    with pytest.raises(InputError, match=sentence):
        read("g.rdf", data.encode())


def test_no_file_outside_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    declared = f'<!DOCTYPE r [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    batches = read("g.rdf", (declared + XML % (NODE % ("http://e.x/a", "en", "&a;"))).encode())
    assert entities(batches)["http://e.x/a"].labels == {"en": "&a;"}


def test_what_stands_before_a_fault_of_xml_is_kept_and_its_line_told() -> None:
    nodes = "\n".join(NODE % (f"http://e.x/{n}", "en", n) for n in range(99))
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "g.rdf"
        path.write_text(XML % (nodes + "\n</wrong>"))
        with Input(path) as source, pytest.raises(InputError, match="at or before line 100: "):
            for batch in read_rdf(source, format_of(source), Vocabulary(BASE)):
                kept += batch.entities
    assert len(kept) == 99


def test_claims_take_iris_that_are_mended() -> None:
    text = f'<http://e.x/a> {LABEL} "x"@en ; <http://e.x/p> <http://e.x/b|c> , <http://e.x/d> .'
    batches = read("g.ttl", text.encode(), properties=("http://e.x/p",))
    values = (Value("entity", "http://e.x/b%7Cc"), Value("entity", "http://e.x/d"))
    assert {*entities(batches)["http://e.x/a"].claims["http://e.x/p"]} == {*values}
    assert counts(batches)[1] == {"IRI": 1}
