"""A settings file that merely lies in the working directory gives no orders until it is trusted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kgenrich
from kgenrich import trust
from kgenrich.errors import UsageError
from kgenrich.settings import Settings, load_settings, read_file

HOSTILE = """
store = "postgresql://me:secret@evil.example/x"
languages = ["it"]
encoder = "models/evil"

[network]
contact = "me@example.org"
api = "https://evil.example/api.php"
requests_per_minute = 1000000.0

[sources.names]
sample = 5

[sources.apertium]
modes = "modes"

[sources.chat]
use = "openai"
url = "https://evil.example"
key_env = "AWS_SECRET_ACCESS_KEY"

[sources.libretranslate]
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The working directory, with a home beside it and no settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith(("KGENRICH_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def lying(text: str = HOSTILE) -> Path:
    path = Path("kgenrich.toml")
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_harmless_is_taken_and_all_else_is_named() -> None:
    lying()
    settings = load_settings()
    assert settings.languages == ("it",)
    assert settings.network.contact == "me@example.org"
    assert settings.sources == {"names": {"sample": 5}}, "a source is taken whole or not at all"
    plain = Settings()
    assert (settings.encoder, settings.network.api) == (plain.encoder, plain.network.api)
    assert settings.file is not None and list(settings.file.withheld) == [
        "store",
        "encoder",
        "network.api",
        "network.requests_per_minute",
        "sources.apertium.modes",
        "sources.chat.use",
        "sources.chat.url",
        "sources.chat.key_env",
        "sources.libretranslate",
    ]
    assert "kgenrich config trust" in settings.file.remark()


def test_a_store_that_is_not_taken_is_no_other_store() -> None:
    lying()
    with pytest.raises(UsageError, match="kgenrich config trust"):
        load_settings().store_url()
    assert load_settings(store="mine.db").store_url() == "sqlite:///mine.db"


def test_a_setting_that_there_is_not_is_no_order_of_a_folder() -> None:
    """It may be of a newer version; whoever trusts the file is told."""
    path = lying('store = "a.db"\nnew = 1\n[target]\nlicence = "CC0-1.0"\nnewer = 1\n')
    settings = load_settings()
    assert settings.target.licence == "CC0-1.0" and settings.file is not None
    assert [*settings.file.withheld] == ["new", "target.newer"]
    with pytest.raises(UsageError, match="new"):
        load_settings(path)


def test_trust_holds_for_the_path_and_the_very_content(folder: Path, tmp_path: Path) -> None:
    path = lying()
    trust.trust(path, read_file(path)[0])
    assert load_settings().network.api == "https://evil.example/api.php"
    (record,) = (tmp_path / "home").rglob("trusted/*")
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700

    lying(HOSTILE + "#\n")
    changed = load_settings()
    assert changed.encoder == ""
    assert changed.file is not None and "changed since" in changed.file.remark()

    lying()
    assert load_settings().encoder
    assert trust.untrust(path) and not trust.untrust(path)
    assert not load_settings().encoder

    trust.trust(path, read_file(path)[0])
    other = tmp_path / "other"
    other.mkdir()
    os.chdir(other)
    lying()
    assert not load_settings().encoder, "another path"
    Path("kgenrich.toml").unlink()
    Path("kgenrich.toml").symlink_to(folder / "kgenrich.toml")
    assert not load_settings().encoder, "a link to it stands in another folder"


@pytest.mark.parametrize("named", ["option", "environment", "user's folder"])
def test_a_file_that_the_user_names_is_his_word(
    named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = lying()
    if named == "environment":
        monkeypatch.setenv("KGENRICH_CONFIG", str(path))
    elif named == "user's folder":
        usual = tmp_path / "home" / ".config" / "kgenrich" / "kgenrich.toml"
        usual.parent.mkdir(parents=True)
        path.rename(usual)
    settings = load_settings(path if named == "option" else None)
    assert settings.encoder == "models/evil"
    assert settings.file is not None and not settings.file.withheld


def every_setting() -> set[str]:
    """The dotted names of all settings; of sources those in the documentation."""
    names = set()
    for name, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        names |= {f"{name}.{one}" for one in inner} if inner else {name}
    return names


def test_every_setting_was_judged() -> None:
    """Whoever adds a setting says here whether it is an order; left out, it is one."""
    orders = {
        "encoder",
        "jobs",
        "sources",
        "network.api",
        "network.endpoint",
        "network.stream",
        "network.concurrency",
    }
    orders |= {"network.requests_per_minute", "network.max_answer_bytes"}
    # Whom something is sent to, and what: never by a file that happens to lie in a folder.
    orders |= {name for name in every_setting() if name.startswith("publish.")}
    harmless = {name for name in trust.HARMLESS.split() if not name.startswith("sources.")}
    assert harmless | orders == every_setting()
    assert not harmless & orders


keys = st.text(max_size=8) | st.sampled_from(
    [part for name in trust.HARMLESS.split() for part in name.split(".")]
    + ["sources.names", "names.minimum", "use", "url", "key_env", "modes", "model", "corpus"]
)
values = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_whatever_a_file_says_only_what_is_on_the_list_is_left(said: dict[str, Any]) -> None:
    orders = trust.orders(said, Path())
    left = trust.without(said, orders)
    known = {tuple(name.split(".")) for name in trust.HARMLESS.split()}

    def leaves(table: dict[str, Any], above: tuple[str, ...] = ()) -> None:
        for name, value in table.items():
            here = (*above, name)
            if isinstance(value, dict) and value:
                leaves(value, here)
            elif not (isinstance(value, dict) and said_of(here)):
                assert here in known

    def said_of(here: tuple[str, ...]) -> bool:
        """Whether a table became empty here only by losing what was in it."""
        value: Any = said
        for name in here:
            value = value[name]
        return bool(value)

    leaves(left)
    for names in orders:
        if names[0] == "sources" and len(names) > 1:
            assert names[1] not in left.get("sources", {})


@given(
    st.lists(st.sampled_from(["..", ".", "a", "link", "~", "/", "sqlite:", "", "b.db"]), min_size=1)
)
def test_a_store_of_a_file_leads_nowhere_outside_of_its_folder(parts: list[str]) -> None:
    link = Path("link")
    if not link.is_symlink():
        link.symlink_to("/tmp")
    name = "/".join(parts)
    if not trust.orders({"store": name}, Path()):
        url = Settings(store=name).store_url()
        if name:
            place = Path(url.removeprefix("sqlite:///")).resolve()
            assert place.is_relative_to(Path.cwd())


@pytest.mark.parametrize(
    "store",
    [
        "postgresql://evil.example/x",
        "sqlite:////etc/x.db",
        "sqlite:///x.db?uri=true",
        "sqlite://",
        "../x.db",
        "~/x.db",
        "file:x.db",
        "sqlite+pysqlite:///x.db",
        "mysql:x",
        "a\0b",
    ],
)
def test_other_stores_are_orders(store: str) -> None:
    assert trust.orders({"store": store}, Path())


def test_python_is_warned() -> None:
    lying()
    with pytest.warns(UserWarning, match="not trusted"):
        kgenrich.open("mine.db").close()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kgenrich.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(kgenrich.__file__).parents[1])},
    )


@pytest.mark.slow
def test_the_commands() -> None:
    lying()
    shown = json.loads(run("--quiet", "config", "show", "--json").stdout)
    assert shown["settings"]["encoder"] == ""
    assert shown["withheld"]["sources.chat.key_env"] == "AWS_SECRET_ACCESS_KEY"
    told = run("--quiet", "db", "info")
    assert told.returncode == 2
    assert "Not taken from it: store, encoder" in " ".join(told.stderr.split()), "quiet or not"

    trusted = run("config", "trust")
    assert trusted.returncode == 0
    assert "sources.chat.url = 'https://evil.example'" in trusted.stdout
    assert json.loads(run("config", "--json").stdout)["withheld"] == {}
    assert not run("config").stderr
    assert "no longer" in run("config", "untrust").stdout
    assert json.loads(run("config", "show", "--json").stdout)["withheld"]

    lying("languages = 5\n")
    assert run("config", "trust").returncode == 2, "what is wrong is not trusted"
    assert run("config", "trust", "none.toml").returncode == 2
