"""The verb `db`: make, look, check, and take away again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgenrich.cli.main import main
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.tables import HEAD
from tests.stores import DOUGLAS


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    shown = capsys.readouterr()
    return int(left.value.code or 0), shown.out, shown.err


def test_from_nothing_to_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my.db"
    store = ("--store", str(path))
    code, _, told = run(capsys, *store, "db", "info")
    assert code == 1 and "kgenrich db upgrade" in told and not path.exists()
    assert run(capsys, *store, "db", "upgrade")[:2] == (
        0,
        f"sqlite:///{path} is now in the state {HEAD}.\n",
    )
    assert "up to date" in run(capsys, *store, "db", "upgrade")[1]
    opened = open_store(f"sqlite:///{path}")
    load_entities(opened, [DOUGLAS])
    opened.close()
    shown = json.loads(run(capsys, *store, "db", "info", "--json")[1])
    assert shown["entities"] == 1 and shown["labels"] == 3
    assert "entities" in run(capsys, *store, "db", "info")[1]
    assert run(capsys, *store, "db", "check") == (0, f"sqlite:///{path} is sound.\n", "")
    code, _, told = run(capsys, *store, "db", "downgrade")
    assert code == 2 and "--yes" in told
    assert run(capsys, *store, "db", "downgrade", "--yes")[0] == 0
    code, _, told = run(capsys, *store, "db", "check", "--json")
    assert code == 1 and "no store yet" in told


def test_check_fails_and_repairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", str(tmp_path / "my.db"))
    opened = open_store(f"sqlite:///{tmp_path / 'my.db'}", create=True)
    load_entities(opened, [DOUGLAS])
    with opened.begin() as connection:
        connection.exec_driver_sql("DELETE FROM coverage WHERE class_key = 0")
    opened.close()
    code, out, _ = run(capsys, *store, "db", "check", "--json")
    assert code == 1 and "--repair" in json.loads(out)["problems"][0]
    assert run(capsys, *store, "db", "check", "--repair")[0] == 0
    assert run(capsys, *store, "db", "check")[0] == 0


def test_backed_up_and_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = ("--store", str(tmp_path / "one.db")), ("--store", str(tmp_path / "other.db"))
    file = str(tmp_path / "one.backup")
    opened = open_store(f"sqlite:///{tmp_path / 'one.db'}", create=True)
    load_entities(opened, [DOUGLAS])
    opened.close()
    code, out, _ = run(capsys, *one, "db", "backup", file, "--json")
    report = json.loads(out)
    assert (code, report["state"], report["rows"]["entities"]) == (0, HEAD, 1)
    assert report["bytes"] == Path(file).stat().st_size
    assert run(capsys, *other, "db", "restore", file)[0] == 0
    code, _, told = run(capsys, *other, "db", "restore", file)
    assert code == 1 and "is not empty" in told
    assert run(capsys, *other, "db", "restore", file, "--replace", "--yes")[0] == 0
    assert json.loads(run(capsys, *other, "db", "info", "--json")[1])["labels"] == 3
