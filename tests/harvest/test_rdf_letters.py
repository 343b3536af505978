"""RDF is read to the letter: tags in their case, texts, types, and nothing without a word."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from kgenrich.harvest.literals import is_name_like
from kgenrich.harvest.parsing import Noted
from kgenrich.harvest.rdf import read_rdf
from kgenrich.harvest.tag_spelling import TagSpellings
from kgenrich.harvest.texts import fact
from kgenrich.harvest.triples import FORMATS, read_triples
from kgenrich.harvest.untagged import language_of_untagged
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.inputs import Input
from kgenrich.model import Entity
from tests.harvest.rdf_files import BASE, read_file, read_text, said

A = "http://example.org/a"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
UNKNOWN = "http://example.org/unknown"
XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">%s</rdf:RDF>'
)


def labels(entity: Entity) -> set[tuple[str, str]]:
    return {(tag, text) for _, _, tag, text, _ in said(entity, "label")}


TAGS = ["de-DE", "de-de", "DE", "zh-Hans-CN", "x-Klingon", "en", "en--ltr", "ar--rtl", "sr-Latn"]


@pytest.mark.parametrize("ending", ["nt", "nq", "ttl", "trig", "n3"])
def test_a_tag_keeps_its_letters_in_every_text_format(ending: str) -> None:
    said_so = "\n".join(f'<{A}> <{LABEL}> "{tag}"@{tag} .' for tag in TAGS)
    found, _ = read_text(said_so, ending, prefixes="")
    assert labels(found[A]) == {(tag, tag) for tag in TAGS}


def test_a_tag_keeps_its_letters_in_xml_and_json() -> None:
    tags = (("de-DE", '"'), ("zh-Hans-CN", "'"), ("en", '"'))
    names = "".join(f"<rdfs:label xml:lang={q}{t}{q}>{t}</rdfs:label>" for t, q in tags)
    found, _ = read_text(XML % f'<rdf:Description rdf:about="{A}">{names}</rdf:Description>', "rdf")
    assert labels(found[A]) == {(tag, tag) for tag in ("de-DE", "zh-Hans-CN", "en")}
    value = '{"@value": "x", "@language": "de-DE"}'
    found, _ = read_text(f'[{{"@id": "{A}", "{LABEL}": [{value}]}}]', "jsonld")
    assert labels(found[A]) == {("de-DE", "x")}


def test_an_empty_language_of_xml_is_none() -> None:
    inner = '<rdfs:label xml:lang="">none</rdfs:label><rdfs:label>inherited</rdfs:label>'
    node = f'<rdf:Description rdf:about="{A}" xml:lang="fr">{inner}</rdf:Description>'
    found, _ = read_text(XML % node, "rdf")
    assert labels(found[A]) == {("", "none"), ("fr", "inherited")}


def test_what_looks_like_a_tag_in_a_text_stays() -> None:
    text = 'say "x"@en-GB or xml:lang="en-GB"'
    quoted = text.replace('"', '\\"')
    found, _ = read_text(f"e:a rdfs:label \"{quoted}\"@de-DE, '''{text}'''@fr .")
    assert labels(found[A]) == {("de-DE", text), ("fr", text)}
    element = "Use xml:lang='en-GB' and xml:lang=\"\"."
    node = f'<rdf:Description rdf:about="{A}"><rdfs:label xml:lang="de-DE">%s</rdfs:label>'
    found, _ = read_text(XML % (node % element + "</rdf:Description>"), "rdf")
    assert labels(found[A]) == {("de-DE", element)}


WORDS = st.lists(
    st.sampled_from(['"x"@de-DE', '"@', "'y'@EN", "-", "a ", "@fr-FR", '"']), max_size=40
)


@given(WORDS, st.lists(st.integers(1, 9), min_size=1))
def test_tags_are_found_however_a_text_is_cut(words: list[str], sizes: list[int]) -> None:
    text = "".join(words).encode()

    class Cut:
        def __init__(self) -> None:
            self.at, self.turn = 0, 0

        def read(self, _: int) -> bytes:
            size = sizes[self.turn % len(sizes)]
            piece = text[self.at : self.at + size]
            self.at, self.turn = self.at + size, self.turn + 1
            return piece

    whole, cut = TagSpellings(), TagSpellings()
    source = cut.in_text(Cut())
    read = b"".join(iter(lambda: source.read(1), b""))
    assert read == whole.numbered(text)
    assert cut.restored(read.decode()) == text.decode()


def test_what_differs_from_what_it_is_taken_for_is_kept_raw() -> None:
    found, _ = read_text(
        'e:a rdfs:label " cafe\\u0301 "@fr, "<b>x</b>"^^rdf:HTML, "y@de"^^rdf:PlainLiteral ; '
        'skos:notation "+07"^^xsd:integer ; skos:exactMatch <http://e.x/a|b> .',
        untagged="en",
    )
    kept = {(s.value.value, s.raw, s.value.language) for s in found[A].statements}
    assert kept == {
        ("caf\N{LATIN SMALL LETTER E WITH ACUTE}", " cafe\N{COMBINING ACUTE ACCENT} ", "fr"),
        ("x", "<b>x</b>", "en"),
        ("y", "y@de", "de"),
        ("07", "+07", ""),
        ("http://e.x/a%7Cb", "http://e.x/a|b", ""),
    }


def test_a_label_in_the_language_itself_outranks_one_of_a_region_and_one_without_a_tag() -> None:
    found, _ = read_text(
        'e:a skos:prefLabel "colour"@en-GB, "tint", "color"@en ; rdfs:label "hue"@en .',
        untagged="en",
        languages=("en",),
    )
    ranks = {one.value.value: one.form.rank for one in found[A].statements}
    assert ranks["color"] < ranks["hue"] < ranks["colour"] == ranks["tint"]


def test_of_a_subject_with_far_too_many_statements_it_is_said_that_they_are_cut() -> None:
    lines = "".join(f'<{A}> <{LABEL}> "{n}"@en .\n' for n in range(25_000))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.nt"
        path.write_text(lines)
        with Input(str(path)) as source:
            batches = list(read_rdf(source, FORMATS["nt"], Vocabulary(BASE)))  # type: ignore[arg-type]
    assert sum(batch.left_out["part"] for batch in batches) == 1
    assert [reject.entity for batch in batches for reject in batch.partial] == [A]


def test_what_a_vocabulary_says_of_an_item_of_a_wiki_is_to_the_letter_too() -> None:
    found, _ = read_text(
        'wd:Q1 a skos:Concept ; skos:prefLabel "Deutschland"@de-DE ; skos:notation "DE" . '
        'wd:Q2 rdfs:label "b"@de ; a wd:Q5 .',
        "ttl",
        prefixes=f"@prefix wd: <{BASE}> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . ",
    )
    assert labels(found["Q1"]) == {("de-DE", "Deutschland")}
    assert {one.form.role for one in found["Q1"].statements} == {"label", "class", "notation"}
    assert found["Q2"].labels == {"de": "b"} and not found["Q2"].statements


def test_two_definitions_of_a_language_are_both_kept() -> None:
    found, _ = read_text('e:a skos:definition "One."@en, "Two."@en, "Three."@en-GB .')
    assert len(said(found[A], "definition")) == 3


SUBJECTS = st.sampled_from([NamedNode(f"http://example.org/{name}") for name in "abc"])
PREDICATES = st.sampled_from(
    [
        NamedNode(iri)
        for iri in (
            LABEL,
            "http://www.w3.org/2004/02/skos/core#prefLabel",
            "http://www.w3.org/2004/02/skos/core#altLabel",
            "http://www.w3.org/2004/02/skos/core#scopeNote",
            "http://www.w3.org/2004/02/skos/core#definition",
            "http://www.w3.org/2000/01/rdf-schema#comment",
            "http://purl.obolibrary.org/obo/IAO_0000115",
            "http://purl.org/dc/terms/title",
            UNKNOWN,
        )
    ]
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=12)
TAG = st.sampled_from(["", "en", "de-DE", "de-de", "zh-Hant", "sr-Latn-RS", "x-own"])
QUADS = st.lists(st.tuples(SUBJECTS, PREDICATES, TEXT, TAG), min_size=1, max_size=25)


@given(QUADS, st.sampled_from(["nt", "ttl", "rdf"]), st.randoms())
def test_every_text_is_kept_to_the_letter_or_named_as_unread(
    quads: list[tuple[NamedNode, NamedNode, str, str]], ending: str, order: object
) -> None:
    triples = [Quad(s, p, Literal(x, language=t) if t else Literal(x)) for s, p, x, t in quads]
    data = serialize(triples, format=FORMATS[ending])  # type: ignore[arg-type]
    # What pyoxigraph writes has its tags small.
    for tag in {t for *_, t in quads if t and not t.islower()}:
        spelled = f"@{tag.lower()} ", f"@{tag} "
        data = data.replace(spelled[0].encode(), spelled[1].encode())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{ending}"
        path.write_bytes(data)
        found, summary = read_file(path)
        with Input(str(path)) as source:
            noted = Noted()
            blocks = list(read_triples(source, FORMATS[ending], "", noted))
    wanted = {
        (
            triple.subject.value,
            triple.predicate.value,
            triple.object.value,
            noted.tags.written(triple.object.language or ""),
        )
        for some, _ in blocks
        for triple in some
        if isinstance(triple.object, Literal) and isinstance(triple.subject, NamedNode)
    }
    kept = {
        (entity.id, one.form.predicate, one.raw or one.value.value, one.form.tag)
        for entity in found.values()
        for one in entity.statements
    }
    unread = {row["predicate"] for row in summary.report()["unread"]}
    assert kept <= wanted, "nothing is made up"
    for _, predicate, text, tag in wanted - kept:
        is_text = tag or is_name_like(text)
        assert predicate in unread or not is_text or _is_nothing(text)
        assert predicate == UNKNOWN or _is_nothing(text)


def _is_nothing(text: str) -> bool:
    said_so = fact(text.strip())
    return not said_so or "\ufffd" in said_so


ENGLISH = ["cardiac muscle tissue", "Muscle tissue of the heart.", "the heart muscle of a mouse"]
GERMAN = ["Gewebe des Herzens", "der Muskel an der Wand des Herzens", "eine Krankheit der Leber"]


@pytest.mark.parametrize(
    ("asked", "declared", "texts", "language", "reason"),
    [
        ("en", ["de"], GERMAN, "en", "asked"),
        ("mul", [], ENGLISH, "mul", "asked"),
        ("", ["de"], ENGLISH, "de", "declared"),
        ("", [], ENGLISH, "en", "guessed"),
        ("", [], GERMAN, "de", "guessed"),
        ("", ["de", "fr"], GERMAN, "de", "guessed"),
        ("", [], ["EVOO", "X-1"], "und", "unknown"),
        ("", [], [*ENGLISH * 8, *GERMAN * 8], "und", "unknown"),
        ("", [], [], "und", "unknown"),
    ],
)
def test_texts_without_a_tag_are_in_the_language_asked_for_declared_or_guessed(
    asked: str, declared: list[str], texts: list[str], language: str, reason: str
) -> None:
    found = language_of_untagged(asked, declared, texts)
    assert (found.language, found.reason) == (language, reason)


@pytest.mark.parametrize(
    "said_so", ['dct:language "de"', "dct:language <http://lexvo.org/id/iso639-3/deu>",
                "dct:language <http://publications.europa.eu/resource/authority/language/DEU>"]
)  # fmt: skip
def test_a_header_declares_the_language(said_so: str) -> None:
    found, summary = read_text(f'e:o a owl:Ontology ; {said_so} . e:a rdfs:label "Herz" .')
    assert said(found[A], "label") == [("label", "label", "", "Herz", "de")]
    assert summary.untagged_as.reason == "declared"


def test_the_licence_of_one_of_many_datasets_is_not_that_of_the_file() -> None:
    one = (
        'e:%s a <http://www.w3.org/ns/dcat#Dataset> ; dct:title "%s"@en ; '
        "dct:license <http://l.x/%s> . "
    )
    _, summary = read_text(one % ("a", "A", 1) + one % ("b", "B", 2))
    assert summary.about.licences == ()
    _, summary = read_text(one % ("a", "A", 1))
    assert summary.about.licences == ("http://l.x/1",)


def test_parsers_give_tags_in_lower_case() -> None:
    line = f'<{A}> <{LABEL}> "x"@de-DE .'.encode()
    (triple,) = parse(line, format=RdfFormat.N_TRIPLES, lenient=True)
    assert isinstance(triple.object, Literal)
    assert triple.object.language == "de-de", "if not, tag_spelling.py has become needless"
