"""A scope narrows whatever is read in the same way: by language, kind, class and id."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from kgenrich.enrich.plan import batches
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import coverage, gaps
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import provenance_rows, term_rows
from kgenrich.store.story.pending_terms import overtaken, pending
from kgenrich.store.story.proposals import count_proposals, proposals
from tests.store.test_proposals import decision, proposal, save
from tests.stores import DOUGLAS, THING

LABEL = TermKind.LABEL
UNIVERSE = Entity("Q1", labels={"en": "universe"}, classes=("Q36906466",))
READERS: dict[str, Callable[[Store, Scope], Collection[str]]] = {
    "gaps": lambda store, scope: [gap.entity for gap in gaps(store, "fr", LABEL, scope)],
    "the plan": lambda store, scope: [
        request.entity.id
        for batch in batches(store, Scope(("fr",), (LABEL,), scope.class_id, scope.ids))
        for request in batch.requests
    ],
    "terms": lambda store, scope: {row.entity for row in term_rows(store, scope)},
    "stories": lambda store, scope: {row.term.entity for row in provenance_rows(store, scope)},
    "proposals": lambda store, scope: {
        stored.proposal.candidate.entity for stored in proposals(store, scope)
    },
}
THEIRS = {
    "Q42": Scope(ids=("Q42",)),
    "Q42 in Q5": Scope(class_id="Q5", ids=("Q42", "Q1")),
    "Q1": Scope(class_id="Q36906466"),
    THING.id: Scope(ids=(THING.id, "Q999999")),
}


@pytest.fixture
def filled(store: Store) -> Store:
    """Three entities, each with a proposal of a French label and an accepted Italian alias."""
    load_entities(store, [DOUGLAS, UNIVERSE, THING])
    ids = [entity.id for entity in (DOUGLAS, UNIVERSE, THING)]
    waiting = [proposal(id, "nom", "fr") for id in ids]
    accepted = [proposal(id, "nome", "it", TermKind.ALIAS) for id in ids]
    save(store, *waiting, *accepted)
    save_decisions(store, [decision(one) for one in accepted])
    return store


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("wanted", THEIRS)
def test_it_narrows_to_entities(filled: Store, reader: str, wanted: str) -> None:
    assert list(READERS[reader](filled, THEIRS[wanted])) == [wanted.split(" in ")[0]]


def test_it_narrows_counts(filled: Store) -> None:
    one = Scope(("fr",), (LABEL,), ids=("Q42",))
    assert pending(filled, one)["fr", LABEL].proposed == 1
    assert pending(filled, Scope(("fr",), (LABEL,)))["fr", LABEL].proposed == 3
    assert count_proposals(filled, one) == 1 and count_proposals(filled) == 6
    (row,) = coverage(filled, Scope(("it",), (LABEL,), "Q5", ("Q42",)))
    assert (row.entities, row.missing) == (1, 1)


@pytest.mark.slow
def test_it_takes_more_ids_than_a_statement_takes_parameters(filled: Store) -> None:
    many = Scope(ids=(*(f"Q{number}" for number in range(2, 100_000)), THING.id))
    for read in READERS.values():
        assert set(read(filled, many)) == {"Q42", THING.id}
    assert count_proposals(filled, many) == 4 and overtaken(filled, many) == {}
    assert pending(filled, many)["fr", LABEL].proposed == 2
    (row,) = coverage(filled, Scope(("it",), (LABEL,), ids=many.ids))
    assert row.entities == 2
