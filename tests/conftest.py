"""Shared fixtures: real data, real databases."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is too large or not licensed to be shipped."""
    path = Path(os.environ.get("KGENRICH_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no data folder at {path}: set KGENRICH_SHARED_DATA to run this test")
    return path
