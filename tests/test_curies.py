"""IRIs are written and read as CURIEs, by the prefixes of the files first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.curies import WELL_KNOWN, Curies
from kgenrich.errors import UsageError

EX = "http://example.org/"
OWN = Curies({"a.ttl": {"ex": EX, "s": "http://schema.org/", "exy": f"{EX}y/"}})


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("ex:c1", f"{EX}c1"),
        ("exy:z", f"{EX}y/z"),
        ("ex:a:b", f"{EX}a:b"),
        ("skos:Concept", "http://www.w3.org/2004/02/skos/core#Concept"),
        ("s:name", "http://schema.org/name"),
        ("schema:name", "http://schema.org/name"),
        ("GO:0005575", "http://purl.obolibrary.org/obo/GO_0005575"),
        (" wd:Q5 ", "http://www.wikidata.org/entity/Q5"),
        ("http://nowhere.example/x", "http://nowhere.example/x"),
        ("urn:isbn:1", "urn:isbn:1"),
        ("<x:1>", "x:1"),
        ("Q5", "Q5"),
    ],
)
def test_what_a_person_writes_is_an_iri(text: str, iri: str) -> None:
    assert OWN.expand(text) == iri


@pytest.mark.parametrize(
    ("iri", "curie"),
    [
        (f"{EX}c1", "ex:c1"),
        (f"{EX}y/z", "exy:z"),
        (f"{EX}Straße", "ex:Straße"),
        (f"{EX}a/b", f"{EX}a/b"),
        (f"{EX}a b", f"{EX}a b"),
        (f"{EX}a.", f"{EX}a."),
        (EX, EX),
        ("http://schema.org/name", "s:name"),
        ("http://purl.obolibrary.org/obo/IAO_0000115", "IAO:0000115"),
        ("http://nowhere.example/x", "http://nowhere.example/x"),
        ("Q5", "Q5"),
    ],
)
def test_an_iri_is_shown_by_the_longest_namespace_that_leaves_a_name(iri: str, curie: str) -> None:
    assert OWN.contract(iri) == curie


def test_a_files_own_prefix_comes_before_the_well_known_one() -> None:
    curies = Curies({"a.ttl": {"skos": f"{EX}skos/"}})
    assert curies.expand("skos:Concept") == f"{EX}skos/Concept"
    assert curies.contract("http://www.w3.org/2004/02/skos/core#Concept").startswith("http")


def test_a_prefix_that_nobody_knows_is_an_error_with_those_near_it() -> None:
    with pytest.raises(UsageError, match=r"^There is no prefix 'sksos'; near it there are skos"):
        OWN.expand("sksos:Concept")
    with pytest.raises(UsageError, match=r"^There is no prefix 'qqqq'; give the whole IRI\.$"):
        OWN.expand("qqqq:Concept")


def test_a_prefix_that_means_two_things_is_an_error_with_both() -> None:
    curies = Curies({"a.ttl": {"ex": EX}, "b.ttl": {"ex": "http://example.com/"}})
    with pytest.raises(UsageError) as error:
        curies.expand("ex:c1")
    assert str(error.value) == (
        "The prefix 'ex' means http://example.org/ (a.ttl) and http://example.com/ (b.ttl): "
        "give the whole IRI."
    )
    assert curies.contract(f"{EX}c1") == f"{EX}c1"


def test_two_files_may_mean_the_same() -> None:
    curies = Curies({"a.ttl": {"ex": EX}, "b.ttl": {"ex": EX, "": EX}})
    assert curies.expand("ex:c1") == curies.expand(":c1") == f"{EX}c1"
    assert curies.contract(f"{EX}c1") == "ex:c1"


PREFIXES = st.dictionaries(
    st.from_regex(r"[a-zA-Z][\w.-]{0,5}", fullmatch=True),
    st.sampled_from(["http://a/", "http://a/b/", "http://a/b#", "http://a/b_", "urn:a:", "x:"]),
    max_size=5,
)


@given(
    st.dictionaries(st.sampled_from(["one", "two", "three"]), PREFIXES),
    st.sampled_from(["http://a/", "http://a/b/", "http://a/b#", *WELL_KNOWN.values()]),
    st.text(max_size=4),
)
def test_what_is_shown_can_be_given(
    origins: dict[str, dict[str, str]], namespace: str, local: str
) -> None:
    curies = Curies(origins)
    iri = namespace + local
    assert curies.contract(iri) == iri or curies.expand(curies.contract(iri)) == iri
