"""A program is told how a job goes; whatever it does changes nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kgenrich.errors import UsageError
from kgenrich.jobs.notify import notify, words_of
from kgenrich.progress import Progress

SUMMARY = {"job": "nightly", "run": 3, "error": "no postgresql://ann:sesame@127.0.0.1/x here"}


class Heard(Progress):
    def __init__(self) -> None:
        self.grave: list[str] = []

    def remark(self, text: str, *, grave: bool = False) -> None:
        assert grave
        self.grave.append(text)


def is_alive(pid: str) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True)
    return told.stdout.strip() != "" and not told.stdout.startswith("Z")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_it_is_told_on_its_standard_input_and_no_password(tmp_path: Path) -> None:
    heard = Heard()
    path = tmp_path / "told.json"
    keep = python(f"import sys; open({str(path)!r}, 'w').write(sys.stdin.read())")
    assert notify(keep, "failed", SUMMARY | {"token": "abc"}, heard)
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["event"] == "failed"
    assert (told["job"], told["run"]) == ("nightly", 3)
    assert "sesame" not in str(told)
    assert told["token"] == "***"
    assert heard.grave == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (python("raise SystemExit('no\\x1b[31m room')"), r"ended with 1: no\\x1b\[31m room"),
        (["/nowhere/at-all"], "No such file"),
        (python("raise SystemExit(7)"), "ended with 7"),
        ([os.devnull], "[Pp]ermission"),
    ],
)
def test_one_that_cannot_be_told_is_remarked(command: list[str], words: str) -> None:
    heard = Heard()
    assert not notify(command, "done", SUMMARY, heard)
    (told,) = heard.grave
    assert re.search(words, told), told
    assert "\x1b" not in told


def test_one_that_takes_too_long_is_ended_with_all_that_it_began(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = "import time; time.sleep(60)"
    code = (
        "import subprocess, sys, pathlib, os\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"pathlib.Path({str(mark)!r} + '.part').write_text(str(child.pid))\n"
        f"os.rename({str(mark)!r} + '.part', {str(mark)!r})\n"
        "child.wait()\n"
    )
    heard = Heard()
    assert not notify(python(code), "start", SUMMARY, heard, timeout=3.0)
    assert "longer than 3 seconds" in heard.grave[0]
    if mark.exists():
        pid = mark.read_text(encoding="utf-8")
        while is_alive(pid):
            pass


def test_one_that_leaves_something_running_is_not_waited_for() -> None:
    child = "import time; time.sleep(5)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    heard = Heard()
    assert notify(python(code), "done", SUMMARY, heard)
    assert heard.grave == []


def test_commands_are_words_and_no_shell() -> None:
    assert words_of("mail -s 'job done' ann@example.org; rm x") == [
        "mail", "-s", "job done", "ann@example.org;", "rm", "x",
    ]  # fmt: skip
    assert words_of(["a b", "c"]) == ["a b", "c"]
    for wrong in ("", "say 'it", []):
        with pytest.raises(UsageError):
            words_of(wrong)
