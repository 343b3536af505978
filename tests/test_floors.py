"""Modules import only from floors below their own, and nothing heavy loads early."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "kgenrich"
FLOORS = {
    **dict.fromkeys(
        ["model", "languages", "text", "corpus", "settings", "errors", "resources", "progress"], 1
    ),
    **dict.fromkeys(["net", "store", "adapters"], 2),
    **dict.fromkeys(["harvest", "sources", "consensus", "export"], 3),
    **dict.fromkeys(["enrich", "evaluate"], 4),
    **dict.fromkeys(["jobs", "review"], 5),
    "cli": 6,
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The part of the package that a module belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The parts of the package that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "kgenrich":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("kgenrich."):
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("kgenrich.")}
    return found & FLOORS.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_lower_floors(path: Path) -> None:
    here = room(path)
    if here in {"__init__", "__main__"}:
        return
    assert here in FLOORS, f"{here} has no floor"
    too_high = {
        other for other in imported(path) if other != here and FLOORS[other] >= FLOORS[here] != 1
    }
    assert not too_high, f"{path.relative_to(PACKAGE)} imports {too_high}"


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
