"""A newer dump of real items: exactly what differs is written, asked for again, and told."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import kgenrich
from kgenrich.model import Decision, Entity, Scope, TermKind, Verdict
from kgenrich.resources import resource
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import gaps
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import term_rows
from kgenrich.store.story.pending_terms import overtaken
from kgenrich.store.story.proposals import StoredProposal, proposals
from kgenrich.verbs.knowledge_graph import KnowledgeGraph
from tests.enrich.test_enrich import ITALIAN, Service, run

LINES = gzip.decompress(resource("config/demo/items.json.gz").read_bytes()).splitlines()
DOCUMENTS = [json.loads(line.rstrip(b",")) for line in LINES if len(line) > 2]
ENGLISH = [one for one in DOCUMENTS if "en" in one["labels"]][:300]
LABEL = TermKind.LABEL


def write(path: Path, documents: list[dict[str, Any]]) -> str:
    path.write_text("[\n" + ",\n".join(map(json.dumps, documents)) + "\n]\n", encoding="utf-8")
    return str(path)


def without_italian(document: dict[str, Any]) -> dict[str, Any]:
    labels = {c: t for c, t in document["labels"].items() if c not in ("it", "mul")}
    return {**document, "labels": labels, "lastrevid": 100}


def labelled(document: dict[str, Any], code: str, text: str) -> dict[str, Any]:
    labels = {**document["labels"], code: {"language": code, "value": text}}
    return {**document, "labels": labels, "lastrevid": 200}


def speaks_of(entity: Entity, others: set[str]) -> bool:
    values = {value.value for claims in entity.claims.values() for value in claims}
    return not others.isdisjoint({*entity.classes, *values})


def proposed(store: Store) -> dict[str, StoredProposal]:
    return {row.proposal.candidate.entity: row for row in proposals(store, ITALIAN)}


def test_a_second_dump(tmp_path: Path) -> None:
    """Of 300 items without an Italian label two get one by people, one of them where one was
    accepted; one is renamed in English, one loses a sitelink, three are gone, one is new."""
    first = [without_italian(one) for one in ENGLISH[:-1]]
    new = without_italian(ENGLISH[-1])
    written, accepted, renamed, unlinked = (one["id"] for one in first[:4])
    gone = {one["id"] for one in first[-3:]}
    second = [
        labelled(first[0], "it", "scritto da qualcuno"),
        labelled(first[1], "it", f"{first[1]['labels']['en']['value']} (it)"),
        labelled(first[2], "en", "Another name"),
        {**first[3], "sitelinks": dict([*first[3]["sitelinks"].items()][1:]), "lastrevid": 200},
        *first[4:-3],
        new,
    ]
    with kgenrich.open(tmp_path / "kg.db") as graph:
        graph.harvest_dump(write(tmp_path / "first.json", first))
        store = graph.store
        assert run(store, Service(), ITALIAN).requests == len(first)
        chosen = proposed(store)[accepted].proposal.candidate
        at = "2026-01-01T00:00:00+00:00"
        save_decisions(store, [Decision(chosen.id, Verdict.ACCEPT, "ann", chosen.text, at)])
        before = proposed(store)
        assert [row.state for row in term_rows(store, Scope(ids=(accepted,), languages=("it",)))]

        path = write(tmp_path / "second.json", second)
        told = graph.harvest_dump(path, dry_run=True)
        assert {name: told[name] for name in COUNTS} == COUNTS, "a dry run says so beforehand"
        assert proposed(store) == before
        told = graph.harvest_dump(path)
        assert {name: told[name] for name in COUNTS} == COUNTS

        changed = {written, accepted, renamed, unlinked, new["id"]} | gone
        resting = {
            one.id for one in StoreGraph(store).entities() if speaks_of(one, changed - {unlinked})
        }
        stale = {id for id, row in proposed(store).items() if row.stale}
        assert stale == (changed | resting) - {accepted, new["id"]}
        service = Service()
        missing = {gap.entity for gap in gaps(store, "it", LABEL)}
        run(store, service, ITALIAN)
        assert {entity for entity, _ in service.asked} == {renamed, new["id"]}, "others are known"

        after = proposed(store)
        assert before.keys() - after.keys() == gone | {written}, "they are given up"
        assert after.keys() - before.keys() == {new["id"]}
        assert {id for id in after if after[id].id != before.get(id, after[id]).id} <= {
            renamed,
            unlinked,
        }
        assert not any(row.stale for row in after.values()) and missing <= after.keys()
        assert_asserted(graph, accepted, chosen.text)


COUNTS = {"new": 1, "changed": 4, "unchanged": 292, "gone": 3}


def assert_asserted(graph: KnowledgeGraph, id: str, text: str) -> None:
    """An accepted term that the graph has is asserted, and no edit any more."""
    scope = Scope(("it",), (LABEL,), ids=(id,))
    (row,) = term_rows(graph.store, scope)
    assert (row.text, row.state) == (text, "asserted")
    assert overtaken(graph.store) == {"the graph has the term by now": 1}
    path = graph.settings.store_url().removeprefix("sqlite:///") + ".nt"
    for states, count in (((), 0), (("asserted",), 1)):
        graph.export_provenance(path, languages=("it",), states=states, force=True)
        written = Path(path).read_text(encoding="utf-8")
        assert written.count('state> "asserted"') == count
    (told,) = graph.story(id, languages=("it",))["proposals"]
    assert told["explicit"] is True
