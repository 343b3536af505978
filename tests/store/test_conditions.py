"""What conditions on proposals and decisions mean."""

from __future__ import annotations

from kgenrich.model import is_hard
from kgenrich.store.base import Store
from kgenrich.store.story.proposals import proposals
from tests.store.test_proposals import proposal, save


def test_codes_that_forbid(store: Store) -> None:
    assert [is_hard(code) for code in ("E-same", "W-case", "")] == [True, False, False]
    made = [proposal(codes=("W-EAST", "E-same")), proposal("Q1", codes=("W-EAST",))]
    save(store, *made)
    (valid,) = proposals(store, firsts=True)
    assert valid.proposal.candidate.entity == "Q1"
