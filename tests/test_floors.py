"""Modules import only from floors below their own, and nothing heavy loads early.

The floors are those of CONTRIBUTING.md, which is read here: document and test cannot part.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "kgenrich"
REST = "the rest"
"""Stands in CONTRIBUTING.md for what a room holds besides what is named."""

Floors = dict[str, int]


def read_floors() -> dict[str, Floors]:
    """The floor of everything in a room by the room's name, the package itself as ``""``."""
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Floors\n")[1].split("\n## ")[0]
    floors: dict[str, Floors] = {"": {}}
    for number, names in re.findall(r"^(\d)\. (.+)$", section, re.MULTILINE):
        floors[""] |= dict.fromkeys(re.findall(r"`(\w+)`", names), int(number))
    for room, inner in re.findall(r"^- `(\w+)`: (.+)$", section, re.MULTILINE):
        floors[room] = {
            name: number
            for number, names in enumerate(inner.split(" < "))
            for name in re.findall(rf"(?<=`)\w+(?=`)|{REST}", names)
        }
    return floors


def name_of(path: Path) -> str:
    """The name of a module within the package: ``store.facts.load``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FLOORS = read_floors()
MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(path: Path, *, at_start: bool = False) -> set[str]:
    """The modules of the package that a module imports; ``at_start`` only those that are loaded
    with it, not the ones in functions and for types."""

    def statements(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            late = isinstance(child, ast.FunctionDef) or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            )
            if not (at_start and late):
                yield child
                yield from statements(child)

    names = set()
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("kgenrich."):
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            whole = [alias.name for alias in node.names]
        else:
            continue
        for name in whole:
            short = name.removeprefix("kgenrich.")
            names |= {short, short.rpartition(".")[0]} & MODULES.keys()
    return names - {"", name_of(path)}


def is_below(imported: str, importer: str) -> bool:
    """Whether the floors let one module import the other."""
    (room, *inner), (importing_room, *importing) = imported.split("."), importer.split(".")
    if room != importing_room:
        there, here = FLOORS[""][room], FLOORS[""][importing_room]
        # The ground floor is one room without a folder.
        return there < here or there == here == 1
    floors = FLOORS.get(room)
    if floors is None or not (inner and importing):
        return True
    there, here = (floors.get(part, floors[REST]) for part in (inner[0], importing[0]))
    return there <= here


def test_the_documented_floors_are_those_of_the_package() -> None:
    rooms = {name.split(".")[0] for name in MODULES} - {"", "__main__"}
    assert rooms <= FLOORS[""].keys()
    assert len(set(FLOORS[""].values())) == 8
    for room, inner in FLOORS.items():
        assert not room or (room in FLOORS[""] and REST in inner), f"{room} has no such floors"


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_only_from_lower_floors(name: str) -> None:
    too_high = {other for other in imports(MODULES[name]) if not is_below(other, name)}
    assert not too_high, f"{name} imports {too_high}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {}
    for name, path in MODULES.items():
        loaded = imports(path, at_start=True)
        # The folders around a module are loaded before it; those around its importer are already.
        around = {
            other.rsplit(".", n)[0] for other in loaded for n in range(1, other.count(".") + 1)
        }
        graph[name] = loaded | {
            folder for folder in around if not f"{name}.".startswith(f"{folder}.")
        }
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) >= MODULES.keys()


def test_the_package_and_its_help_load_nothing_heavy() -> None:
    code = (
        "import sys, kgenrich\n"
        "from kgenrich.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'requests', 'rdflib', 'sqlalchemy', 'numpy', 'transformers'}\n"
        "print('LOADED', sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
