"""Names in two languages for translation, and terms with what helps to judge them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kgenrich.errors import UsageError
from kgenrich.model import Entity, TermKind, Verdict
from kgenrich.settings import Settings
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.verbs.export import TableOptions, export_terms
from kgenrich.verbs.export_glossary import GlossaryOptions, export_glossary
from kgenrich.verbs.workspace import Workspace
from tests.store.test_proposals import decision, proposal

FORBIDDEN = "id,en,fr,fr forbidden\nQ1,sea,mer,meer|marre\nQ4,lake,,laque\n"


@pytest.fixture
def workspace(store_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Names that the graph has, has doubtfully, accepted, proposed and forbidden ones."""
    store = open_store(store_url, create=True)
    load_entities(
        store,
        [
            Entity("Q1", labels={"en": "sea", "fr": "mer"}),
            Entity("Q2", labels={"en": "river\tx", "fr": "rivier"}, classes=("Q9",)),
            Entity("Q3", labels={"mul": "Nile"}),
            Entity("Q4", labels={"en": "lake"}),
            Entity("Q5", labels={"en": "hill"}),
            Entity("Q6", labels={"fr": "sans anglais"}),
        ],
    )
    doubted = msgspec.structs.replace(
        proposal("Q2", "rivière", "fr", probability=0.8), replaces="rivier"
    )
    accepted = proposal("Q3", "Nil", "fr")
    first = proposal("Q5", "colline", "fr", probability=0.95)
    second = proposal("Q5", "butte", "fr", probability=0.3, rank=2)
    aliases = proposal("Q5", "mont", "fr", TermKind.ALIAS, 0.4)
    save_proposals(store, 1, [doubted, accepted, first, second, aliases], {})
    save_decisions(store, [decision(accepted, Verdict.EDIT, text="le Nil")])
    store.close()
    glossary = tmp_path / "own.csv"
    glossary.write_text(FORBIDDEN, encoding="utf-8")
    settings = Settings(  # type: ignore[call-arg]
        store=store_url,
        sources={"glossary": {"file": str(glossary), "id": "id"}},
    )
    with Workspace(settings) as made:
        yield made


def written(workspace: Workspace, path: Path, **options: Any) -> str:
    given = {"source": "en", "languages": ("fr",), **options}
    export_glossary(workspace, GlossaryOptions(output=str(path), **given))
    return path.read_text(encoding="utf-8")


def test_names_stand_with_how_sure_they_are(workspace: Workspace, tmp_path: Path) -> None:
    lines = written(workspace, tmp_path / "names.tsv").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    told = {row["entity"]: row for row in rows}
    assert {id: (row["target"], row["probability"], row["state"]) for id, row in told.items()} == {
        "Q1": ("mer", "1.0000", "asserted"),
        "Q2": ("rivier", "0.2000", "asserted"),
        "Q3": ("le Nil", "1.0000", "accepted"),
        "Q4": ("", "0.0000", ""),
        "Q5": ("colline", "0.9500", "proposed"),
    }
    assert told["Q1"]["forbidden"] == "meer|marre" and told["Q4"]["forbidden"] == "laque"
    assert told["Q2"]["source"] == "river x", "no tab in a cell"
    assert (told["Q3"]["source"], told["Q3"]["source_language"]) == ("Nile", "mul")


def test_unsure_names_are_left_out(workspace: Workspace, tmp_path: Path) -> None:
    sure = written(workspace, tmp_path / "sure.jsonl", minimum=0.99, floor=0.5)
    found = {row["entity"]: row for row in map(json.loads, sure.splitlines())}
    assert set(found) == {"Q1", "Q3", "Q4"}
    assert found["Q4"]["targets"]["fr"]["text"] == ""


def test_json_is_one_array_and_pairs_are_names_alone(workspace: Workspace, tmp_path: Path) -> None:
    entries = json.loads(written(workspace, tmp_path / "names.json", languages=("fr", "de")))
    assert entries[0] == {
        "entity": "Q1",
        "language": "en",
        "source": "sea",
        "targets": {
            "fr": {
                "text": "mer",
                "probability": 1.0,
                "state": "asserted",
                "forbidden": ["meer", "marre"],
            }
        },
    }
    pairs = written(workspace, tmp_path / "pairs.tsv", format="pairs", class_id="Q9")
    assert pairs == "river x\trivier\n"
    nothing = written(workspace, tmp_path / "none.json", source="ja", languages=("ko",))
    assert json.loads(nothing) == []
    with pytest.raises(UsageError, match="two languages"):
        written(workspace, tmp_path / "x.tsv", format="pairs", languages=("fr", "de"))
    with pytest.raises(UsageError, match="Which languages"):
        written(workspace, tmp_path / "x.tsv", languages=())


def test_terms_say_what_helps_to_judge_them(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "terms.jsonl"
    given = {"states": ("asserted", "accepted", "proposed"), "reader": "en", "languages": ("fr",)}
    export_terms(workspace, TableOptions(output=str(path), minimum=0.0, **given))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    by_text = {row["text"]: row for row in rows}
    sea = by_text["mer"]
    assert (sea["source_label"], sea["source_language"]) == ("sea", "en")
    assert (sea["reasons"], sea["alternatives"]) == ([], [])
    assert len(sea["origin"]) == 1 and sea["origin"][0]
    hill = by_text["colline"]
    assert hill["alternatives"] == [{"text": "butte", "probability": 0.3}]
    assert hill["reasons"] and set(hill["origin"]) == {"names", "big"}
    nile = by_text["le Nil"]
    assert (nile["source_label"], nile["source_language"]) == ("Nile", "mul")
    assert by_text["sans anglais"]["source_label"] == ""
