"""A wrong label of the graph is replaced: proposed, decided, exported, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from kgenrich.cli.main import main
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.pending_terms import pending
from kgenrich.store.story.proposals import save_proposals
from tests.enrich.test_check import misnamed
from tests.store.test_proposals import proposal

CITY = Entity("Q1040", labels={"de": "Karlsruhe", "it": "Stoccarda", "mul": "KA"}, revision=8)
BETTER = replace(proposal("Q1040", "Karlsruhe"), replaces="Stoccarda", probability=0.6)
OTHER = replace(proposal("Q1040", "Carlsruhe"), replaces="Stoccarda", probability=0.5)
ID = BETTER.candidate.id
Command = Callable[..., tuple[int, str, str]]


def load(url: str, *entities: Entity) -> None:
    store = open_store(url, create=True)
    load_entities(store, entities)
    store.close()


@pytest.fixture
def kgenrich(
    store_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """The command line on a store where a replacement is proposed; gives code, output, errors."""
    load(store_url, CITY)
    store = open_store(store_url)
    save_proposals(store, 1, [BETTER], {"Q1040": 8})
    store.close()
    return speaker(store_url, tmp_path, capsys, monkeypatch)


def speaker(
    url: str, place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "KGENRICH_CONFIG", "KGENRICH_STORE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["--store", url, *arguments])
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return call


def queue(kgenrich: Command) -> list[str]:
    return [row["text"] for row in json.loads(kgenrich("decide", "list", "--json")[1])]


def italian(kgenrich: Command, *options: str) -> list[str]:
    """The Italian labels of an export."""
    _, out, _ = kgenrich("export", "rdf", "-o", "-", "-l", "it", *options)
    return sorted(line.split('"')[1] for line in out.splitlines() if "#label" in line)


def test_it_is_proposed_as_what_it_is(kgenrich: Command) -> None:
    (row,) = json.loads(kgenrich("decide", "list", "--json")[1])
    assert (row["text"], row["kind"], row["replaces"]) == ("Karlsruhe", "label", "Stoccarda")
    assert row["codes"] == []
    _, out, _ = kgenrich("show", "Q1040", "-l", "it")
    assert "it label: Karlsruhe, to replace “Stoccarda”" in out and "by now" not in out


def test_what_nobody_decided_replaces_nothing(kgenrich: Command) -> None:
    assert italian(kgenrich) == ["Stoccarda"]
    assert italian(kgenrich, "--minimum", "0") == ["Stoccarda"], "one label, not two"
    assert italian(kgenrich, "--states", "proposed", "--minimum", "0") == ["Karlsruhe"]


def test_accepted_it_replaces_the_label_in_the_exports(kgenrich: Command) -> None:
    _, out, _ = kgenrich("decide", "accept", ID, "--author", "ann")
    assert "accept Q1040 it label: Karlsruhe instead of Stoccarda\n" in out
    assert queue(kgenrich) == []
    assert italian(kgenrich) == ["Karlsruhe"]
    assert italian(kgenrich, "--states", "asserted") == ["Stoccarda"]
    graphs = kgenrich("export", "rdf", "-o", "-", "-l", "it", "--graphs")[1].splitlines()
    assert sorted((line.split('"')[1], "accepted" in line) for line in graphs) == [
        ("Karlsruhe", True),
        ("Stoccarda", False),
    ]
    terms = kgenrich("export", "terms", "-o", "-", "-l", "it", "--format", "csv")[1]
    assert "Karlsruhe" in terms and "Stoccarda" not in terms
    _, edits, told = kgenrich("export", "quickstatements", "-o", "-", "--allow-licence", "unknown")
    assert edits == 'Q1040\tLit\t"Karlsruhe"\n' and "1 edits, 1 replacing" in told
    _, story, _ = kgenrich("export", "provenance", "-o", "-")
    assert 'vocabulary:replaces> "Stoccarda"@it' in story


def test_other_languages_keep_their_labels(kgenrich: Command) -> None:
    """What a language inherits is another language's label: nothing takes its place."""
    kgenrich("decide", "accept", ID)
    _, out, _ = kgenrich("export", "rdf", "-o", "-")
    assert sorted(line.split('"')[1] for line in out.splitlines()) == [
        "KA",
        "Karlsruhe",
        "Karlsruhe",
    ]
    code, _, err = kgenrich("decide", "edit", ID, "KA")
    assert code == 2 and "E-mul" in err
    code, _, err = kgenrich("decide", "edit", ID, "Stoccarda")
    assert code == 2 and "E-known" in err


def test_another_wording_supersedes(kgenrich: Command, store_url: str) -> None:
    store = open_store(store_url)
    save_proposals(store, 1, [OTHER], {"Q1040": 8})
    store.close()
    kgenrich("decide", "accept", ID, "--author", "ann")
    assert queue(kgenrich) == [], "the label has its replacement"
    _, out, _ = kgenrich("decide", "edit", OTHER.candidate.id, "Karlsruhe (Baden)")
    assert "supersedes Karlsruhe (accept by ann)" in out
    assert italian(kgenrich) == ["Karlsruhe (Baden)"]


@pytest.mark.parametrize("revision", [8, 9])
def test_a_label_that_was_changed_since_is_not_replaced(
    kgenrich: Command, store_url: str, revision: int
) -> None:
    """Also where the graph has no revisions that would say so."""
    changed = replace(CITY, labels=CITY.labels | {"it": "Durlach"}, revision=revision)
    load(store_url, changed)
    assert queue(kgenrich) == []
    code, _, err = kgenrich("decide", "accept", ID)
    assert code == 2 and "E-stale" in err
    _, out, _ = kgenrich("decide", "accept", ID, "--anyway")
    assert "Karlsruhe instead of Durlach" in out
    assert italian(kgenrich) == ["Karlsruhe"]
    load(store_url, replace(changed, labels=CITY.labels | {"it": "Mannheim"}, revision=10))
    assert italian(kgenrich) == ["Mannheim"], "nobody said that this one is wrong"
    told = kgenrich("export", "quickstatements", "-o", "-", "--dry-run", "--json")[1]
    assert json.loads(told)["refused"] == {"the graph has the term by now": 1}


def test_what_was_accepted_as_missing_can_still_be_proposed_as_a_replacement(
    kgenrich: Command, store_url: str
) -> None:
    bare = {code: text for code, text in CITY.labels.items() if code != "it"}
    store = open_store(store_url)
    load_entities(store, [replace(CITY, labels=bare, revision=9)])
    save_proposals(store, 2, [replace(BETTER, replaces="")], {"Q1040": 9})
    assert pending(store, Scope(("it",), (TermKind.LABEL,)))["it", TermKind.LABEL].proposed == 1
    store.close()
    assert kgenrich("decide", "accept", ID)[0] == 0
    load(store_url, replace(CITY, revision=10))
    assert italian(kgenrich) == ["Stoccarda"], "the graph has got a label of its own"
    store = open_store(store_url)
    save_proposals(store, 3, [BETTER], {"Q1040": 10})
    assert not pending(store, Scope(("it",), (TermKind.LABEL,))), "nothing is missing"
    store.close()
    assert queue(kgenrich) == ["Karlsruhe"]
    assert "1 of them anew" in kgenrich("decide", "accept", ID)[1]
    assert "0 of them anew" in kgenrich("decide", "accept", ID)[1]
    assert italian(kgenrich) == ["Karlsruhe"] and queue(kgenrich) == []


def test_check_proposes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A label that is the name of another entity is doubtful. "Anna Brandt 2" is too much like
    Bruno Duval 2 for that: it may be another spelling, and what the other languages say is not
    enough."""
    misnamed(tmp_path / "graph.db")
    kgenrich = speaker(f"sqlite:///{tmp_path / 'graph.db'}", tmp_path, capsys, monkeypatch)
    check = ("check", "-l", "it", "--limit", "60", "--sources", "names")
    found = json.loads(kgenrich(*check, "--dry-run", "--json")[1])["names"]
    both = {one["entity"]: one["wrong"] * one["better_probability"] for one in found}
    assert both.keys() == {"Q1020", "Q1060"}, "not Q1040"
    _, out, _ = kgenrich(*check)
    assert "2 better names are in the review queue (2 new)" in out
    rows = json.loads(kgenrich("decide", "list", "--json")[1])
    assert {row["kind"] for row in rows} == {"label"}
    assert {row["entity"]: row["probability"] for row in rows} == pytest.approx(both, abs=1e-5)
    first = rows[0]
    assert first["reasons"][0].startswith(f"instead of {first['replaces']!r}, wrong with")
    assert kgenrich("decide", "accept", first["candidate"])[0] == 0
    edits = kgenrich("export", "quickstatements", "-o", "-")[1]
    assert edits == f'{first["entity"]}\tLit\t"{first["text"]}"\n'
    stories = json.loads(kgenrich("show", first["entity"], "-l", "it", "--json")[1])["proposals"]
    assert stories[0]["evidence"], "who said so is kept"


def test_what_a_glossary_forbids_is_not_accepted_even_where_it_was_proposed(
    kgenrich: Command, tmp_path: Path
) -> None:
    (tmp_path / "terms.csv").write_text("id,it forbidden\nQ1040,Karlsruhe\n", "utf-8")
    (tmp_path / "own.toml").write_text(
        '[sources.my-terms]\nuse = "glossary"\nfile = "terms.csv"\n', "utf-8"
    )
    code, _, errors = kgenrich("--config", "own.toml", "decide", "accept", ID)
    assert code == 2
    assert "E-forbidden: a glossary forbids the term" in errors
    assert kgenrich("decide", "accept", ID)[0] == 0
