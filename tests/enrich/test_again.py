"""A later run asks of what was changed alone, and ends where one from nothing would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.consensus.validators import validate
from kgenrich.enrich.run import EnrichCounts, enrich
from kgenrich.model import (
    Candidate,
    Entity,
    Evidence,
    Scope,
    SourceKind,
    TermKind,
    TermRequest,
    Value,
)
from kgenrich.settings import Target
from kgenrich.sources.base import FreeSource, Graph
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph, taken_in
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import proposals

LABEL, DESCRIPTION = TermKind.LABEL, TermKind.DESCRIPTION
SCOPE = Scope(("it",), (LABEL, DESCRIPTION))
CLASS = {"P31"}


class Neighbour(FreeSource):
    """Says what an entity is called and is by what is said of those around it: it reads all that
    the shipped sources read."""

    name, kind, licence = "neighbour", SourceKind.GRAPH, "CC0-1.0"

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.asked: list[str] = []

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        entity = request.entity
        self.asked.append(entity.id)
        score = 0.9 - 0.05 * len(entity.sitelinks)
        if request.kind is LABEL:
            if name := entity.labels.get("en"):
                yield self.say(request, name.lower(), score)
            return
        around = [*entity.classes, *(v.value for v in entity.claims.get("P17", ()))]
        labels = self.graph.labels([*around, *self.above(entity.classes)], ("it", "en"))
        words = [labels[one].get("it", labels[one].get("en", "")) for one in labels]
        if words:
            yield self.say(request, " ".join(words).lower(), score)

    def above(self, classes: Iterable[str]) -> list[str]:
        """The classes that these are subclasses of, the next and those above them."""
        found: list[str] = []
        for _ in range(5):
            read = self.graph.entities(classes)
            classes = [v.value for one in read for v in one.claims.get("P279", ())]
            found += [one for one in classes if one not in found]
        return found

    def say(self, request: TermRequest, text: str, score: float) -> Candidate:
        return request.candidate(text, Evidence(self.name, self.kind, score=score))


def ask(store: Store, **more: Any) -> tuple[EnrichCounts, list[str]]:
    """An enrich run with everything of its own; what was asked of which entities."""
    source = Neighbour(StoreGraph(store))
    rules = partial(validate, target=Target(), taken=taken_in(store))
    consensus = Consensus(PoolRanker(), rules, minimum=0.05)
    told = {"hierarchy": ["P279"], "batch": 3, **more}
    counts, _ = enrich(store, [source], consensus, SCOPE, "hash", **told)
    return counts, sorted(set(source.asked))


def proposed(store: Store) -> list[tuple[Any, ...]]:
    """What is proposed now and can be decided on, to the letter, but for times and runs."""
    rows = proposals(store, state="open")
    return sorted((row.id, repr(row.proposal), row.stale) for row in rows)


WORDS = st.sampled_from(["Lake", "River", "Sea", ""])
IDS = [f"Q{number}" for number in range(1, 8)]
VALUES = st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(tuple)


def terms(word: str) -> dict[str, str]:
    return {"en": word} if word else {}


@st.composite
def entities(draw: st.DrawFn) -> Entity:
    """An entity of a graph so small that what is said of one shows in others."""
    of, under, where = draw(VALUES), draw(VALUES), draw(VALUES)
    italian = draw(st.sampled_from(["", "", "Lago", "lake"]))
    claims = {"P31": of, "P279": under, "P17": where}
    return Entity(
        draw(st.sampled_from(IDS)),
        labels=terms(draw(WORDS)) | ({"it": italian} if italian else {}),
        descriptions={"it": told} if (told := draw(st.sampled_from(["", "", "lake"]))) else {},
        classes=of,
        claims={p: tuple(Value("entity", v) for v in vs) for p, vs in claims.items() if vs},
        sitelinks=dict.fromkeys(draw(st.sets(st.sampled_from(["awiki", "bwiki"]))), "x"),
        deleted=draw(st.sampled_from([False] * 5 + [True])),
    )


GRAPHS = st.lists(st.lists(entities(), min_size=1, max_size=4), min_size=1, max_size=5)


@given(GRAPHS)
@settings(max_examples=20, deadline=None)
def test_any_edits_between_runs_end_where_one_run_from_nothing_does(
    loads: Sequence[Sequence[Entity]],
) -> None:
    last: dict[str, Entity] = {}
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'edited.db'}", create=True)
        for revision, load in enumerate(loads, 1):
            current = [replace(entity, revision=revision) for entity in load]
            for entity in current:
                load_entities(store, [entity], live=True)
                last[entity.id] = entity
            ask(store)
        fresh = open_store(f"sqlite:///{Path(folder) / 'fresh.db'}", create=True)
        load_entities(fresh, list(last.values()))
        ask(fresh)
        assert proposed(store) == proposed(fresh)
        counts, asked = ask(store)
        assert (counts.requests, asked) == (0, []), "nothing was changed"
        store.close()
        fresh.close()
