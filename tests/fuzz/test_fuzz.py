"""No odd part of what others write makes a fault, loses a neighbour or takes for ever."""

from __future__ import annotations

import pytest

from tests.fuzz import engines as engines  # Registers its readers.
from tests.fuzz import glossaries as glossaries  # And so does this.
from tests.fuzz.readers import READERS
from tests.fuzz.rounds import fuzz

pytestmark = pytest.mark.slow
ROUNDS = 20


@pytest.mark.parametrize("name", READERS)
def test_an_odd_part_costs_itself(name: str) -> None:
    counts = fuzz(name, ROUNDS)
    assert counts.tried == ROUNDS
    assert not counts.faults
    assert not counts.lost
    assert counts.slowest < 20
