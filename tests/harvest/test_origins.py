"""A file adds to what others say, replaces what it said itself, and can be taken out again."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli
from kgenrich.resources import resource
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.opening import open_store

PREFIXES = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://example.org/t/> ."""
VESSEL = 't:c1 a skos:Concept ; skos:prefLabel "vessel"@en .'
KRATER = 't:c2 a skos:Concept ; skos:prefLabel "krater"@en .'
GERMAN = 't:c1 skos:prefLabel "Gefäß"@de . t:c2 skos:prefLabel "Krater"@de .'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def kgenrich(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--store", "kg.db", *arguments])


def turtle(name: str, *statements: str) -> str:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("\n".join([PREFIXES, *statements]), encoding="utf-8")
    return name


def harvest(*arguments: str) -> dict[str, Any]:
    result = kgenrich("harvest", *arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    counts: dict[str, Any] = json.loads(result.stdout)
    return counts


def labels() -> dict[str, dict[str, str]]:
    store = open_store("sqlite:///kg.db")
    found = find_entities(store, [f"https://example.org/t/c{n}" for n in (1, 2)])
    store.close()
    return {id[-2:]: dict(entity.labels) for id, entity in found.items() if not entity.deleted}


def test_a_second_file_adds() -> None:
    for name, said in (("en.ttl", [VESSEL, KRATER]), ("de.ttl", [GERMAN])):
        assert harvest("rdf", turtle(name, *said))["read"] == 2
    assert labels() == {
        "c1": {"en": "vessel", "de": "Gefäß"},
        "c2": {"en": "krater", "de": "Krater"},
    }


def test_a_newer_file_replaces_what_it_said_and_takes_out_what_it_lacks_if_asked() -> None:
    harvest("rdf", turtle("en.ttl", VESSEL, KRATER))
    harvest("rdf", turtle("de.ttl", GERMAN))
    turtle("en.ttl", VESSEL.replace("vessel", "pot"))
    assert harvest("rdf", "en.ttl")["gone"] == 0
    assert labels() == {"c1": {"en": "pot", "de": "Gefäß"}, "c2": {"en": "krater", "de": "Krater"}}
    assert harvest("rdf", "en.ttl", "--complete")["gone"] == 1
    assert labels() == {"c1": {"en": "pot", "de": "Gefäß"}, "c2": {"de": "Krater"}}


def test_a_part_that_cannot_be_read_may_be_what_is_missing() -> None:
    harvest("rdf", turtle("en.ttl", VESSEL, KRATER))
    turtle("en.ttl", "t:c2 ] .", VESSEL)
    result = kgenrich("harvest", "rdf", "en.ttl", "--complete")
    assert "they are kept" in " ".join(result.stderr.split()), result.output
    assert labels().keys() == {"c1", "c2"}


def test_another_file_of_the_name_is_not_taken_for_a_newer_one() -> None:
    harvest("rdf", turtle("a/terms.ttl", VESSEL))
    other = turtle("b/terms.ttl", KRATER)
    assert "--origin terms.ttl" in str(kgenrich("harvest", "rdf", other).exception)
    harvest("rdf", other, "--origin", "terms.ttl", "--complete")
    assert labels() == {"c2": {"en": "krater"}}


def test_a_file_that_says_nothing_is_no_origin_and_keeps_no_name() -> None:
    empty = turtle("a/terms.ttl")
    assert "says nothing of any IRI" in str(kgenrich("harvest", "rdf", empty).exception)
    assert "terms.ttl" not in kgenrich("origins").stdout
    harvest("rdf", turtle("b/terms.ttl", KRATER))
    assert labels() == {"c2": {"en": "krater"}}


def test_what_an_origin_says_is_taken_out() -> None:
    harvest("rdf", turtle("en.ttl", VESSEL))
    harvest("rdf", turtle("de.ttl", GERMAN), "--licence", "CC-BY-4.0")
    told = json.loads(kgenrich("origins", "--format", "json").stdout)
    assert [(row["name"], row["entities"], row["licence"]) for row in told] == [
        ("en.ttl", 1, ""),
        ("de.ttl", 2, "CC-BY-4.0"),
    ]
    assert harvest("forget", "de.ttl", "--dry-run")["entities"] == 2
    assert harvest("forget", "de.ttl")["entities"] == 2
    assert labels() == {"c1": {"en": "vessel"}}
    (left,) = json.loads(kgenrich("origins", "--format", "json").stdout)
    assert left["name"] == "en.ttl"
    assert "there are: " in str(kgenrich("harvest", "forget", "nobody").exception)


def test_who_was_read_in_another_way_before_is_told() -> None:
    said = 't:c1 a skos:Concept ; skos:prefLabel "Gefäß" ; skos:definition "Ein Gefäß."@de .'
    harvest("rdf", turtle("de.ttl", said), "--untagged", "de")
    told = kgenrich("harvest", "rdf", "de.ttl")
    assert "was read with the language de before" in " ".join(told.stderr.split()), told.output


def test_a_language_that_nobody_knows_is_no_row_of_coverage() -> None:
    harvest("rdf", turtle("x.ttl", 't:c1 a skos:Concept ; skos:prefLabel "EVOO", "Krug"@de .'))
    rows = json.loads(kgenrich("coverage", "-k", "label", "--format", "json").stdout)
    assert {row["language"] for row in rows} & {"und", "de"} == {"de"}
    rows = json.loads(kgenrich("coverage", "-l", "und", "-k", "label", "--format", "json").stdout)
    assert [row["explicit"] for row in rows] == [1], "who asks is told"


def test_who_says_a_term_is_shown_and_an_origin_can_be_asked_about() -> None:
    harvest("rdf", turtle("en.ttl", VESSEL))
    harvest("rdf", turtle("de.ttl", GERMAN))
    told = json.loads(kgenrich("show", "https://example.org/t/c1", "-l", "en,de", "--json").stdout)
    assert [(one["text"], one["said_by"]) for one in told["terms"] if one["text"]] == [
        ("vessel", ["en.ttl"]),
        ("Gefäß", ["de.ttl"]),
    ]
    for origin, entities in (("en.ttl", 1), ("de.ttl", 2)):
        about = ("-l", "fr", "--origin", origin, "--format", "json")
        result = kgenrich("coverage", "-k", "label", *about)
        assert [row["missing"] for row in json.loads(result.stdout)] == [entities]
        result = kgenrich("gaps", *about)
        assert len(json.loads(result.stdout)) == entities
    assert "there are: de.ttl, en.ttl" in str(
        kgenrich("coverage", "-l", "fr", "--origin", "x.ttl").exception
    )


def test_a_dump_that_lacks_little_is_complete_and_one_that_lacks_much_is_not() -> None:
    lines = gzip.decompress(resource("config/demo/items.json.gz").read_bytes()).splitlines()
    items = sorted((line.rstrip(b",") for line in lines if len(line) > 2), key=revision)[-100:]

    def dump(*some: bytes) -> str:
        Path("dump.json").write_bytes(b"\n".join(some))
        return "dump.json"

    assert harvest("dump", dump(*items))["new"] == 100
    assert harvest("dump", dump(*items[50:]))["gone"] == 0, "kept: it may be an excerpt"
    assert harvest("dump", dump(*items[2:]))["gone"] == 2
    assert harvest("dump", dump(*items))["changed"] == 2, "they are back"
    assert harvest("dump", dump(*items[2:]), "--partial")["gone"] == 0
    assert harvest("dump", dump(*items[:-2]), "--complete")["gone"] == 0, "newer than the dump"
    assert harvest("dump", dump(*items[50:]), "--complete")["gone"] == 50
    assert "--limit" in str(
        kgenrich("harvest", "dump", dump(), "--complete", "--limit", "1").exception
    )


def revision(line: bytes) -> int:
    number: int = json.loads(line)["lastrevid"]
    return number
