"""Whatever a server does, each item is answered once, and nothing is invented or deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.misbehaving.asking import enrich, harvest

pytestmark = pytest.mark.slow


def test_each_term_is_answered_once(tmp_path: Path) -> None:
    counts = enrich(tmp_path, 25)
    assert not counts.faults
    assert counts.again == 0 and counts.manners.total() > 30


def test_each_entity_is_fetched_and_none_is_deleted(tmp_path: Path) -> None:
    counts = harvest(tmp_path, 250)
    assert not counts.faults
    assert counts.manners.total() > 5
