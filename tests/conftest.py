"""Shared fixtures: real data, real databases."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import postgres_schema

if TYPE_CHECKING:
    from kgenrich.store.base import Store

ROOT = Path(__file__).parent.parent

# Time is measured in benchmarks; on a busy machine a deadline only makes a test flaky. The examples
# are the same in each run: what passed yesterday fails today only for what was changed.
# `pytest --hypothesis-profile=search` tries new ones.
search = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", search)
settings.register_profile("steady", search, derandomize=True)
settings.load_profile("steady")

# A run in the background ignores Ctrl-C, and so would the processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is too large or not licensed to be shipped."""
    path = Path(os.environ.get("KGENRICH_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no data folder at {path}: set KGENRICH_SHARED_DATA to run this test")
    return path


@pytest.fixture(scope="session")
def postgres() -> str:
    """The URL of a PostgreSQL database in which tests may make and drop schemas."""
    url = os.environ.get("KGENRICH_TEST_POSTGRES")
    if not url:
        pytest.skip("no PostgreSQL: set KGENRICH_TEST_POSTGRES=postgresql://... to run this test")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that does not hold a store yet: a file, then a schema of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    with postgres_schema(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store on SQLite, then on PostgreSQL."""
    from kgenrich.store.opening import open_store

    opened = open_store(store_url, create=True)
    yield opened
    opened.close()
