from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exchange.world import Desk, desk


@pytest.fixture
def place(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A store on both databases."""
    with desk(store_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Desk]:
    """A store on SQLite."""
    with desk(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as opened:
        yield opened
