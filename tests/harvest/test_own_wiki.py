"""A Wikibase of one's own: its properties have other numbers, which are found or set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.cli.main import cli
from kgenrich.errors import UsageError
from kgenrich.harvest.wiki_properties import PropertyFinder
from kgenrich.property_roles import WIKIDATA
from tests.server import Asked, Reply, Server

BASE = "http://wiki.example.org/entity/"

Document = dict[str, Any]


def texts(told: Mapping[str, str]) -> Document:
    return {code: {"language": code, "value": text} for code, text in told.items()}


def link(property_id: str, target: str) -> Document:
    value = {"type": "wikibase-entityid", "value": {"id": target}}
    return statement(property_id, value)


def statement(property_id: str, value: Any) -> Document:
    snak = {"snaktype": "value", "property": property_id, "datavalue": value}
    return {"mainsnak": snak, "type": "statement", "rank": "normal"}


def url(property_id: str, address: str) -> Document:
    return statement(property_id, {"type": "string", "value": address})


def property_of(id: str, labels: Mapping[str, str], *says: Document, **more: Any) -> Document:
    claims = {one["mainsnak"]["property"]: [one] for one in says}
    own = {"type": "property", "datatype": "wikibase-item", "id": id, "labels": texts(labels)}
    return {**own, "descriptions": {}, "aliases": {}, "claims": claims, **more}


def item(id: str, label: str, *says: Document) -> Document:
    claims = {one["mainsnak"]["property"]: [one] for one in says}
    own = {"type": "item", "id": id, "labels": texts({"de": label}), "descriptions": {}}
    return {**own, "aliases": {}, "claims": claims, "sitelinks": {}}


MANUSCRIPT = item("Q1", "Handschrift")
AUREUS = item("Q2", "Codex Aureus", link("P5", "Q1"), link("P9", "Q3"))
TRIER = item("Q3", "Trier")
ITEMS = (MANUSCRIPT, AUREUS, TRIER)


def found(*documents: Document) -> dict[str, str]:
    finder = PropertyFinder()
    finder.see(json.dumps(one).encode() for one in documents)
    return {role: one.property for role, one in finder.found().items()}


def run(tmp_path: Path, *arguments: str, settings: str = "") -> Result:
    config = tmp_path / "kgenrich.toml"
    config.write_text(f'base = "{BASE}"\n{settings}')
    place = ["--config", str(config), "--store", str(tmp_path / "a.db")]
    result = CliRunner().invoke(cli, [*place, *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def dumped(tmp_path: Path, documents: Iterable[Document]) -> str:
    """A dump that is one array on one line."""
    path = tmp_path / "own.json"
    path.write_text(json.dumps(list(documents), ensure_ascii=False), "utf-8")
    return str(path)


def classes(tmp_path: Path, name: str) -> list[str]:
    return [
        one["id"] for one in json.loads(run(tmp_path, "show", name, "--json").stdout)["classes"]
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://www.wikidata.org/entity/P31",
        "https://www.wikidata.org/wiki/Property:P31",
        "http://www.wikidata.org/prop/direct/P31",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "P31",
    ],
)
def test_a_property_is_what_its_statements_say_it_is(address: str) -> None:
    """Whatever the property is called, and whichever property says so."""
    other = property_of("P6", {"de": "Ort"})
    assert found(property_of("P5", {"de": "Art"}, url("P8", address)), other) == {
        "instance_of": "P5"
    }


def test_a_property_is_known_by_its_name_in_any_language() -> None:
    assert found(
        property_of("P5", {"de": "ist ein(e)"}),
        property_of("P6", {"it": "Sottoclasse di"}),
        property_of("P7", {"en": "Occupation"}),
        property_of("P8", {"es": "país"}),
    ) == {"instance_of": "P5", "subclass_of": "P6", "occupation": "P7", "country": "P8"}
    aliased = property_of("P5", {"en": "kind"}, aliases={"en": [texts({"en": "is a"})["en"]]})
    assert found(aliased) == {"instance_of": "P5"}


def test_what_two_properties_could_be_neither_is() -> None:
    first, second = (
        property_of("P5", {"en": "instance of"}),
        property_of("P6", {"de": "ist ein(e)"}),
    )
    assert found(first, second) == {}
    # A statement says more than a name.
    sure = property_of("P7", {}, url("P8", "http://www.wikidata.org/entity/P31"))
    assert found(first, second, sure) == {"instance_of": "P7"}


def test_the_property_that_most_items_have_is_taken_where_nothing_says_more() -> None:
    things = [
        item(f"Q{n}", "x", link("P5", f"Q{n % 3 + 1}"), link("P6", "Q1")) for n in range(9, 5, -1)
    ]
    things += [item(f"Q{n}", "x", link("P5", f"Q{n % 3 + 1}")) for n in range(10, 20)]
    assert found(*things) == {"instance_of": "P5"}
    # One whose values do not repeat, as a mother's, is none.
    assert found(*(item(f"Q{n}", "x", link("P5", f"Q{n + 100}")) for n in range(1, 20))) == {}


def test_classes_of_a_dump_are_read_though_the_property_comes_after_the_items(
    tmp_path: Path,
) -> None:
    path = dumped(tmp_path, [*ITEMS, property_of("P5", {"de": "ist ein(e)"})])
    told = run(tmp_path, "harvest", "dump", path)
    assert "P5 for instance_of, by its label 'ist ein(e)'" in " ".join(told.stderr.split())
    assert classes(tmp_path, "Q2") == ["Q1"]
    counts = json.loads(run(tmp_path, "harvest", "dump", path, "--classes", "Q1", "--json").stdout)
    assert (counts["unchanged"], counts["not_asked_for"]) == (1, 3)


def test_what_was_found_is_known_to_later_commands(tmp_path: Path) -> None:
    run(tmp_path, "harvest", "dump", dumped(tmp_path, [property_of("P5", {"en": "instance of"})]))
    told = run(tmp_path, "harvest", "dump", dumped(tmp_path, ITEMS))
    assert "instance_of" not in told.stderr
    assert classes(tmp_path, "Q2") == ["Q1"]


def test_the_settings_win(tmp_path: Path) -> None:
    path = dumped(tmp_path, [property_of("P5", {"en": "instance of"}), *ITEMS])
    told = run(tmp_path, "harvest", "dump", path, settings='[roles]\ninstance_of = "P9"\n')
    assert "instance_of" not in told.stderr
    assert classes(tmp_path, "Q2") == ["Q3"]


def test_that_nothing_has_a_class_is_said(tmp_path: Path) -> None:
    told = run(tmp_path, "harvest", "dump", dumped(tmp_path, [MANUSCRIPT, TRIER]))
    assert '[roles] instance_of = "P1"' in " ".join(told.stderr.split())


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ('kind_of = "P1"', "there is no role 'kind_of'"),
        ('instance_of = "Q1"', "'Q1' of instance_of"),
    ],
)
def test_a_wrong_role_is_an_error(tmp_path: Path, setting: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        run(tmp_path, "coverage", settings=f"[roles]\n{setting}\n")


def test_all_claims_of_a_wiki_of_one_s_own_are_kept(tmp_path: Path) -> None:
    """Those of the default would be Wikidata's."""
    run(tmp_path, "harvest", "dump", dumped(tmp_path, [*ITEMS, property_of("P5", {"en": "is a"})]))
    export = run(tmp_path, "export", "terms", "-o", "-", "--format", "jsonl")
    assert export.exit_code == 0
    assert classes(tmp_path, "Q2") == ["Q1"]


def test_types_are_told_apart_and_what_nobody_asked_for_is_not_called_unchanged(
    tmp_path: Path,
) -> None:
    lexeme = {"type": "lexeme", "id": "L1", "lemmas": texts({"de": "Handschrift"}), "claims": {}}
    media = {"type": "mediainfo", "id": "M1", "labels": texts({"de": "Seite"}), "statements": {}}
    kind = property_of("P5", {"en": "instance of"})
    path = dumped(tmp_path, [kind, *ITEMS, lexeme, media])
    first = json.loads(run(tmp_path, "harvest", "dump", path, "--json").stdout)
    assert (first["new"], first["not_asked_for"]) == (4, 2)
    assert first["types"] == {"property": 1}
    items = json.loads(run(tmp_path, "harvest", "dump", path, "--types", "items", "--json").stdout)
    assert (items["unchanged"], items["not_asked_for"], items["types"]) == (3, 3, {})
    every = ["--types", "item,property,lexeme,media"]
    told = json.loads(run(tmp_path, "harvest", "dump", path, *every, "--json").stdout)
    assert (told["new"], told["unchanged"], told["not_asked_for"]) == (2, 4, 0)
    assert told["types"] == {"property": 1, "lexeme": 1, "media": 1}
    assert "Handschrift" in run(tmp_path, "show", "L1").stdout
    assert "Seite" in run(tmp_path, "show", "M1").stdout
    with pytest.raises(UsageError, match="no type of entity 'page'"):
        run(tmp_path, "harvest", "dump", path, "--types", "page")


WIKI = {one["id"]: one for one in (*ITEMS, property_of("P5", {"de": "ist ein(e)"}))}


@pytest.fixture
def wiki(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A wiki with its properties in the namespace 122, two of them to a page of the list."""
    monkeypatch.setenv("KGENRICH_NETWORK__CONTACT", "me@example.org")
    monkeypatch.setenv("KGENRICH_NETWORK__RETRIES", "0")

    def answer(asked: Asked) -> Reply:
        given = asked.parameters
        if given.get("meta") == "siteinfo":
            spaces = {
                "0": {"id": 0},
                "120": {"id": 120, "defaultcontentmodel": "wikibase-item"},
                "122": {"id": 122, "defaultcontentmodel": "wikibase-property"},
            }
            return Reply({"query": {"namespaces": spaces}})
        if given.get("list") == "allpages":
            assert given["apnamespace"] == "122"
            pages = [{"pageid": 1, "ns": 122, "title": "Property:P5"}]
            if "apcontinue" not in given:
                pages = [{"pageid": 2, "ns": 122, "title": "Property:P4"}]
                return Reply({"continue": {"apcontinue": "P5"}, "query": {"allpages": pages}})
            return Reply({"query": {"allpages": pages}})
        names = given["ids"].split("|")
        told = {n: WIKI.get(n, {"id": n, "missing": True}) for n in names}
        return Reply({"entities": told})

    with Server(answer) as running:
        yield running


def test_the_api_is_asked_what_the_properties_are(tmp_path: Path, wiki: Server) -> None:
    told = run(tmp_path, "harvest", "ids", "Q2", "--api", f"{wiki.url}/api.php")
    assert "P5 for instance_of, by its label 'ist ein(e)'" in " ".join(told.stderr.split())
    assert classes(tmp_path, "Q2") == ["Q1"]


documents = st.lists(
    st.builds(
        property_of,
        st.sampled_from(["P1", "P2", "P3"]),
        st.dictionaries(
            st.sampled_from(["en", "de"]), st.sampled_from(["instance of", "country", "x"])
        ),
        st.builds(url, st.sampled_from(["P8", "P9"]), st.sampled_from(["P31", "P17", "P1", "x"])),
    )
    | st.builds(
        item,
        st.sampled_from(["Q1", "Q2", "Q3"]),
        st.just("x"),
        st.builds(link, st.sampled_from(["P1", "P2"]), st.just("Q1")),
    ),
    max_size=8,
    unique_by=lambda one: one["id"],
)


@given(documents)
def test_a_role_has_one_property_and_order_makes_no_difference(told: list[Document]) -> None:
    roles = found(*told)
    assert roles.keys() <= WIKIDATA.keys()
    assert roles == found(*reversed(told))


def test_terms_are_missing_of_items_unless_other_types_are_asked_for(tmp_path: Path) -> None:
    kind = property_of("P5", {"de": "ist ein(e)"})
    run(tmp_path, "harvest", "dump", dumped(tmp_path, [kind, *ITEMS]))

    def missing(*types: str) -> list[int]:
        told = run(tmp_path, "coverage", "-l", "fr", "-k", "label", "--format", "json", *types)
        return [row["missing"] for row in json.loads(told.stdout)]

    assert missing() == [3]
    assert missing("--types", "property") == [1]
    assert missing("--types", "items,properties") == [4]

    def lacking(*types: str) -> set[str]:
        told = run(tmp_path, "gaps", "-l", "fr", "--format", "json", *types)
        return {row["entity"] for row in json.loads(told.stdout)}

    assert lacking() == {"Q1", "Q2", "Q3"}
    assert lacking("--types", "property") == {"P5"}
    asked = ["enrich", "-l", "fr", "-k", "label", "--sources", "names", "--dry-run", "--json"]
    assert json.loads(run(tmp_path, *asked).stdout)["entities"] == 3
    told = json.loads(run(tmp_path, *asked, "--types", "property").stdout)
    assert (told["entities"], told["requests"]) == (1, 1)
    terms = ["export", "terms", "-o", "-", "--format", "jsonl", "--types", "property"]
    assert {json.loads(line)["entity"] for line in run(tmp_path, *terms).stdout.splitlines()} == {
        "P5"
    }


def test_rdf_of_the_wiki_has_the_classes_that_were_found(tmp_path: Path) -> None:
    run(tmp_path, "harvest", "dump", dumped(tmp_path, [property_of("P5", {"en": "instance of"})]))
    triples = tmp_path / "own.nt"
    direct = "http://wiki.example.org/prop/direct/"
    triples.write_text(
        f"<{BASE}Q2> <{direct}P5> <{BASE}Q1> .\n<{BASE}Q2> <{direct}P31> <{BASE}Q3> .\n"
        f'<{BASE}Q2> <http://www.w3.org/2000/01/rdf-schema#label> "Codex Aureus"@de .\n'
    )
    run(tmp_path, "harvest", "rdf", str(triples))
    assert classes(tmp_path, "Q2") == ["Q1"]


def test_what_is_no_item_is_shown_as_what_it_is(tmp_path: Path) -> None:
    run(tmp_path, "harvest", "dump", dumped(tmp_path, [property_of("P5", {"en": "is a"}), TRIER]))
    assert "property" in run(tmp_path, "show", "P5").stdout
    assert json.loads(run(tmp_path, "show", "P5", "--json").stdout)["type"] == "property"
    assert "item" not in run(tmp_path, "show", "Q3").stdout
