"""Nothing that others wrote steers the terminal, and a pipe that is closed is no error."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from kgenrich.cli.terminal import Guard, console, guarded, visible_json
from kgenrich.cli.terminal_progress import TerminalProgress
from kgenrich.escaping import plain, visible
from kgenrich.model import Entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store

STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067\ud800-\udfff]|\r(?!\n)"
)
controls = st.characters(codec=None, max_codepoint=0x9F) | st.sampled_from(
    "\u202e\u2066\ud800\u2028"
)
hostile = st.text(controls | st.characters(), max_size=40) | st.sampled_from(
    ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x1bP$q\x1b\\", "a\rb", "\x1b]8;;http://x\x1b\\y"]
)


@given(hostile)
def test_what_is_visible_steers_nothing_and_hides_nothing(text: str) -> None:
    safe = visible(text)
    assert not STEERING.search(safe)
    assert len(safe) >= len(text)
    assert visible(safe) == safe
    if not STEERING.search(text) and not re.search("[\u2028-\uffff]", text):
        assert safe == text
    assert len(plain(text).splitlines()) <= 1


whole = hostile.map(lambda text: re.sub("[\ud800-\udfff]", "", text))


@given(st.dictionaries(whole, whole))
def test_json_is_equal_and_steers_nothing(value: dict[str, str]) -> None:
    from msgspec.json import encode, format

    for text in (encode(value).decode(), format(encode(value), indent=2).decode()):
        safe = visible_json(text)
        assert json.loads(safe) == value
        assert not STEERING.search(safe)


@given(st.lists(hostile, min_size=1, max_size=3))
def test_consoles_prints_and_logs(texts: list[str]) -> None:
    """Whatever writes to the standard streams; `rich` itself styles nothing where none is asked."""
    with pytest.MonkeyPatch.context() as patch:
        streams = io.StringIO(), io.StringIO()
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        with guarded():
            for printer in (console(), console(err=True)):
                printer.print(*texts)
                table = Table(*texts, title=texts[0])
                table.add_row(*texts)
                printer.print(table)
            progress = TerminalProgress(console(err=True))
            with progress.bars:
                progress.begin(texts[0])
                progress.update(1, texts[-1])
                progress.remark(texts[0])
            print(*texts)
            sys.stderr.writelines(texts)
            handler = logging.StreamHandler(sys.stderr)
            handler.emit(logging.LogRecord("x", 30, "x", 1, texts[0], None, None))
    assert not STEERING.search(streams[0].getvalue() + streams[1].getvalue())


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(hostile, st.integers(1, 5))
def test_bytes_for_a_terminal_are_shown_too(text: str, size: int) -> None:
    screen = Screen()
    data = text.encode("utf-8", "surrogatepass")
    out = Guard(screen).buffer
    for start in range(0, len(data), size):
        out.write(data[start : start + size])
    assert not re.search(STEERING.pattern.removesuffix(r"|\r(?!\n)"), screen.getvalue())


def test_bytes_for_a_file_are_as_they_are() -> None:
    stream = io.TextIOWrapper(io.BytesIO())
    assert Guard(stream).buffer is stream.buffer


# The commands

NASTY = "\x1b]0;owned\x07\x1b[31m\x9b1m\u202e"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("work")
    store = open_store(f"sqlite:///{path / 's.db'}", create=True)
    load_entities(store, [Entity(f"Q{n}", labels={"en": f"n {n}{NASTY}"}) for n in range(3000)])
    store.close()
    return path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "kgenrich.cli.main", *arguments],
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
        capture_output=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("--store", "s.db", "show", "Q7"),
        ("--store", "s.db", "show", "Q7", "--json"),
        ("--store", "s.db", "show", f"Q{NASTY}"),
        ("--debug", "--store", "s.db", "show", f"Q{NASTY}"),
        ("--store", f"{NASTY}.db", "db", "info"),
        ("--config", f"{NASTY}.toml", "config"),
        ("--config", "bad.toml", "config"),
        ("--config", "names.toml", "config", "--json"),
        ("config", "show"),
        ("--quiet", "config", "trust"),
        (NASTY,),
        ("harvest", "dump", NASTY),
        ("harvest", "ids", "Q1", "--api", f"http://x{NASTY}/"),
    ],
    ids=repr,
)
def test_no_command_lets_it_through(folder: Path, arguments: tuple[str, ...]) -> None:
    escaped = json.dumps(NASTY + "x")
    (folder / "bad.toml").write_text(f"{escaped} = 1\n", encoding="utf-8")
    (folder / "names.toml").write_text(f"[sources.{escaped}]\nuse = {escaped}\n", "utf-8")
    (folder / "kgenrich.toml").write_text(f"encoder = {escaped}\n[sources.{escaped}]\n", "utf-8")
    done = run(folder, *arguments)
    assert not STEERING.search((done.stdout + done.stderr).decode("utf-8"))
    (folder / "kgenrich.toml").unlink()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("gaps", "-l", "it", "--limit", "3000"),
        ("gaps", "-l", "it", "--limit", "3000", "--json"),
        ("gaps", "-l", "it", "--limit", "3000", "--format", "csv"),
        ("export", "terms", "-o", "-"),
        ("export", "rdf", "-o", "-"),
        ("config",),
        ("--help",),
        ("gaps", "--help"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_closed_pipe_ends_it_quietly(folder: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "kgenrich.cli.main", "--store", "s.db", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert (process.returncode, told) == (0, b"")
