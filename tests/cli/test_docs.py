"""The documentation is complete, and its examples run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kgenrich.cli.main import cli
from kgenrich.resources import resource
from kgenrich.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ONE_BY_ONE = """
import json
import sys
from kgenrich.cli.main import main

for arguments in json.load(sys.stdin):
    print("$ kgenrich", *arguments, flush=True)
    try:
        main(arguments)
    except SystemExit as end:
        if end.code:
            raise
"""
"""A process that runs commands to the first that fails; what each loads is loaded once."""
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def every_command(group: click.Command, path: str = "kgenrich") -> Iterator[str]:
    """The full name of every command, groups left out."""
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from every_command(command, f"{path} {name}")
    else:
        yield path


@pytest.mark.parametrize("name", list(every_command(cli)))
def test_every_command_is_documented(name: str) -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert f"`{name}`" in text or f"`{name} " in text, f"docs/commands.md lacks {name}"


def test_every_setting_is_documented() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        for setting in [f"{name}.{one}" for one in inner] if inner else [name]:
            assert f"`{setting}`" in text, f"docs/settings.md lacks {setting}"


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_examples_run(page: Path, tmp_path: Path) -> None:
    """Every `$ kgenrich` line of a page's console blocks runs, in order, in one folder."""
    commands = [
        line[2:]
        for block in CONSOLE.findall(page.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    (tmp_path / "items.json.gz").write_bytes(resource("config/demo/items.json.gz").read_bytes())
    (tmp_path / "corpus.jsonl.gz").write_bytes(resource("config/demo/corpus.jsonl.gz").read_bytes())
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("KGENRICH_")}
    environment = inherited | {"HOME": str(tmp_path), "COLUMNS": "100"}
    words = [shlex.split(command) for command in commands]
    assert {name for name, *_ in words} <= {"kgenrich"}, "only kgenrich itself can be run"
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE],
        input=json.dumps([arguments for _, *arguments in words]),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{page.name}:\n{done.stdout}{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in sorted(DOCS.glob("*.md")) if "```python" in page.read_text("utf-8")],
    ids=lambda page: page.name,
)
def test_the_python_examples_run(page: Path, tmp_path: Path) -> None:
    """The Python blocks of a page are one program."""
    (tmp_path / "items.json.gz").write_bytes(resource("config/demo/items.json.gz").read_bytes())
    program = "\n".join(PYTHON.findall(page.read_text(encoding="utf-8")))
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("KGENRICH_")}
        | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{page.name}:\n{done.stdout}{done.stderr}"
