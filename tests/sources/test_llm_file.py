"""Recorded answers of language models as sources, up to proposals: real output of real models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import VoteRanker
from kgenrich.enrich.run import enrich
from kgenrich.errors import InputError, SourceStopped
from kgenrich.evaluate.wikikge.benchmark import coverage
from kgenrich.evaluate.wikikge.benchmark_folder import MODELS, load
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.proposals import proposals
from tests.asking import APPLE, DESCRIPTION, ask, fingerprint, make, texts, want

pytestmark = pytest.mark.slow


def recorded(folder: Path, *rows: object, model: str = "gpt-4", language: str = "it") -> Path:
    path = folder / f"{language}.{model}.json"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return folder


def test_the_names_come_in_their_order_without_repetitions(tmp_path: Path) -> None:
    row = {"wikidata_id": "Q312", "values": [[1, "Mela", True], [1, "Mela", False], [1, "M.", 0]]}
    row["values"][2][2] = False  # type: ignore[index]
    folder = recorded(tmp_path, row)
    source = make("llm-file", {"folder": str(folder), "model": "gpt-4", "licence": "CC0-1.0"})
    (got,) = ask(source, want(APPLE))
    assert texts(got) == ["Mela", "M."]
    assert [c.evidence[0].rank for c in got.candidates] == [1, 2]
    assert got.call is None and fingerprint(source, want(APPLE)) == ""
    nothing = ask(source, want(APPLE, "fr"), want(APPLE, kind=DESCRIPTION))
    assert all(one.candidates == () and not one.failure for one in nothing)


def test_what_is_missing_or_broken_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceStopped, match="option folder"):
        make("llm-file")
    with pytest.raises(SourceStopped, match="no file"):
        make("llm-file", {"folder": str(tmp_path), "model": "gpt-5"})
    (tmp_path / "it.gpt-4.json").write_text('{"wikidata_id": "Q1", "values": [[1]]}\n', "utf-8")
    source = make("llm-file", {"folder": str(tmp_path), "model": "gpt-4"})
    with pytest.raises(InputError, match="line 1"):
        ask(source, want(APPLE))


def test_three_recorded_models_are_enriched_and_scored(store: Store, shared_data: Path) -> None:
    folder = shared_data / "wikikge10"
    items = load(folder)["it"]
    load_entities(store, [Entity(item.id, classes=("Q35120",)) for item in items])
    sources = [
        make("llm-file", {"folder": str(folder / "gpt"), "model": model}, name=model)
        for model in MODELS
    ]
    consensus = Consensus(VoteRanker(), lambda request, text: ())
    wanted = Scope(("it",), (TermKind.LABEL,))
    counts, collector = enrich(store, sources, consensus, wanted, "hash")
    assert counts.requests == len(items) and not collector.stopped and not collector.failures

    votes: dict[str, list[str]] = {}
    for stored in proposals(store):
        assert stored.proposal.score <= 2
        if stored.proposal.probability == 1:
            votes.setdefault(stored.proposal.candidate.entity, []).append(
                stored.proposal.candidate.text
            )
    by_hand = []
    for item in items:
        lists = [{_key(name) for name in names} for names in item.models.values()]
        shared = set.intersection(*lists) if len(lists) == 3 else set()
        by_hand.append(shared - {""})
    mine = [{_key(name) for name in votes.get(item.id, ())} for item in items]
    assert mine == by_hand, "the vote of three models is what they agree on"
    assert coverage(items, [votes.get(item.id, ()) for item in items]).f1 > 45


def _key(name: str) -> str:
    from kgenrich.text import vote_key

    return vote_key(name)
