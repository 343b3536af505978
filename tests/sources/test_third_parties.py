"""Packages that register sources: imported when the settings have a table, off when broken, refused
where the name is taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kgenrich.model import Entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store

pytestmark = pytest.mark.slow

GOOD = """
from kgenrich.model import Evidence, SourceKind
from kgenrich.sources.base import FreeSource


class Good(FreeSource):
    name, kind, licence = "good", SourceKind.SEARCH, ""

    def candidates(self, request):
        yield request.candidate("Universo", Evidence("good", self.kind))


def factory(context):
    return Good()
"""
BROKEN = {
    "syntax": "def (",
    "missing": "import no_such_module",
    "raises": "raise RuntimeError('\\x1b[31mboo')",
    "leaves": "import sys; sys.exit(3)",
    "nothing": "x = 1",
    "unmade": "def factory(context): return 1 / 0",
}


def install(place: Path, package: str, source: str, code: str) -> None:
    """A package as an installer leaves it; the module tells when it is imported."""
    module = f"m_{package}"
    told = place / f"{package}.imported"
    (place / f"{module}.py").write_text(f"open({str(told)!r}, 'w').close()\n{code}\n", "utf-8")
    record = place / f"{package}-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(
        f"[kgenrich.sources]\n{source} = {module}:factory\n", encoding="utf-8"
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder on the path of modules, beside a store with one entity."""
    place = tmp_path / "site"
    place.mkdir()
    store = open_store(f"sqlite:///{tmp_path / 's.db'}", create=True)
    load_entities(store, [Entity("Q1", labels={"en": "universe"})])
    store.close()
    return place


def run(place: Path, *arguments: str, tables: tuple[str, ...] = ()) -> tuple[int, str, str]:
    settings = place.parent / "my.toml"
    text = 'store = "s.db"\n' + "".join(f"[sources.{name}]\n" for name in tables)
    settings.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kgenrich.cli.main", "--config", "my.toml", *arguments],
        cwd=place.parent,
        env=os.environ | {"PYTHONPATH": str(place), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def imported(place: Path) -> set[str]:
    return {path.stem for path in place.glob("*.imported")}


ENRICH = ("enrich", "-l", "it", "-k", "label", "--json")


def test_it_is_imported_when_it_has_a_table(place: Path) -> None:
    install(place, "good", "good", GOOD)
    _, listed, _ = run(place, "sources", "list", "--json")
    (row,) = [row for row in json.loads(listed) if row["name"] == "good"]
    assert "of the package good" in row["state"] and "[sources.good]" in row["state"]
    code, _, _ = run(place, *ENRICH)
    assert code == 0
    code, _, told = run(place, "sources", "test", "good", "Q1", "it")
    assert code == 2 and "[sources.good]" in told
    assert imported(place) == set()
    code, said, _ = run(place, *ENRICH, tables=("good",))
    assert code == 0 and json.loads(said)["sources"]["good"]["asked"] == 1
    assert imported(place) == {"good"}


def test_a_broken_one_is_named_and_off_and_the_others_go_on(place: Path) -> None:
    install(place, "good", "good", GOOD)
    for name, code in BROKEN.items():
        install(place, name, name, code)
    tables = ("good", *BROKEN)
    status, said, told = run(place, *ENRICH, tables=tables)
    assert status == 0 and json.loads(said)["sources"]["good"]["asked"] == 1
    assert all(name in told for name in BROKEN)
    _, listed, _ = run(place, "sources", "list", "--json", tables=tables)
    states = {row["name"]: row["state"] for row in json.loads(listed)}
    assert states["good"] == "ready"
    for name in BROKEN:
        assert f"of {name} is broken" in states[name], states[name]
    _, listed, _ = run(place, "sources", "list", tables=tables)
    assert "\x1b" not in listed


def test_a_taken_name_is_refused(place: Path) -> None:
    install(place, "thief", "names", GOOD)
    install(place, "one", "shared", GOOD)
    install(place, "two", "shared", GOOD)
    status, said, told = run(place, *ENRICH, tables=("names",))
    assert status == 0 and "names" in json.loads(said)["sources"]
    assert "'names' of thief is refused: the name is taken" in told
    status, _, told = run(place, *ENRICH, "-s", "shared", tables=("shared",))
    assert status == 2 and "'shared' of one and two is refused" in told
    assert imported(place) == set()
