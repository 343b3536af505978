"""Sources ask for roles: a graph whose properties have other numbers is served as Wikidata is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import kgenrich
from kgenrich.evaluate.heldout.outcomes import cluster
from kgenrich.model import Entity, Value
from kgenrich.property_roles import OF_WIKIDATA, WIKIDATA, PropertyRoles
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext, build
from kgenrich.sources.graph.describe.records import find_roles, record
from kgenrich.sources.graph.name_model import NamesOptions, learn
from kgenrich.sources.graph.name_routes import Routes, find
from tests.asking import LABEL, ask, texts, want

OWN = PropertyRoles(
    {
        "country": "P8",
        "birth": "P17",
        "occupation": "P31",
        "native_name": "P9",
        "country_code": "P10",
    }
)


def renamed(claims: Mapping[str, tuple[Value, ...]]) -> dict[str, tuple[Value, ...]]:
    """Claims of Wikidata with the numbers of the other wiki."""
    roles = {id: role for role, id in WIKIDATA.items()}
    return {OWN.of(roles[name]): values for name, values in claims.items()}


CLAIMS = {
    "P17": (Value("entity", "Q183"),),
    "P569": (Value("time", "+1952-03-11T00:00:00Z", precision=11),),
    "P106": (Value("entity", "Q36180"),),
}
THEIRS = Entity("Q1", classes=("Q5",), claims=CLAIMS)
OURS = Entity("Q1", classes=("Q5",), claims=renamed(CLAIMS))


def test_no_other_module_knows_a_property_by_its_number() -> None:
    package = Path(kgenrich.__file__).parent
    for path in package.rglob("*.py"):
        if path.name == "property_roles.py":
            continue
        code = re.sub(r"\"\"\"[\s\S]*?\"\"\"", "", path.read_text("utf-8"))
        assert not re.search(r"[\"']P\d\d+[\"']", code), path


def test_descriptions_are_made_from_the_same_record() -> None:
    assert record(OURS, find_roles([OURS], OWN)) == record(THEIRS, find_roles([THEIRS]))
    # A property of the same number is another one.
    assert not record(THEIRS, find_roles([OURS], OWN)).dates


def test_series_of_the_evaluation_are_the_same() -> None:
    assert cluster(OURS, OWN) == cluster(THEIRS, OF_WIKIDATA) == "Q5 Q183"


def test_names_come_by_the_graph_s_own_properties() -> None:
    asked = Entity("Q1", {"fr": "Autre"}, claims={"P9": (Value("text", "Jana Müller", "de"),)})
    model = learn(MemoryGraph([asked]), ["fr"], NamesOptions(), OWN)
    assert set(find(asked, "de", model.routes).texts) == {"Autre", "Jana Müller"}
    assert set(find(asked, "de", Routes()).texts) == {"Autre"}


def test_dictionaries_know_the_graph_s_own_codes() -> None:
    country = Entity("Q1", {"en": "Germany"}, claims={"P10": (Value("string", "DE"),)})

    def answers(roles: PropertyRoles) -> list[str]:
        context = SourceContext(MemoryGraph([]), ("de",), Settings(), name="cldr", roles=roles)
        return texts(ask(build("cldr", context), want(country, "de", LABEL))[0])

    assert answers(OWN) == ["Deutschland"]
    assert answers(OF_WIKIDATA) == []
