"""A key goes to the host that is meant, and who is asked is said before it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.model import Entity
from kgenrich.settings import load_settings
from kgenrich.sources.llm.source import LanguageModel
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from tests.asking import make
from tests.server import Reply, Server

names = st.sampled_from(["api.openai.com", "openai.com", "evil.example", "127.0.0.1"])
parts = st.lists(st.sampled_from([".", "-", "x", "/", "?", "#", "%2e", ""]), max_size=2)


@given(names, parts, names)
def test_the_key_of_openai_goes_to_openai_alone(
    first: str, between: list[str], second: str
) -> None:
    host = f"{first}{''.join(between)}{second}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-secret")
        source = make("openai", {"model": "m", "url": f"https://{host}/v1"})
    assert isinstance(source, LanguageModel)
    assert (source.key_env != "") == (source.host == "api.openai.com")


@pytest.mark.parametrize("url", ["https://API.openai.com/v1", "https://api.openai.com:443/v1"])
def test_however_it_is_written(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    source = make("openai", {"model": "m", "url": url})
    assert isinstance(source, LanguageModel) and source.key_env == "OPENAI_API_KEY"


def test_who_said_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[network]\ncontact = "a"\n[sources.openai]\nurl = "https://x"\n', "utf-8")
    monkeypatch.setenv("KGENRICH_NETWORK__CONTACT", "b")
    settings = load_settings(path)
    assert settings.said_by("sources", "openai", "url") == str(path)
    assert settings.said_by("sources", "openai", "key_env") == "the default"
    assert settings.said_by("network", "contact") == "the environment"
    assert settings.said_by("network", "api") == "the default"


@pytest.mark.slow
def test_who_is_asked_is_said_before_it_is(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 's.db'}", create=True)
    load_entities(store, [Entity("Q1", labels={"en": "universe"})])
    store.close()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kgenrich.cli.main", "--config", "my.toml", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"MY_KEY": "sk-secret", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )

    with Server([Reply({"translatedText": "Universo"})] * 9) as server:
        host = server.url.removeprefix("http://")
        (tmp_path / "my.toml").write_text(
            f'store = "s.db"\n[network]\ncontact = "me@example.org"\napi = "{server.url}"\n'
            f'[sources.libretranslate]\nurl = "{server.url}"\nkey_env = "MY_KEY"\n',
            encoding="utf-8",
        )
        enrich = ("enrich", "-l", "it", "-k", "label", "-s", "libretranslate", "--json")
        done = run(*enrich)
        said = f"{host} is asked with the key in MY_KEY, as my.toml says."
        assert done.stderr.count(said) == 1, done.stderr
        report = json.loads(done.stdout)["sources"]["libretranslate"]
        assert (report["host"], report["key_env"]) == (host, "MY_KEY")
        assert "is asked" not in run("--quiet", *enrich).stderr
        asked = run("harvest", "ids", "Q1", "--dry-run").stderr
        assert f"{host} is asked, as my.toml says." in asked
        asked = run("harvest", "ids", "Q1", "--dry-run", "--api", server.url).stderr
        assert f"{host} is asked, as --api says." in asked
