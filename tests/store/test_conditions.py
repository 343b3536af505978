"""Conditions on proposals and decisions are answered by the indexes that are made for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from kgenrich.model import Scope, TermKind, is_hard
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.exports import term_rows
from kgenrich.store.story.pending_terms import pending
from kgenrich.store.story.proposals import count_proposals, find_proposal, proposals
from tests.store.test_proposals import proposal, save
from tests.stores import DOUGLAS

LABELS = Scope(("it",), (TermKind.LABEL,))
READERS: dict[str, tuple[Callable[[Store], object], set[str]]] = {
    "the queue": (
        lambda store: list(proposals(store, LABELS, state="open", firsts=True)),
        {"proposals_by_probability", "decisions_current"},
    ),
    "the queue's length": (
        lambda store: count_proposals(store, LABELS, state="open", minimum=0.5),
        {"proposals_by_probability", "decisions_current"},
    ),
    "what is pending": (
        lambda store: pending(store, LABELS),
        {"proposals_by_probability", "decisions_current"},
    ),
    "an export of accepted terms": (
        lambda store: list(term_rows(store, LABELS, states=("accepted",))),
        {"decisions_current"},
    ),
    "an export of proposed terms": (
        lambda store: list(term_rows(store, states=("proposed",))),
        {"proposals_by_term", "decisions_current"},
    ),
    "one proposal": (
        lambda store: find_proposal(store, proposal().candidate.id),
        {"proposals_current"},
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_partial_indexes_are_used(store: Store, reader: str) -> None:
    load_entities(store, [DOUGLAS])
    save(store, proposal())
    read, indexes = READERS[reader]
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    read(store)
    event.remove(store.engine, "before_cursor_execute", note)
    plan = ""
    explain = "EXPLAIN QUERY PLAN" if store.engine.dialect.name == "sqlite" else "EXPLAIN"
    with store.read() as connection:
        if explain == "EXPLAIN":
            # In a table of one row no index is worth while.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            plan += "\n".join(str(row) for row in rows)
    assert all(index in plan for index in indexes), plan
    assert "SCAN decisions" not in plan and "Seq Scan" not in plan, plan


def test_codes_that_forbid(store: Store) -> None:
    assert [is_hard(code) for code in ("E-same", "W-case", "")] == [True, False, False]
    made = [proposal(codes=("W-EAST", "E-same")), proposal("Q1", codes=("W-EAST",))]
    save(store, *made)
    (valid,) = proposals(store, firsts=True)
    assert valid.proposal.candidate.entity == "Q1"
