"""IRIs are written and read as CURIEs wherever people meet them; programs get the whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli

EX = "http://example.org/"
WIKIDATA = "http://www.wikidata.org/entity/"
GRAPH = f"""@prefix ex: <{EX}> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix own: <http://wiki.example/entity/> .
ex:c1 a skos:Concept ; skos:prefLabel "heart"@en .
ex:c2 a ex:Organ ; skos:prefLabel "lung"@en .
own:Q5 a ex:Organ ; skos:prefLabel "human"@en .
<{WIKIDATA}Q7> a ex:Organ ; skos:prefLabel "seven"@en .
<x:1> a <y:2> ; skos:prefLabel "one"@en .
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store has what `GRAPH` says."""
    (tmp_path / "a.ttl").write_text(GRAPH, encoding="utf-8")
    run(tmp_path, "harvest", "rdf", str(tmp_path / "a.ttl"))
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(folder / "kg.db"), *words])


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("ex:c1", "heart"),
        (f"{EX}c1", "heart"),
        (f"<{EX}c1>", "heart"),
        ("own:Q5", "human"),
        ("Q7", "seven"),
        ("q7", "seven"),
        ("wd:Q7", "seven"),
        (f"{WIKIDATA}Q7", "seven"),
        ("x:1", "one"),
    ],
)
def test_an_entity_is_named_as_people_do(name: str, label: str, folder: Path) -> None:
    shown = run(folder, "show", name, "-l", "en", "--json")
    assert json.loads(shown.output)["label"] == label, shown.output


def test_a_class_is_named_as_people_do(folder: Path) -> None:
    listed = run(folder, "gaps", "-l", "de", "--class", "ex:Organ", "--format", "markdown")
    for entity in ("own:Q5", "ex:c2", "Q7"):
        assert f"| {entity} |" in listed.output
    counted = run(folder, "coverage", "-l", "en", "--class", "y:2", "--json")
    assert {row["entities"] for row in json.loads(counted.output)} == {1}


def test_people_read_curies_and_programs_iris(folder: Path) -> None:
    gaps = ["gaps", "-l", "de", "--class", "skos:Concept"]
    assert "ex:c1" in run(folder, *gaps).output
    assert EX not in run(folder, *gaps).output
    assert json.loads(run(folder, *gaps, "--json").output)[0]["entity"] == f"{EX}c1"
    assert f"{EX}c1," in run(folder, *gaps, "--format", "csv").output
    shown = run(folder, "show", "ex:c1", "-l", "en").output
    assert shown.startswith("ex:c1  heart")
    assert "(skos:Concept)" in shown
    assert "skos:Concept" in run(folder, "coverage", "-l", "en", "--by-class").output


def test_a_prefix_that_means_nothing_is_an_error_that_helps(folder: Path) -> None:
    result = run(folder, "show", "exx:c1")
    assert str(result.exception) == "There is no prefix 'exx'; near it there are ex."


def test_a_harvest_knows_the_prefixes_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(GRAPH, encoding="utf-8")
    options = ["harvest", "rdf", str(tmp_path / "a.ttl"), "--classes"]
    assert run(tmp_path, *options, "ex:Organ", "--dry-run", "--json").exit_code == 0
    assert json.loads(run(tmp_path, *options, "ex:Organ", "--json").output)["new"] == 3
    obo = tmp_path / "a.obo"
    obo.write_text("idspace: EX http://example.org/\n[Instance]\nid: EX:9\nname: nine\n"
                   "instance_of: EX:Organ\n", encoding="utf-8")  # fmt: skip
    result = run(tmp_path, "harvest", "rdf", str(obo), "--classes", "EX:Organ", "--json")
    assert json.loads(result.output)["new"] == 1
    obo.write_text("[Term]\nid: HEART:1\nname: heart\n", encoding="utf-8")
    run(tmp_path, "harvest", "rdf", str(obo))
    assert json.loads(run(tmp_path, "show", "HEART:1", "--json").output)["entity"].endswith(
        "HEART_1"
    )


def test_what_two_files_call_alike_is_asked_for_whole(folder: Path) -> None:
    (folder / "b.ttl").write_text(GRAPH.replace(EX, "http://example.com/"), encoding="utf-8")
    run(folder, "harvest", "rdf", str(folder / "b.ttl"))
    result = run(folder, "show", "ex:c1")
    assert str(result.exception) == (
        "The prefix 'ex' means http://example.org/ (a.ttl) and http://example.com/ (b.ttl): "
        "give the whole IRI."
    )
    assert run(folder, "show", f"{EX}c1", "-l", "en").output.startswith(f"{EX}c1  heart")
