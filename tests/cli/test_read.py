"""coverage, gaps, show and export as a person or a program reads them."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from kgenrich.cli.main import main
from kgenrich.escaping import plain, shown
from kgenrich.model import (
    Candidate,
    Decision,
    Entity,
    Evidence,
    Proposal,
    SourceKind,
    TermKind,
    TermRequest,
    Verdict,
)
from kgenrich.sources.base import Answer
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.answers import save_answers
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import running

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS
HOSTILE = "\x1b[31mred\x1b]0;owned\x07\u202e[bold]x[/bold]\r\nnext"
ENTITIES = [
    Entity("Q5", labels={"en": "human", "it": "essere umano"}, revision=1),
    Entity(
        "Q42",
        labels={"en": "Douglas Adams", "mul": "Douglas Adams", "he": "דאגלס אדמס"},
        descriptions={"en": "English writer", "de": "britischer Schriftsteller"},
        aliases={"en": ("DNA", "Douglas Noël Adams")},
        classes=("Q5",),
        sitelinks={f"{code}wiki": "Douglas Adams" for code in ("en", "de", "fr")},
        revision=7,
    ),
    Entity(
        "Q64",
        labels={"en": "Berlin", "de": "Berlin"},
        sitelinks={f"{code}wiki": "Berlin" for code in ("en", "de", "fr", "it", "ja")},
        revision=8,
    ),
    Entity("Q66", labels={"en": HOSTILE}, descriptions={"en": "[red]no markup[/red]"}, revision=9),
    Entity("http://example.org/caf\u00e9", labels={"de": "Kaffeehaus"}),
]


def proposal(
    entity: str,
    language: str,
    kind: TermKind,
    text: str,
    probability: float,
    licence: str = "CC0-1.0",
    rank: int = 1,
) -> Proposal:
    evidence = Evidence(
        "names",
        SourceKind.GRAPH,
        from_language="en",
        from_text=text,
        score=probability,
        licence=licence,
        note="written alike",
    )
    candidate = Candidate(entity, language, kind, text, (evidence,))
    reasons = ("one kind of source agrees",)
    return Proposal(candidate, 1, {"graph": 1}, probability, "pool-1", reasons, (), rank)


PROPOSALS = [
    proposal("Q42", "it", DESCRIPTION, 'scrittore "inglese"', 0.97),
    proposal("Q42", "it", DESCRIPTION, "autore", 0.3, rank=2),
    proposal("Q64", "it", LABEL, "Berlino", 0.99),
    proposal("Q64", "ja", LABEL, "ベルリン", 0.96),
    proposal("Q64", "fr", LABEL, "Berlin", 0.98, licence="CC-BY-SA-4.0"),
    proposal("Q64", "sr-el", LABEL, "Berlin", 0.5),
    proposal("http://example.org/caf\u00e9", "en", LABEL, "coffee house", 0.99),
]
AT = "2026-05-06T07:08:09+00:00"


class Names(Struct):
    """The source that proposed."""

    name: str = "names"
    kind: SourceKind = SourceKind.GRAPH
    licence: str = "CC0-1.0"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with harvested, proposed and decided terms."""
    path = tmp_path_factory.mktemp("store") / "graph.db"
    store = open_store(f"sqlite:///{path}", create=True)
    load_entities(store, ENTITIES)
    with running(store, "enrich", {}, "cafe") as run:
        for made in PROPOSALS:
            candidate = made.candidate
            request = TermRequest(Entity(candidate.entity), candidate.language, candidate.kind)
            save_answers(store, run.id, Names(), [Answer(request, (candidate,))])
    save_proposals(store, run.id, PROPOSALS, {"Q42": 7, "Q64": 8})

    def decide(proposal: Proposal, verdict: Verdict, text: str = "") -> Decision:
        candidate = proposal.candidate
        wording = text or candidate.text
        return Decision(candidate.id, verdict, "Ada", wording, AT, "looked it up", 1, 0.9, "pool-1")

    save_decisions(store, [decide(PROPOSALS[0], Verdict.EDIT, "scrittore britannico")])
    for accepted in (PROPOSALS[2], PROPOSALS[4], PROPOSALS[6]):
        save_decisions(store, [decide(accepted, Verdict.ACCEPT)])
    save_decisions(store, [decide(PROPOSALS[3], Verdict.REJECT)])
    save_decisions(store, [decide(PROPOSALS[3], Verdict.ACCEPT)])
    # A person's own: a candidate that no consensus was formed on.
    own = Candidate("Q5", "ko", LABEL, "사람")
    save_answers(store, run.id, Names(), [Answer(TermRequest(ENTITIES[0], "ko", LABEL), (own,))])
    save_decisions(store, [Decision(own.id, Verdict.ACCEPT, "Ada", own.text, AT)])
    store.close()
    return path


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kgenrich(
    database: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command line on that store, in an English terminal; gives code, output, errors."""
    for name in ("LC_ALL", "LC_MESSAGES", "KGENRICH_CONFIG", "KGENRICH_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["--store", str(database), *arguments])
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return call


def is_safe(text: str) -> bool:
    """Nothing that could steer a terminal, line feeds apart."""
    bad = {"\u202a", "\u202b", "\u202d", "\u202e"}
    return all(c == "\n" or (unicodedata.category(c) != "Cc" and c not in bad) for c in text)


# coverage


def test_coverage_tells_three_states_by_impact(kgenrich: Command) -> None:
    code, out, _ = kgenrich("coverage", "--languages", "it,he,de", "--kinds", "label", "--json")
    assert code == 0
    rows = json.loads(out)
    assert [row["language"] for row in rows] == ["he", "it", "de"]
    assert rows[1] == {
        "language": "it",
        "kind": "label",
        "entities": 5,
        "explicit": 1,
        "inherited": 1,
        "missing": 3,
        "accepted": 1,
        "proposed": 0,
        "share": 0.4,
        "impact": 5,
    }
    assert (rows[0]["explicit"], rows[0]["inherited"], rows[0]["impact"]) == (1, 0, 5)
    assert (rows[2]["explicit"], rows[2]["inherited"], rows[2]["impact"]) == (2, 1, 0)


def test_coverage_by_class(kgenrich: Command) -> None:
    _, out, _ = kgenrich("coverage", "-l", "it", "-k", "label", "--class", "Q5", "--format", "csv")
    assert out.splitlines() == [
        "language,kind,class,entities,explicit,inherited,missing,accepted,proposed,share,impact",
        "it,label,Q5,1,0,1,0,0,0,1.0,0",
    ]
    _, same, _ = kgenrich("coverage", "-l", "it", "-k", "label", "--by-class", "--format", "csv")
    assert same == out


def test_coverage_as_markdown(kgenrich: Command) -> None:
    _, out, _ = kgenrich("coverage", "-l", "de", "-k", "description", "--format", "markdown")
    lines = out.splitlines()
    assert lines[0].startswith("| language | kind |")
    assert lines[1].startswith("| --- | --- | ---: |")
    assert lines[2] == "| de | description | 5 | 1 | 0 | 4 | 0 | 0 | 20.0% | 5 |"


def test_coverage_as_a_table_has_bars_where_there_is_room(
    kgenrich: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = kgenrich("coverage", "-l", "it", "-k", "label", "--by-class")
    assert "▒▒▒▒▒▒▒▒▒▒▒▒" in out
    assert "Q5 human" in out
    for width in ("20", "40", "60", "80"):
        monkeypatch.setenv("COLUMNS", width)
        _, out, _ = kgenrich("coverage", "-l", "it", "-k", "label")
        assert all(word in out for word in ("label", "missing", "accepted", "impact"))
        assert all(len(line) <= max(int(width), 20) for line in out.splitlines())


def test_an_unknown_language_is_a_usage_error(kgenrich: Command) -> None:
    for verb in (("coverage", "-l"), ("gaps", "-l"), ("show", "Q42", "-l")):
        code, out, err = kgenrich(*verb, "italain")
        assert (code, out) == (2, "")
        assert "There is no language 'italain'" in err


# gaps


def test_gaps_are_neither_explicit_nor_inherited_most_linked_first(kgenrich: Command) -> None:
    _, out, _ = kgenrich("gaps", "--language", "it", "--json")
    assert json.loads(out) == [
        {"entity": "Q64", "label": "Berlin", "sitelinks": 5},
        {"entity": "http://example.org/caf\u00e9", "label": "Kaffeehaus", "sitelinks": 0},
        {"entity": "Q66", "label": HOSTILE, "sitelinks": 0},
    ]
    _, out, _ = kgenrich("gaps", "-l", "it", "--limit", "1", "--format", "csv")
    assert out == "entity,label,sitelinks\nQ64,Berlin,5\n"
    _, out, _ = kgenrich("gaps", "-l", "it", "-k", "description", "--class", "Q5", "--json")
    assert [row["entity"] for row in json.loads(out)] == ["Q42"]


def test_gaps_are_named_in_the_language_of_the_reader(kgenrich: Command) -> None:
    _, out, _ = kgenrich("gaps", "-l", "sw", "-k", "description", "--reader", "he", "--json")
    assert json.loads(out)[1] == {"entity": "Q42", "label": "דאגלס אדמס", "sitelinks": 3}


def test_no_gaps_is_said(kgenrich: Command) -> None:
    code, _, err = kgenrich("gaps", "-l", "de", "--class", "Q5")
    assert code == 0
    assert "Nothing lacks a label in German." in err


# show


def test_show_tells_the_whole_story_as_json(kgenrich: Command) -> None:
    code, out, _ = kgenrich("show", "Q42", "--languages", "it,en-gb", "--json")
    assert code == 0
    story = json.loads(out)
    assert story["label"] == "Douglas Adams"
    assert story["classes"] == [{"id": "Q5", "label": "human"}]
    told = {(t["language"], t["kind"]): (t["state"], t["text"], t["from"]) for t in story["terms"]}
    assert told == {
        ("it", "label"): ("inherited", "Douglas Adams", "mul"),
        ("it", "description"): ("missing", "", ""),
        ("en-gb", "label"): ("inherited", "Douglas Adams", "en"),
        ("en-gb", "description"): ("inherited", "English writer", "en"),
    }
    first, second = story["proposals"]
    assert (first["text"], first["probability"], second["text"]) == (
        'scrittore "inglese"',
        0.97,
        "autore",
    )
    assert first["votes"] == {"graph": 1}
    assert first["reasons"] == ["one kind of source agrees"]
    assert first["evidence"][0]["source"] == "names"
    assert first["decisions"][0]["verdict"] == "edit"
    assert first["decisions"][0]["text"] == "scrittore britannico"


def test_show_keeps_superseded_decisions(kgenrich: Command) -> None:
    _, out, _ = kgenrich("show", "Q64", "-l", "ja", "--json")
    (told,) = json.loads(out)["proposals"]
    assert [decision["verdict"] for decision in told["decisions"]] == ["reject", "accept"]


def test_show_for_people(kgenrich: Command) -> None:
    _, out, _ = kgenrich("show", "Q42", "-l", "it")
    flat = " ".join(out.split())
    for words in (
        "Q42 Douglas Adams English writer human (Q5) · 3 sitelinks · revision 7",
        "it label inherited from mul Douglas Adams",
        'it description: scrittore "inglese"',
        "probability 0.97 · score 1 · votes graph 1 · pool-1",
        "because one kind of source agrees",
        "names (graph) from en",
        "written alike, CC0-1.0",
        f"edit by Ada, {AT}, as “scrittore britannico”: looked it up",
    ):
        assert words in flat


def test_show_an_entity_of_another_graph(kgenrich: Command) -> None:
    _, out, _ = kgenrich("show", "http://example.org/caf\u00e9", "-l", "en,de")
    assert "en label: coffee house" in out


@pytest.mark.parametrize("name", ["q42", " Q42", "http://www.wikidata.org/entity/Q42"])
def test_an_entity_is_named_in_several_ways(kgenrich: Command, name: str) -> None:
    _, out, _ = kgenrich("show", name, "--json")
    assert json.loads(out)["entity"] == "Q42"
    assert len(json.loads(out)["proposals"]) == 2
    _, out, _ = kgenrich("gaps", "-l", "sw", "--class", name.replace("42", "5"), "--json")
    _, same, _ = kgenrich("gaps", "-l", "sw", "--class", "Q5", "--json")
    assert out == same


def test_show_what_is_not_there(kgenrich: Command) -> None:
    code, _, err = kgenrich("show", "Q999")
    assert code == 1
    assert "The store has no entity Q999" in err


# What reaches the terminal


@pytest.mark.parametrize("width", ["30", "80", "120"])
def test_hostile_text_steers_no_terminal(
    kgenrich: Command, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for command in (
        ("show", "Q66", "-l", "all"),
        ("gaps", "-l", "he"),
        ("gaps", "-l", "he", "--format", "markdown"),
        ("gaps", "-l", "he", "--format", "csv"),
        ("gaps", "-l", "he", "--json"),
    ):
        _, out, err = kgenrich(*command)
        if "--json" not in command:
            assert is_safe(out + err), command
        assert "\x1b" not in out + err
    _, out, _ = kgenrich("show", "Q66", "-l", "en")
    assert "[red]no markup[/red]" in " ".join(out.split())


@given(st.text())
def test_plain_text_is_one_safe_line(text: str) -> None:
    safe = plain(text)
    assert is_safe(safe)
    assert len(safe.splitlines()) <= 1
    assert plain(safe) == safe


def test_right_to_left_text_is_isolated() -> None:
    assert shown("שלום") == "\u2068שלום\u2069"
    assert shown("hello") == "hello"
    assert len(shown("a" * 10_000)) == 400


# export, on the same store


def graph(path: Path, form: str) -> rdflib.Dataset:
    dataset = rdflib.Dataset()
    dataset.parse(path, format=form)
    return dataset


def test_rdf_has_asserted_and_accepted_terms(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "terms.nt"
    code, out, _ = kgenrich("export", "rdf", "--output", str(path), "--json")
    told = json.loads(out)
    assert (code, told["path"], told["dry_run"]) == (0, str(path), False)
    quads = list(pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.N_TRIPLES))
    assert len(quads) == told["triples"] == told["terms"]
    texts = {(q.object.value, q.object.language) for q in quads}
    assert {("Berlino", "it"), ("scrittore britannico", "it"), ("ベルリン", "ja")} <= texts
    assert ("Berlin", "sr-latn") not in texts, "only proposed"
    assert (HOSTILE, "en") in texts


def test_named_graphs_keep_the_states_apart(kgenrich: Command, tmp_path: Path) -> None:
    counts = {}
    for form in ("nq", "trig"):
        path = tmp_path / f"terms.{form}"
        kgenrich("export", "rdf", "-o", str(path), "--graphs", "-l", "it,sr-el,de")
        quads = graph(path, {"nq": "nquads"}.get(form, form)).quads()
        counts[form] = {(str(g).rsplit(":", 1)[1], str(o), o.language) for _, _, o, g in quads}
    assert counts["nq"] == counts["trig"]
    assert ("accepted", "Berlino", "it") in counts["nq"]
    assert ("proposed", "Berlin", "sr-Latn") in counts["nq"]
    assert ("asserted", "Berlin", "de") in counts["nq"]


def test_filters_and_tags(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "few.nt"
    kgenrich(
        *("export", "rdf", "-o", str(path), "-l", "sr-el", "-k", "label"),
        *("--minimum", "0.4", "--raw-tags", "--labels", "all"),
    )
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert all(line.endswith('"Berlin"@sr-el .') for line in lines)
    kgenrich("export", "rdf", "-o", str(path), "-l", "sr-el", "--minimum", "0.6")
    assert path.read_text() == ""


def test_the_same_export_has_the_same_bytes(kgenrich: Command, tmp_path: Path) -> None:
    told = []
    for name in ("a.ttl.gz", "b.ttl.gz"):
        _, out, _ = kgenrich("export", "rdf", "-o", str(tmp_path / name), "--json")
        told.append(json.loads(out)["sha256"])
    assert told[0] == told[1]


def test_void_beside_the_dump(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "terms.nq.zst"
    kgenrich("export", "rdf", "-o", str(path), "--void")
    described = rdflib.Graph().parse(f"{path}.void.ttl")
    assert (None, rdflib.RDF.type, rdflib.VOID.Dataset) in described


@pytest.mark.parametrize(
    ("more", "counts"), [((), b"1 triples"), (("--json",), b'"triples":1,"terms":1')]
)
def test_the_standard_output_holds_the_export_alone(
    kgenrich: Command, database: Path, more: tuple[str, ...], counts: bytes
) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [
            *(sys.executable, "-m", "kgenrich.cli.main", "--store", str(database)),
            *("export", "rdf", "-o", "-", "-l", "ja", *more),
        ],
        capture_output=True,
        check=True,
    )
    (quad,) = pyoxigraph.parse(input=done.stdout, format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert quad.object.value == "ベルリン"
    (line,) = done.stderr.splitlines()
    assert counts in line


def test_a_dry_run_counts_and_writes_nothing(kgenrich: Command, tmp_path: Path) -> None:
    for verb, name in (
        ("rdf", "a.nt"),
        ("terms", "a.jsonl"),
        ("provenance", "a.ttl"),
        ("quickstatements", "a.qs"),
    ):
        code, out, err = kgenrich("export", verb, "-o", str(tmp_path / name), "--dry-run")
        assert code == 0, err
        assert "would be written" in out
    assert not list(tmp_path.iterdir())


def test_provenance_names_sources_and_people(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "story.ttl"
    code, out, err = kgenrich("export", "provenance", "-o", str(path), "--json")
    assert code == 0, err
    story = rdflib.Graph().parse(path)
    assert len(story) == json.loads(out)["triples"]
    found = story.query(
        """PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT ?text ?who ?source ?verb WHERE {
            ?term rdf:object ?text ; prov:wasDerivedFrom ?candidate ;
                prov:wasGeneratedBy [ prov:wasAssociatedWith [ rdfs:label ?who ] ] .
            ?candidate prov:wasGeneratedBy [ rdfs:label ?verb ] ; prov:wasDerivedFrom
                [ prov:wasAttributedTo [ rdfs:label ?source ] ] }"""
    )
    told = {tuple(map(str, row)) for row in found}
    assert told == {
        (text, "Ada", "names", "enrich")
        for text in ("scrittore britannico", "Berlino", "ベルリン", "Berlin", "coffee house")
    }


def test_a_person_s_own_term_has_a_story_too(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "story.nt"
    kgenrich("export", "provenance", "-o", str(path), "-l", "ko")
    story = rdflib.Graph().parse(path)
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    (decision,) = story.subjects(rdflib.RDF.type, prov.Activity)
    (agent,) = story.objects(decision, prov.wasAssociatedWith)
    assert str(story.value(agent, rdflib.RDFS.label)) == "Ada"


def test_quickstatements_has_what_people_accepted(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "edits.qs"
    code, out, _ = kgenrich("export", "quickstatements", "-o", str(path), "--json")
    assert code == 0
    assert path.read_text() == (
        'Q5\tLko\t"사람"\nQ42\tDit\t"scrittore britannico"\n'
        'Q64\tLit\t"Berlino"\nQ64\tLja\t"ベルリン"\n'
    )
    assert json.loads(out)["refused"] == {
        "neither an item nor a property": 1,
        "evidence under cc-by-sa-4.0 only": 1,
    }


def test_requests_to_the_api_hold_the_same_edits(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "edits.jsonl"
    code, out, _ = kgenrich("export", "wbeditentity", "-o", str(path), "--summary", "x", "--json")
    assert code == 0 and json.loads(out)["edits"] == 4
    requests = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["id"] for one in requests] == ["Q5", "Q42", "Q64"]
    assert requests[1] == {
        "id": "Q42",
        "data": {"descriptions": {"it": {"language": "it", "value": "scrittore britannico"}}},
        "baserevid": 7,
        "summary": "x",
    }


def test_quickstatements_on_request(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    kgenrich(
        *("export", "quickstatements", "-o", str(path), "--proposed", "--minimum", "0.4"),
        *("--allow-licence", "CC-BY-SA-4.0", "--class", "Q5"),
    )
    assert path.read_text() == "qid,Dit\nQ42,scrittore britannico\n"
    kgenrich(
        *("export", "quickstatements", "-o", str(path), "--proposed", "--minimum", "0.4"),
        *("--allow-licence", "CC-BY-SA-4.0", "-k", "label", "-l", "fr,it,ja,sr-el"),
    )
    header, line = csv.reader(io.StringIO(path.read_text()))
    assert dict(zip(header, line, strict=True)) == {
        "qid": "Q64",
        "Lfr": "Berlin",
        "Lit": "Berlino",
        "Lja": "ベルリン",
        "Lsr-el": "Berlin",
    }


def test_quickstatements_has_a_table_for_each_command(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    path.write_text("an older one")
    options = ("--proposed", "--minimum", "0.4", "--allow-licence", "CC-BY-SA-4.0", "-l", "it,ja")
    code, out, err = kgenrich("export", "quickstatements", "-o", str(path), *options, "--json")
    assert code == 0, err
    told = json.loads(out)
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found.pop("edits.csv") == "an older one", "it is not ours to delete"
    assert "no part of this export: edits.csv." in " ".join(err.split())
    assert found == {
        "edits.Lit.csv": "qid,Lit\nQ64,Berlino\n",
        "edits.Lja.csv": "qid,Lja\nQ64,ベルリン\n",
        "edits.Dit.csv": "qid,Dit\nQ42,scrittore britannico\n",
    }
    assert told["edits"] == 3 and "path" not in told
    assert {Path(file["path"]).name: file["bytes"] for file in told["files"]} == {
        name: len(text.encode()) for name, text in found.items()
    }
    code, out, err = kgenrich("export", "quickstatements", "-o", f"{path}.gz", *options)
    assert code == 0 and "3 edits written to 3 files:" in out and "blank cell" in err
    assert (tmp_path / "edits.Lit.csv.gz").is_file()
    fewer = ("--proposed", "--minimum", "0.4", "-l", "it", "-k", "label", "--force")
    code, _, err = kgenrich("export", "quickstatements", "-o", str(path), *fewer)
    assert code == 0 and "no part of this export: edits.Dit.csv, edits.Lit.csv" in " ".join(
        err.split()
    )
    code, _, err = kgenrich("export", "quickstatements", "-o", "-", "--format", "csv", *options)
    assert code == 2 and "3 tables" in err and "--format v1" in err


@pytest.mark.parametrize("verb", ["rdf", "provenance", "quickstatements", "terms"])
def test_only_its_own_files_are_overwritten(
    kgenrich: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / {"terms": "out.jsonl", "quickstatements": "out.tsv"}.get(verb, "out.nt")
    path.write_text("of a person")
    code, _, err = kgenrich("export", verb, "-o", path.name)
    told = " ".join(err.split())
    assert code == 2 and f"{path.name} is no export of this store" in told and "--force" in told
    assert path.read_text() == "of a person" and [*tmp_path.iterdir()] == [path]
    assert kgenrich("export", verb, "-o", path.name, "--dry-run")[0] == 0
    assert kgenrich("export", verb, "-o", path.name, "--force")[0] == 0
    assert kgenrich("export", verb, "-o", str(path), "-l", "it")[0] == 0, "by any name"
    path.write_text(path.read_text() + "mended by hand")
    assert kgenrich("export", verb, "-o", path.name)[0] == 2


def test_a_description_is_overwritten_as_a_file_is(
    kgenrich: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out.nt.void.ttl").write_text("of a person")
    code, _, err = kgenrich("export", "rdf", "-o", "out.nt", "--void")
    assert code == 2 and "out.nt.void.ttl is no export" in err and not Path("out.nt").exists()
    for more in (["--force"], []):
        assert kgenrich("export", "rdf", "-o", "out.nt", "--void", *more)[0] == 0
    assert "void:Dataset" in Path("out.nt.void.ttl").read_text()


def test_terms_as_json_lines(kgenrich: Command, tmp_path: Path) -> None:
    path = tmp_path / "terms.jsonl.gz"
    kgenrich("export", "terms", "-o", str(path), "-l", "it", "-k", "label")
    import gzip

    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert [(row["entity"], row["text"], row["state"]) for row in rows] == [
        ("Q5", "essere umano", "asserted"),
        ("Q64", "Berlino", "accepted"),
    ]
    # What the graph says was never judged.
    assert rows[0]["probability"] is None and rows[1]["probability"] > 0
    table = kgenrich("export", "terms", "-o", "-", "--format", "csv", "-l", "it", "-k", "label")[1]
    assert "asserted,," in table and "asserted,,0" not in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rdf", "-o", "terms"), "What format is terms?"),
        (("rdf", "-o", "terms.nt", "--graphs"), "Named graphs need N-Quads or TriG"),
        (("rdf", "-o", "-", "--void"), "--void describes a file"),
        (("rdf", "-o", "x.nt", "--states", "wrong"), "There is no state 'wrong'"),
        (("rdf", "-o", "x.nt", "-l", "xx-yy"), "There is no language"),
        (("rdf", "-o", "x.nq", "--resources", "no iri "), "no beginning of an IRI"),
        (("terms", "-o", "x.parquet", "--compress", "gz"), "compressed inside"),
        (("quickstatements", "-o", "x.qs", "--batch", "XYZ"), "4 to 32"),
    ],
)
def test_usage_errors_leave_nothing(
    kgenrich: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = kgenrich("export", *arguments)
    assert code == 2
    assert words in err
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_and_a_full_disk(kgenrich: Command, tmp_path: Path) -> None:
    code, _, err = kgenrich("export", "rdf", "-o", str(tmp_path / "no" / "x.nt"))
    assert (code, "There is no folder" in err) == (1, True)
    code, _, err = kgenrich("export", "rdf", "-o", "/dev/full", "--format", "nt")
    assert (code, "The disk is full" in err) == (1, True)
