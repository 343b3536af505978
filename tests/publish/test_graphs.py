"""Publishing into a graph in RDF: by SPARQL Update, as its own vocabulary says things."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kgenrich.model import TermKind
from kgenrich.settings import Network, Publish, Settings
from kgenrich.store.base import Store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.reviewers import add_reviewer
from kgenrich.verbs import publish
from kgenrich.verbs.harvest import RdfOptions, harvest_rdf
from kgenrich.verbs.publish import BatchOptions, PlanOptions, StatusOptions
from kgenrich.verbs.workspace import Workspace
from tests.publish.world import ALIAS, LABEL, accepted, proposed, workspace_on
from tests.server import Asked, Reply, Server

SOURCE = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <http://example.org/> .
ex:fever a skos:Concept ; skos:prefLabel "fever"@en, "Febre"@pt-BR ; skos:altLabel "pyrexia"@en .
ex:cough a skos:Concept ; skos:prefLabel "cough"@en ; skos:definition "What one coughs."@en .
"""
FEVER, COUGH = "http://example.org/fever", "http://example.org/cough"
SKOS = "http://www.w3.org/2004/02/skos/core#"


class Graph:
    """A SPARQL endpoint over a store of its own, that fails where it is told to."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.store.load(SOURCE.encode(), format=ox.RdfFormat.TURTLE)
        self.faults: list[str] = []
        self.updates = 0
        self.meanwhile = ""

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != "Basic " + b64encode(b"ada:secret").decode():
            return Reply("Who are you?", 401, type="text/plain")
        text = asked.body.decode()
        if asked.headers["content-type"] == "application/sparql-query":
            found = self.store.query(text)
            out = BytesIO()
            found.serialize(out, format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]
            return Reply(out.getvalue(), type="application/sparql-results+json")
        assert asked.headers["content-type"] == "application/sparql-update"
        if self.meanwhile:
            self.store.update(self.meanwhile)
            self.meanwhile = ""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost":
            return Reply(mute=True)
        self.store.update(text)
        self.updates += 1
        return Reply(mute=True) if fault == "unanswered" else Reply("", 204)

    def said(self, subject: str) -> set[tuple[str, str]]:
        """Short predicate and literal, as text with its tag."""
        return {
            (quad.predicate.value.removeprefix(SKOS), f"{quad.object.value}@{quad.object.language}")
            for quad in self.store.quads_for_pattern(ox.NamedNode(subject), None, None)
            if isinstance(quad.object, ox.Literal)
        }


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def workspace(
    store: Store, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    monkeypatch.setenv("KGENRICH_SPARQL_USER", "ada")
    monkeypatch.setenv("KGENRICH_SPARQL_PASSWORD", "secret")
    (tmp_path / "source.ttl").write_text(SOURCE, encoding="utf-8")
    with Server(graph.answer) as server:
        given: dict[str, Any] = {"edits_per_minute": 1e9, "settle": 0.0}
        settings = Settings(  # type: ignore[call-arg]
            network=Network(contact="t@example.org", requests_per_minute=1e9, retries=1),  # type: ignore[call-arg]
            publish=Publish(sparql=f"{server.url}/update", **given),
        )
        with workspace_on(store, settings) as workspace:
            harvest_rdf(workspace, RdfOptions(file=str(tmp_path / "source.ttl")))
            accept(
                store,
                (FEVER, "fr", LABEL, "fièvre"),
                (FEVER, "fr", ALIAS, "pyrexie"),
                (COUGH, "fr", LABEL, "toux"),
                (COUGH, "fr", TermKind.DEFINITION, "Ce que l'on tousse."),
            )
            yield workspace


def accept(store: Store, *terms: Any, replaces: str = "") -> None:
    made = [proposed(term, replaces=replaces) for term in terms]
    save_proposals(store, 1, made, {})
    save_decisions(store, [accepted(one) for one in made])
    if not replaces:
        add_reviewer(store, "bea", "t", "en", "fr,pt-br")


def planned(workspace: Workspace) -> str:
    return publish.plan(workspace, PlanOptions(author="owner", allowed=("unknown",))).batch


def sent(workspace: Workspace, batch: str) -> publish.SentReport:
    return publish.run(workspace, BatchOptions(batch=batch))


NEW = {
    FEVER: {("prefLabel", "fièvre@fr"), ("altLabel", "pyrexie@fr")},
    COUGH: {("prefLabel", "toux@fr"), ("definition", "Ce que l'on tousse.@fr")},
}


def test_new_terms_are_said_as_the_graph_says_others_and_taken_back(
    workspace: Workspace, graph: Graph
) -> None:
    before = {id: graph.said(id) for id in NEW}
    batch = planned(workspace)
    assert sent(workspace, batch).terms == {"written": 4} and graph.updates == 2
    assert {id: graph.said(id) - before[id] for id in NEW} == NEW
    publish.revert(workspace, BatchOptions(batch=batch))
    assert {id: graph.said(id) for id in NEW} == before


@pytest.mark.parametrize("fault", ["lost", "unanswered"])
def test_what_may_have_arrived_is_looked_for(
    workspace: Workspace, graph: Graph, fault: str
) -> None:
    batch = planned(workspace)
    graph.faults = [fault]
    assert sent(workspace, batch).terms == {"written": 4} and graph.updates == 2
    assert graph.said(FEVER) >= NEW[FEVER]


def test_what_others_wrote_meanwhile_stays(workspace: Workspace, graph: Graph) -> None:
    batch = planned(workspace)
    # After it was read and before the update arrives.
    graph.meanwhile = f'INSERT DATA {{ <{FEVER}> <{SKOS}prefLabel> "Fièvre"@FR }}'
    report = sent(workspace, batch)
    assert report.terms == {"written": 3, "taken": 1}
    labels = {text for predicate, text in graph.said(FEVER) if predicate == "prefLabel"}
    assert {text.lower() for text in labels} == {"fever@en", "febre@pt-br", "fièvre@fr"}
    assert len(labels) == 3
    rows = publish.status(workspace, StatusOptions(batch=batch))
    assert "has “Fièvre” by now" in next(row["reason"] for row in rows if row["state"] == "taken")


def test_a_label_that_is_replaced_keeps_its_tag(workspace: Workspace, graph: Graph) -> None:
    accept(workspace.store, (FEVER, "pt-br", LABEL, "febre"), replaces="Febre")
    batch = planned(workspace)
    assert sent(workspace, batch).terms == {"written": 5}
    assert ("prefLabel", "febre@pt-br") in graph.said(FEVER)
    assert ("prefLabel", "Febre@pt-br") not in graph.said(FEVER)
    publish.revert(workspace, BatchOptions(batch=batch))
    assert ("prefLabel", "Febre@pt-br") in graph.said(FEVER)
    assert NEW[FEVER].isdisjoint(graph.said(FEVER))
