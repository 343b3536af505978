"""Settings: defaults, file, environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgenrich.errors import UsageError
from kgenrich.resources import resource
from kgenrich.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests."""
    for name in ("KGENRICH_CONFIG", "KGENRICH_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_shipped_file_says_the_defaults() -> None:
    shipped = load_settings(resource("config/kgenrich.toml"))
    assert shipped.model_dump() == Settings().model_dump()


def test_a_file_in_the_working_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "kgenrich.toml").write_text('languages = ["it"]\n[sources.names]\nsample = 5\n')
    settings = load_settings()
    assert settings.languages == ("it",)
    assert settings.sources["names"]["sample"] == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("languages = 5", "languages"),
        ("[network]\nretries = -1", "network.retries"),
        ("[network]\nnope = 1", "network.nope"),
        ("not toml at all [", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        load_settings(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("store", "url"),
    [
        ("graph.db", "sqlite:///graph.db"),
        ("postgres://ann@host/kg", "postgresql+psycopg://ann@host/kg"),
        ("postgresql://ann@host/kg", "postgresql+psycopg://ann@host/kg"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_a_store_is_a_path_or_a_url(store: str, url: str) -> None:
    assert Settings(store=store).store_url() == url


def test_the_digest_covers_what_changes_results_and_nothing_else() -> None:
    plain = Settings()
    assert Settings(store="elsewhere.db").digest() == plain.digest()
    assert Settings(network={"contact": "me@example.org"}).digest() == plain.digest()
    assert Settings(consensus={"coverage_votes": 3}).digest() != plain.digest()
    assert Settings(sources={"names": {"sample": 1}}).digest() != plain.digest()
