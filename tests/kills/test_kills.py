"""Commands that are killed at random moments lose nothing, double nothing and leave nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import postgres_schema
from tests.kills.killing import kill_all

pytestmark = pytest.mark.slow
KILLS = 6
SOME = ["db upgrade", "harvest dump", "enrich, a model", "export rdf, nt", "jobs run"]


def assert_nothing_is_lost(folder: Path, stores: tuple[str, str]) -> None:
    counts = list(kill_all(folder, stores, KILLS, only=SOME))
    assert [one.name for one in counts] == SOME
    assert not [fault for one in counts for fault in one.faults]
    assert sum(one.tried for one in counts) >= KILLS // 2


def test_killed_processes_lose_nothing_sqlite(tmp_path: Path) -> None:
    stores = [f"sqlite:///{tmp_path / name / 'store.db'}" for name in ("quiet", "killed")]
    assert_nothing_is_lost(tmp_path, (stores[0], stores[1]))


def test_killed_processes_lose_nothing_postgres(tmp_path: Path, postgres: str) -> None:
    with postgres_schema(postgres) as quiet, postgres_schema(postgres) as killed:
        assert_nothing_is_lost(tmp_path, (quiet, killed))
