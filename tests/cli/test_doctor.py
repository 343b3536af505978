"""The verb `doctor`: each thing that can be wrong is a line with what to do."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from kgenrich.cli.main import main
from kgenrich.store.migrate import upgrade
from kgenrich.store.tables import HEAD
from tests.server import Reply, Server

Doctor = Callable[..., tuple[int, dict[str, list[dict[str, str]]]]]


@pytest.fixture
def doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    """Runs it in a folder of its own; gives the exit code, and the findings by check."""
    for name in [name for name in os.environ if name.startswith("KGENRICH_")]:
        monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--json"])
        found: dict[str, list[dict[str, str]]] = {}
        for one in json.loads(capsys.readouterr().out)["findings"]:
            found.setdefault(one["check"], []).append(one)
        return int(left.value.code or 0), found

    return run


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user of the machine can enter."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def write_settings(path: Path, **network: Any) -> Path:
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in network.items()]
    path.write_text("".join(["[network]\n", *lines]))
    return path


def test_all_is_well(doctor: Doctor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upgrade(f"sqlite:///{tmp_path / 'store.db'}")
    file = write_settings(
        tmp_path / "mine.toml", contact="https://meta.wikimedia.org/wiki/User:Ann"
    )
    words = ("--config", str(file), "--store", "store.db", "doctor", "--offline")
    code, found = doctor(*words)
    assert code == 0
    assert {one["state"] for check in found.values() for one in check} == {"ok"}
    assert found.keys() == {
        *("versions", "extras", "settings", "contact", "database", "rights", "disk", "sources")
    }
    assert f"state {HEAD}" in found["database"][0]["what"]
    with pytest.raises(SystemExit):
        main(words)
    assert "FAIL" not in capsys.readouterr().out


def test_nothing_is_set_yet(doctor: Doctor) -> None:
    code, found = doctor("--store", "none.db", "doctor")
    assert code == 0
    assert (found["database"][0]["state"], found["contact"][0]["state"]) == ("warn", "warn")
    assert "servers" not in found, "without a contact nobody is asked"
    assert not Path("none.db").exists()


def test_settings_that_cannot_be_read_are_a_finding(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "kgenrich.toml").write_text("languages = [")
    code, found = doctor("doctor")
    assert code == 1 and "cannot be read" in found["settings"][0]["what"]


def test_a_file_that_is_not_trusted(doctor: Doctor, tmp_path: Path) -> None:
    write_settings(tmp_path / "kgenrich.toml", api="https://elsewhere.test/api.php")
    code, found = doctor("doctor", "--offline")
    (settings,) = found["settings"]
    assert (code, settings["state"]) == (0, "warn")
    assert "network.api" in settings["what"] and "config trust" in settings["advice"]


@pytest.mark.parametrize(
    ("contact", "state"),
    [
        ("ann@example.org", "warn"),
        ("Ann", "warn"),
        ("ann@mail.test", "ok"),
        ("User:Ann on de.wikipedia.org", "ok"),
    ],
)
def test_a_contact_that_operators_can_use(
    doctor: Doctor, tmp_path: Path, contact: str, state: str
) -> None:
    file = write_settings(tmp_path / "mine.toml", contact=contact)
    _, found = doctor("--config", str(file), "doctor", "--offline")
    assert found["contact"][0]["state"] == state


def test_a_store_of_another_state_or_none(doctor: Doctor, tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'old.db'}", "0003")
    code, found = doctor("--store", "old.db", "doctor", "--offline")
    assert code == 1 and "db upgrade" in found["database"][0]["advice"]
    (tmp_path / "notes.db").write_text("what is no database at all\n" * 100)
    code, found = doctor("--store", "notes.db", "doctor", "--offline")
    assert code == 1 and "is not a database" in found["database"][0]["what"]
    gone = "postgresql://ann:hush@127.0.0.1:1/kg"
    code, found = doctor("--store", gone, "doctor", "--offline")
    (database,) = found["database"]
    assert code == 1 and "cannot be reached" in database["what"] and "hush" not in str(found)


def test_what_others_may_read_and_write(doctor: Doctor, reachable: Path, tmp_path: Path) -> None:
    store, file = reachable / "store.db", reachable / "mine.toml"
    upgrade(f"sqlite:///{store}")
    write_settings(file, contact="ann@mail.test")
    secrets = tmp_path / "home" / "kgenrich" / "secrets.env"
    secrets.parent.mkdir(parents=True)
    secrets.write_text("DEEPL_KEY=x")

    def found(*modes: int) -> list[str]:
        for path, mode in zip((store, file, secrets), modes, strict=True):
            path.chmod(mode)
        words = ("--config", str(file), "--store", str(store), "doctor", "--offline")
        return [f"{one['state']} {one['advice']}" for one in doctor(*words)[1]["rights"]]

    assert found(0o600, 0o644, 0o600) == ["ok "]
    assert found(0o644, 0o644, 0o600) == [f"warn If that is not meant: chmod o-r {store}"]
    assert found(0o666, 0o644, 0o600) == [f"fail chmod o-w {store}"]
    assert found(0o600, 0o664, 0o600) == [f"fail chmod go-w {file}"]
    assert found(0o600, 0o644, 0o640) == [f"fail chmod 600 {secrets}"]
    file.write_text('store = "postgresql://ann:secret@127.0.0.1/kg"')
    assert f"fail chmod 600 {file}" in found(0o600, 0o644, 0o600)
    # Nobody comes to a file in a folder of one's own.
    reachable.chmod(0o700)
    assert found(0o644, 0o644, 0o600) == ["ok "]


def test_sources_that_lack_something(doctor: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('disabled = ["brave"]\n[sources.deepl]\n[sources.brave]\n')
    code, found = doctor("--config", str(file), "doctor", "--offline")
    ready, lacking = found["sources"]
    assert code == 0 and "names" in ready["what"]
    assert lacking["state"] == "warn" and lacking["what"].startswith("deepl ")


def test_servers_are_asked_once_and_their_clocks_are_compared(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", "s3cret")
    late = format_datetime(datetime.now(UTC) + timedelta(minutes=7), usegmt=True)
    with (
        Server([Reply(status=404)]) as api,
        Server([Reply(status=302, headers={"Date": late, "Location": "/"})]) as endpoint,
        Server([Reply(mute=True)]) as model,
    ):
        file = write_settings(
            tmp_path / "mine.toml",
            contact="ann@mail.test",
            api=f"{api.url}/api.php",
            endpoint=f"{endpoint.url}/sparql",
        )
        source = f'use = "openai"\nurl = "{model.url}/v1"\nmodel = "m"\nkey_env = "TINY_KEY"\n'
        file.write_text(f"{file.read_text()}[sources.tiny]\n{source}")
        code, found = doctor("--config", str(file), "doctor")
        doctor("--config", str(file), "doctor", "--offline")
        asked = [(one.method, one.path) for server in (api, endpoint) for one in server.asked]
        sent = [one.headers for server in (api, endpoint, model) for one in server.asked]
    assert asked == [("HEAD", "/api.php"), ("HEAD", "/sparql")]
    assert all("ann@mail.test" in headers["user-agent"] for headers in sent)
    assert len(sent) == 3 and "s3cret" not in str(sent)
    first, second, third = found["servers"]
    assert (code, first["state"], "answers 404" in first["what"]) == (0, "ok", True)
    assert second["state"] == "warn" and "s behind its own" in second["what"]
    assert 400 < float(second["what"].split("clock is ")[1].split(" ")[0]) < 440
    assert third["state"] == "warn" and "could not be reached" in third["what"]
