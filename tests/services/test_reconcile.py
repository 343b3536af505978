"""The reconciliation API over a store: 0.2 and 1.0-draft, as clients ask it over HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from reconciler import reconcile

from kgenrich.errors import UsageError
from kgenrich.model import Entity, Value
from kgenrich.services.address import ServiceOptions, read_address
from kgenrich.services.guard import LARGEST
from kgenrich.services.reconcile.app import make_app
from kgenrich.services.reconcile.reading import MOST_QUERIES
from kgenrich.settings import Settings
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.verbs.reconcile.reconciler import open_reconciler
from kgenrich.verbs.workspace import Workspace
from tests.services import schemas
from tests.services.schemas import check
from tests.services.site import served
from tests.stores import DOUGLAS, THING

HOSTILE = "</script><b onmouseover=alert(1)>\"'&\u2028"


def graph() -> list[Entity]:
    """People, places, properties, and a name that nobody should run."""
    return [
        DOUGLAS,
        THING,
        Entity("Q5", labels={"en": "human", "fr": "être humain"}),
        Entity("Q215627", labels={"en": "person"}),
        Entity("Q101", labels={"en": "Bryan Adams"}, classes=("Q5",)),
        Entity("Q515", labels={"en": "city", "de": "Stadt"}),
        Entity(
            "Q1549591",
            labels={"en": "big city"},
            claims={"P279": (Value("entity", "Q515"),)},
        ),
        Entity(
            "Q64",
            labels={"de": "Berlin", "en": "Berlin", "ar": "برلين", "ja": "ベルリン"},
            descriptions={"de": "Hauptstadt Deutschlands", "ar": "عاصمة ألمانيا"},
            aliases={"de": ("Bundeshauptstadt",)},
            classes=("Q1549591",),
            claims={
                "P17": (Value("entity", "Q183"),),
                "P1082": (Value("quantity", "+3677472"),),
                "P2046": (Value("quantity", "+891.12"),),
                "P571": (Value("time", "+1237-00-00T00:00:00Z", precision=9),),
            },
        ),
        Entity(
            "Q614184",
            labels={"en": "Berlin"},
            descriptions={"en": "city in New Hampshire"},
            classes=("Q515",),
            claims={"P17": (Value("entity", "Q30"),)},
        ),
        Entity("Q183", labels={"en": "Germany", "de": "Deutschland"}),
        Entity("Q30", labels={"en": "United States"}),
        Entity("P17", labels={"en": "country", "de": "Staat"}, type="property"),
        Entity("P569", labels={"en": "date of birth"}, type="property"),
        Entity("Q666", labels={"en": HOSTILE}, descriptions={"en": HOSTILE}, classes=("Q666",)),
    ]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service over the graph."""
    place = f"sqlite:///{tmp_path_factory.mktemp('reconcile') / 'store.db'}"
    with closing(open_store(place, create=True)) as store:
        load_entities(store, graph())
    with Workspace(Settings(store=place)) as workspace:  # type: ignore[call-arg]
        reconciler = open_reconciler(workspace, ("en",))
        with served(partial(make_app, reconciler)) as address:
            yield address


def ask(url: str, queries: dict[str, Any], **headers: str) -> dict[str, list[dict[str, Any]]]:
    """The results of a batch of version 0.2."""
    answer = requests.post(url, {"queries": json.dumps(queries)}, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = check(answer.json(), schemas.RESULTS)
    return {name: one["result"] for name, one in found.items()}


def ask_draft(url: str, *queries: dict[str, Any], **headers: str) -> list[list[dict[str, Any]]]:
    """The candidates of a batch of 1.0-draft."""
    batch = {"queries": list(queries)}
    answer = requests.post(f"{url}/draft/match", json=batch, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    found = check(answer.json(), schemas.DRAFT_RESULTS)
    return [one["candidates"] for one in found["results"]]


def get(url: str, path: str, schema: schemas.Schema, **params: Any) -> Any:
    answer = requests.get(url + path, params, timeout=30)
    assert answer.status_code == 200, answer.text
    return check(answer.json(), schema)


def test_the_manifests_are_as_the_specification_has_them(url: str) -> None:
    manifest = get(url, "/", schemas.MANIFEST)
    assert manifest["view"]["url"] == "http://www.wikidata.org/entity/{{id}}"
    assert {one["id"] for one in manifest["defaultTypes"]} >= {"Q5"}
    for kind in ("entity", "type", "property"):
        assert manifest["suggest"][kind]["service_url"] == url
    draft = get(url, "/draft", schemas.DRAFT_MANIFEST)
    assert draft["view"]["url"] == "http://www.wikidata.org/entity/{id}"
    assert draft["standardizedScore"] and draft["batchSize"] == MOST_QUERIES


def test_a_batch_is_answered_by_the_names_of_its_queries(url: str) -> None:
    found = ask(
        url,
        {
            "q0": {"query": "Douglas Adams"},
            "any name": {"query": "Адамс Дуглас", "limit": 1},
            "q2": {"query": "Dugals Adams", "type": "Q5"},
            "": {"query": "nothing like it at all zzz"},
        },
    )
    assert list(found) == ["q0", "any name", "q2", ""]
    assert {each[0]["id"] for each in found.values() if each} >= {"Q42"}
    assert len(found["any name"]) == 1 and found["q2"][0]["id"] == "Q42"
    scores = [one["score"] for one in found["q0"]]
    assert scores == sorted(scores, reverse=True) and sum(scores) <= 100.01


def test_the_same_is_answered_to_get_and_to_post(url: str) -> None:
    queries = {"q0": {"query": "Berlin", "limit": 2}}
    got = requests.get(url, {"queries": json.dumps(queries)}, timeout=30).json()
    assert got["q0"]["result"] == ask(url, queries)["q0"]


def test_an_id_or_iri_finds_its_entity_for_sure(url: str) -> None:
    for text in ("Q42", " q42 ", "http://www.wikidata.org/entity/Q42", "http://example.org/thing"):
        (only,) = ask(url, {"q": {"query": text}})["q"]
        assert only["match"] and only["score"] == 100
    assert ask(url, {"q": {"query": "Q999999"}})["q"] == []


def test_a_class_stands_for_those_under_it(url: str) -> None:
    cities = ask(url, {"q": {"query": "Berlin", "type": "Q515"}})["q"]
    assert {one["id"] for one in cities} == {"Q64", "Q614184"}
    big = ask(url, {"q": {"query": "Berlin", "type": {"id": "Q1549591"}}})["q"]
    assert [one["id"] for one in big] == ["Q64"]
    assert ask(url, {"q": {"query": "Berlin", "type": ["Q5", "Q215627"]}})["q"] == [] or all(
        one["id"] == "Q42" or one["id"] == "Q101"
        for one in ask(url, {"q": {"query": "Berlin", "type": ["Q5", "Q215627"]}})["q"]
    )
    all_of = {"query": "Adams", "type": ["Q5", "Q215627"], "type_strict": "all"}
    assert [one["id"] for one in ask(url, {"q": all_of})["q"]] == ["Q42"]


@pytest.mark.parametrize(
    ("property", "value", "expected"),
    [
        ("P17", "Germany", "Q64"),
        ("P17", "Deutschland", "Q64"),
        ("P17", {"id": "Q30", "name": "anything"}, "Q614184"),
        ("P17", ["Atlantis", "United States"], "Q614184"),
        ("P1082", 3677472, "Q64"),
        ("P571", "1237", "Q64"),
        ("Dde", "Hauptstadt Deutschlands", "Q64"),
        ("Ade", "Bundeshauptstadt", "Q64"),
    ],
)
def test_what_is_stated_tells_namesakes_apart(
    url: str, property: str, value: Any, expected: str
) -> None:
    plain = ask(url, {"q": {"query": "Berlin"}})["q"]
    assert not any(one["match"] for one in plain), "two are called so"
    query = {"query": "Berlin", "properties": [{"pid": property, "v": value}]}
    best, *_ = ask(url, {"q": query})["q"]
    assert best["id"] == expected
    assert {one["id"]: one["value"] for one in best["features"]}["statements"] == 1


def test_conditions_of_the_draft_are_met_by_any_all_or_none(url: str) -> None:
    def found(**condition: Any) -> list[str]:
        name = {"matchType": "name", "propertyValue": "Berlin"}
        given = {"matchType": "property", "propertyId": "P17", "required": True, **condition}
        (each,) = ask_draft(url, {"conditions": [name, given]})
        return [one["id"] for one in each if one["name"] == "Berlin"]

    assert found(propertyValue=["Q183", "Q1"]) == ["Q64"]
    assert found(propertyValue=["Q183", "Q30"], matchQuantifier="all") == []
    assert found(propertyValue="Q183", matchQuantifier="none") == ["Q614184"]
    assert set(found(propertyValue="Q5", required=False)) == {"Q64", "Q614184"}
    # As earlier drafts had it.
    name, older = {"matchType": "name", "v": "Berlin"}, {"matchType": "property", "pid": "P17"}
    (each,) = ask_draft(url, {"conditions": [name, {**older, "v": "Q30", "required": True}]})
    assert [one["id"] for one in each] == ["Q614184"]


def test_answers_are_in_the_language_of_whoever_asks(url: str) -> None:
    name = {"matchType": "name", "propertyValue": "برلين"}
    ((best, *_),) = ask_draft(url, {"conditions": [name], "lang": "ar"})
    assert (best["name"], best["description"]) == ("برلين", "عاصمة ألمانيا")
    assert (best["lang"], best["dir"]) == ("ar", "rtl")
    best = ask(url, {"q": {"query": "Berlin", "type": "Q1549591"}}, **{"Accept-Language": "ja,de"})
    assert best["q"][0]["name"] == "ベルリン"
    human = ask(url, {"q": {"query": "Douglas Adams"}}, **{"Accept-Language": "fr"})["q"][0]
    assert human["name"] == "Douglas Adams" and "être humain" in str(human["type"])


def test_names_are_suggested_from_their_beginning(url: str) -> None:
    def ids(kind: str, **params: Any) -> list[str]:
        found = get(url, f"/suggest/{kind}", schemas.SUGGESTIONS, **params)["result"]
        draft = get(url, f"/draft/suggest/{kind}", schemas.DRAFT_SUGGESTIONS, **params)["result"]
        assert [one["id"] for one in found] == [one["id"] for one in draft]
        return [one["id"] for one in found]

    assert ids("entity", prefix="Doug") == ["Q42"]
    assert ids("entity", prefix="Q64")[0] == "Q64"
    assert set(ids("entity", prefix="berl")) == {"Q64", "Q614184"}
    assert len(ids("entity", prefix="berl", limit=1)) == 1
    assert {*ids("entity", prefix="berl", limit=1), *ids("entity", prefix="berl", cursor=1)} == {
        "Q64",
        "Q614184",
    }
    assert ids("type", prefix="hum") == ["Q5"] and ids("type", prefix="bryan") == []
    assert ids("property", prefix="count") == ["P17"]
    assert ids("property", prefix="Lfr") == ["Lfr"]
    assert ids("property", prefix="label in French") == ["Lfr"]
    assert ids("property", prefix="P1082") == ["P1082"], "one without a label of its own"
    assert len(ids("entity", prefix="")) > 5
    assert requests.get(f"{url}/suggest/nothing", timeout=30).status_code == 400


def test_what_is_known_of_entities_is_given_away(url: str) -> None:
    properties = ["P17", "P1082", "P2046", "P571", "Lja", "Ade", "P999"]
    query = {
        "ids": ["Q64", "Q42", "Q404"],
        "properties": [{"id": id} for id in (*properties, "P569")],
    }
    answer = requests.post(url, {"extend": json.dumps(query)}, timeout=30).json()
    found = check(answer, schemas.EXTENSION)
    assert [one["name"] for one in found["meta"]][:2] == ["country", "P1082"]
    assert found["rows"]["Q64"] == {
        "P17": [{"id": "Q183", "name": "Germany"}],
        "P1082": [{"int": 3677472}],
        "P2046": [{"float": 891.12}],
        "P571": [{"str": "1237"}],
        "Lja": [{"str": "ベルリン"}],
        "Ade": [{"str": "Bundeshauptstadt"}],
        "P999": [],
        "P569": [],
    }
    assert found["rows"]["Q42"]["P569"] == [{"date": "1952-03-11T00:00:00Z"}]
    assert not any(found["rows"]["Q404"].values())
    answer = requests.post(f"{url}/draft/extend", json=query, timeout=30).json()
    draft = check(answer, schemas.DRAFT_EXTENSION)
    assert [row["id"] for row in draft["rows"]] == ["Q64", "Q42", "Q404"]
    (name,) = draft["rows"][0]["properties"][4]["values"]
    assert name == {"str": "ベルリン", "lang": "ja", "dir": "ltr"}


def test_the_usual_properties_of_a_class_are_proposed(url: str) -> None:
    found = get(url, "/properties", schemas.PROPOSAL, type="Q5", limit=20)
    ids = [one["id"] for one in found["properties"]]
    assert ids[:3] == ["Len", "Den", "Aen"] and {"P31", "P569"} <= set(ids)
    draft = get(url, "/draft/extend/propose", schemas.DRAFT_PROPOSAL, type="Q5", limit=2)
    assert len(draft["properties"]) == 2


def test_a_preview_is_a_page_of_fixed_size_and_runs_nothing(url: str) -> None:
    size = get(url, "/", schemas.MANIFEST)["preview"]
    answer = requests.get(f"{url}/preview", {"id": "Q64"}, timeout=30)
    assert answer.headers["content-type"].startswith("text/html")
    assert f"width:{size['width']}px;height:{size['height']}px" in answer.text
    assert "<dd lang='ar' dir='rtl'>برلين</dd>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    hostile = requests.get(f"{url}/draft/preview", {"id": "Q666"}, timeout=30).text
    told = get(url, "/flyout/entity", schemas.FLYOUT, id="Q666")["html"]
    for page in (hostile, told):
        assert "<b onmouseover" not in page and "</script>" not in page
        assert "&lt;b onmouseover" in page
    assert requests.get(f"{url}/preview", {"id": "Q404"}, timeout=30).status_code == 404
    assert requests.get(f"{url}/preview", timeout=30).status_code == 404


def test_every_answer_may_be_read_by_pages_of_other_sites(url: str) -> None:
    paths = ("/", "/draft", "/preview?id=Q64", "/suggest/entity?prefix=b", "/nothing", "/?queries=")
    for path in paths:
        answer = requests.get(url + path, headers={"Origin": "https://else.example"}, timeout=30)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    preflight = requests.options(f"{url}/draft/match", timeout=30)
    assert preflight.status_code == 204
    assert "Content-Type" in preflight.headers["access-control-allow-headers"]


def test_jsonp_calls_a_function_and_nothing_else_and_is_none_of_the_draft(url: str) -> None:
    queries = json.dumps({"q": {"query": HOSTILE}})
    answer = requests.get(url, {"queries": queries, "callback": "my.call_1"}, timeout=30)
    assert answer.headers["content-type"].startswith("application/javascript")
    assert answer.text.startswith("/**/my.call_1({") and answer.text.endswith("});")
    assert "</script>" not in answer.text and "\u2028" not in answer.text
    for callback in ("alert(1)//", "a;b", "", "a" * 200, "ü"):
        bad = requests.get(url, {"queries": queries, "callback": callback}, timeout=30)
        assert bad.status_code == 400
    draft = requests.get(f"{url}/draft", {"callback": "f"}, timeout=30)
    assert draft.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "queries",
    [
        "",
        "{",
        "[]",
        "null",
        '{"q": 1}',
        '{"q": {"query": {}}}',
        '{"q": {"properties": [{}]}}',
        "\xff",
    ],
)
def test_what_is_no_query_is_refused_with_a_sentence(url: str, queries: str) -> None:
    answer = requests.post(url, {"queries": queries}, timeout=30)
    assert answer.status_code == 400 and answer.json()["status"] == "error"
    draft = requests.post(f"{url}/draft/match", queries.encode(), timeout=30)
    assert draft.status_code == 400 and draft.json()["message"]


def test_requests_are_bounded(url: str) -> None:
    many = {f"q{n}": {"query": "Berlin"} for n in range(MOST_QUERIES + 1)}
    assert requests.post(url, {"queries": json.dumps(many)}, timeout=30).status_code == 413
    extension = {"ids": ["Q64"] * 10_000, "properties": []}
    assert requests.post(f"{url}/draft/extend", json=extension, timeout=30).status_code == 413
    large = requests.post(f"{url}/draft/match", b"x" * (LARGEST + 1), timeout=30)
    assert large.status_code == 413
    assert requests.get(url, {"queries": "x" * 70_000}, timeout=30).status_code in (400, 414, 431)
    assert requests.put(url, timeout=30).status_code == 405
    assert requests.get(url, headers={"Host": "evil.example"}, timeout=30).status_code == 421
    found = ask(url, {"q": {"query": "Berlin " * 5000, "limit": 10**9}})
    assert len(found["q"]) <= 50
    deep = "[" * 100_000
    assert requests.post(f"{url}/draft/match", deep, timeout=30).status_code == 400


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: (
        st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "query": _JSON | st.text(max_size=40),
            "type": _JSON,
            "limit": _JSON,
            "properties": st.lists(st.fixed_dictionaries({"pid": _JSON, "v": _JSON}), max_size=3),
        },
    )
)
def test_any_json_is_answered_or_refused(url: str, query: dict[str, Any]) -> None:
    answer = requests.post(url, {"queries": json.dumps({"q": query})}, timeout=30)
    if answer.status_code == 200:
        check(answer.json(), schemas.RESULTS)
    else:
        assert answer.status_code == 400, answer.text


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_a_client_from_a_package_gets_what_it_expects(url: str) -> None:
    names = pandas.Series(["Douglas Adams", "Adams, Douglas", "Дуглас Адамс", "Berlin"])
    found = reconcile(names, top_res=1, reconciliation_endpoint=url)
    assert list(found["id"])[:3] == ["Q42"] * 3
    table = pandas.DataFrame({"name": ["Berlin"], "country": ["United States"]})
    told = reconcile(
        table["name"],
        type_id="Q515",
        property_mapping={"P17": table["country"]},
        reconciliation_endpoint=url,
    )
    assert list(told["id"]) == ["Q614184"]


def test_the_service_is_for_this_machine_unless_a_proxy_is_named() -> None:
    with pytest.raises(UsageError, match="everybody could ask"):
        read_address(ServiceOptions(host="0.0.0.0"), 1)
    with pytest.raises(UsageError, match="--public"):
        read_address(ServiceOptions(address="http://names.example.org"), 1)
    public = read_address(ServiceOptions(address="https://names.example.org/api/"), 8766)
    assert public.url == "https://names.example.org/api"
    assert "names.example.org" in public.hosts


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path / 'kg.db'}"
    with closing(open_store(place, create=True)) as store:
        load_entities(store, graph())
    program = [sys.executable, "-m", "kgenrich.cli.main", "--store", place]
    with subprocess.Popen(
        [*program, "serve", "reconcile", "--port", "0", "--readers", "de"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[2].rstrip("/")
            assert ask(address, {"q": {"query": "برلين"}})["q"][0]["name"] == "Berlin"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert (tmp_path / "kg.db.names" / "state.json").exists()
