"""The example package of the documentation is a source like any other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kgenrich.model import Entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example_source"


def installed(folder: Path) -> Path:
    """A folder on the path with the package as an installer leaves it."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    place = folder / "site"
    record = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    record.mkdir(parents=True)
    (place / "name_list.py").write_bytes((EXAMPLE / "name_list.py").read_bytes())
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (record / "METADATA").write_text(metadata, encoding="utf-8")
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
    ]
    (record / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return place


def test_it_is_listed_tried_and_used(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text(
        "entity,language,name\nQ1,it,Universo\nQ1,it,Cosmo\n", encoding="utf-8"
    )
    (tmp_path / "my.toml").write_text(
        'store = "s.db"\n[sources.name-list]\nfile = "names.csv"\nlicence = "CC0-1.0"\n', "utf-8"
    )
    store = open_store(f"sqlite:///{tmp_path / 's.db'}", create=True)
    load_entities(store, [Entity("Q1", labels={"en": "universe"})])
    store.close()
    environment = os.environ | {
        "PYTHONPATH": str(installed(tmp_path)),
        "COLUMNS": "100",
        "KGENRICH_CONFIG": "my.toml",
    }

    def kgenrich(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "kgenrich.cli.main", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    rows = {row["name"]: row for row in json.loads(kgenrich("sources", "list", "--json"))}
    assert rows["name-list"]["state"] == "ready"
    assert rows["name-list"]["licence"] == "CC0-1.0"
    assert "Universo" in kgenrich("sources", "test", "name-list", "Q1", "it")
    enrich = ("enrich", "-l", "it", "-k", "label", "-s", "name-list", "--json")
    assert json.loads(kgenrich(*enrich))["new"] == 3, "the label, its rival, and that as an alias"


def test_the_page_shows_it_as_it_is() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    assert (EXAMPLE / "name_list.py").read_text("utf-8") in page


def test_every_registered_source_is_documented() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name in project["entry-points"]["kgenrich.sources"]:
        assert f"`{name}`" in page, f"docs/sources.md lacks {name}"
