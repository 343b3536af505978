"""Programs of others come from folders of the system, and of Apertium only those it needs."""

from __future__ import annotations

import os
from os import pathsep
from pathlib import Path
from shutil import which

import pytest

from kgenrich.errors import SourceStopped, UsageError
from kgenrich.sources.programs import FOLDERS, find_program
from tests.asking import APPLE, DESCRIPTION, ask, make, want


@pytest.mark.parametrize(
    "mode",
    [
        "sh -c 'touch {ran}'",
        "lt-proc /nowhere.bin | touch {ran}",
        "./lt-proc x",
        "{here}/lt-proc x",
        "lt-proc x; touch {ran}",
        "lt-proc x | apertium-get {ran}",
        "lt-proc $(touch {ran})",
        "env touch {ran}",
    ],
)
def test_a_mode_runs_nothing_but_apertium(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    for name in ("lt-proc", "touch"):
        (tmp_path / name).write_text(f"#!/bin/sh\n: > {ran}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "eng-spa.mode").write_text(mode.format(ran=ran, here=tmp_path), "utf-8")
    source = make("apertium", {"modes": str(tmp_path)}, languages=("es",))
    with pytest.raises(SourceStopped):
        ask(source, want(APPLE, "es", DESCRIPTION))
    assert not ran.exists()


def test_its_programs_lie_in_absolute_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="absolute"):
        make("apertium", {"programs": ["bin"]})
    with pytest.raises(SourceStopped, match="not installed"):
        make("apertium", {"programs": [str(tmp_path)]})


def test_neither_path_nor_the_working_directory_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sh").write_text("#!/bin/sh\n")
    (tmp_path / "sh").chmod(0o755)
    (tmp_path / "mine").write_text("#!/bin/sh\n")
    (tmp_path / "mine").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".::{tmp_path}")
    for name in ("sh", "./sh", str(tmp_path / "sh"), "../x/sh"):
        assert find_program(name) == which("sh", path=pathsep.join(FOLDERS))
    assert find_program("mine") is None and find_program("./mine") is None
    assert find_program("mine", [str(tmp_path)]) == str(tmp_path / "mine")
    assert find_program("sh", []) is None
    for folder in ("", ".", "bin"):
        with pytest.raises(UsageError):
            find_program("sh", [folder])
