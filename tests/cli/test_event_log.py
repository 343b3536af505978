"""`--log-format`: one event a line on the error stream, whatever a command does there."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.cli import event_log
from kgenrich.cli.event_log import EventLog, Lines, LogProgress
from kgenrich.resources import resource
from tests.cli.test_terminal import STEERING, hostile

ITEMS = str(resource("config/demo/items.json.gz"))
ONE_BY_ONE = """
import json
import sys
from kgenrich.cli.main import main

for arguments in json.load(sys.stdin):
    try:
        main(arguments)
    except SystemExit as end:
        print(f"exit {end.code}", file=sys.stderr, flush=True)
"""
PAIR = re.compile(r'([^\s=]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)')


def pairs(line: str) -> dict[str, str]:
    """The pairs of a line; there is nothing else in it."""
    assert not PAIR.sub("", line).strip(), line
    return {
        name: json.loads(value) if value[0] == '"' else value for name, value in PAIR.findall(line)
    }


def log(
    form: str, commands: Sequence[Sequence[str]], folder: Path
) -> list[tuple[list[dict[str, Any]], int]]:
    """The events and the exit code of each command."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KGENRICH_")}
    store = ["--log-format", form, "--store", str(folder / "graph.db")]
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE],
        input=json.dumps([[*store, *command] for command in commands]),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=clean | {"HOME": str(folder)},
    )
    read = json.loads if form == "json" else pairs
    told: list[tuple[list[dict[str, Any]], int]] = []
    events: list[dict[str, Any]] = []
    for line in done.stderr.splitlines():
        if line.startswith("exit "):
            told.append((events, int(line[5:])))
            events = []
        else:
            events.append(read(line))
    return told


COMMANDS = [
    ["harvest", "dump", ITEMS],
    ["coverage", "--languages", "it"],
    ["enrich", "-l", "it", "-k", "label", "-s", "names,cldr", "--limit", "20"],
    ["decide", "accept", "--over", "0.9"],
    ["export", "terms", "-o", "terms.jsonl"],
    ["enrich", "--languages", "itt"],
    ["harvest", "dump", "nowhere.json"],
    ["--store", "postgresql://ann:sesame@127.0.0.1:1/x", "db", "info"],
    ["frobnicate"],
]


@pytest.mark.slow
def test_every_command_tells_its_beginning_its_steps_and_its_end(tmp_path: Path) -> None:
    told = {}
    for form in ("json", "text"):
        folder = tmp_path / form
        folder.mkdir()
        told[form] = log(form, COMMANDS, folder)
        assert [code for _, code in told[form]] == [0, 0, 0, 0, 0, 2, 1, 1, 2]
        for command, (events, code) in zip(COMMANDS, told[form], strict=True):
            assert all({"time", "level", "event"} <= event.keys() for event in events)
            last = events[-1]
            assert (last["event"], int(last["exit_code"])) == ("end", code)
            assert (last["level"] == "error") == bool(code)
            assert "sesame" not in str(events)
            if command != ["frobnicate"]:
                assert events[0]["event"] == "start"
                names = [word for word in command if word in events[0]["command"].split()]
                assert {event["command"] for event in events} == {" ".join(names)}
            if code:
                (error,) = (event for event in events if event["event"] == "error")
                assert error["text"]
    names = [[[event["event"] for event in events] for events, _ in told[form]] for form in told]
    assert names[0] == names[1]

    (harvest, _), _, (enrich, _), *_ = told["json"]
    by_name = {event["event"]: event for event in harvest}
    assert by_name["report"]["counts"]["new"] == 698
    assert by_name["step"]["step"] == by_name["done"]["step"] == "harvest dump"
    assert by_name["done"]["done"] == by_name["step"]["total"] == Path(ITEMS).stat().st_size
    sources = {event["source"]: event for event in enrich if event["event"] == "source"}
    assert sources.keys() == {"names", "cldr"}
    assert sources["names"]["counts"]["asked"] > 0
    assert {by_name["report"]["run"], sources["names"]["run"]} == {1, 2}


@pytest.mark.slow
def test_a_command_that_is_ended_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kgenrich.cli.main", "--log-format", "json"]
    process = subprocess.Popen(
        [*command, "--store", str(tmp_path / "s.db"), "harvest", "dump", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if json.loads(line)["event"] == "start":
            break
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=60)
    last = json.loads(rest.splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("end", 143)
    assert process.returncode == 143


@pytest.mark.parametrize("form", ["json", "text"])
@given(st.lists(hostile, min_size=1, max_size=4))
def test_texts_of_others_stay_within_their_line(form: event_log.Format, texts: list[str]) -> None:
    stream = io.StringIO()
    log = EventLog(stream, form)
    progress = LogProgress(log)
    log.start("enrich")
    with progress.bars:
        for text in texts:
            progress.begin(text, unit=text)
            progress.update(1, text * 100)
            progress.remark(text, grave=True)
        log.report(
            {"failures": dict.fromkeys(texts, 1), "sources": {texts[0]: {"stopped": texts[-1]}}}
        )
    log.end(0)
    lines = stream.getvalue().split("\n")[:-1]
    assert len(lines) == stream.getvalue().count('"event":' if form == "json" else " event=")
    for line in lines:
        assert not STEERING.search(line)
        assert all(
            len(str(v)) <= 500 for v in (json.loads if form == "json" else pairs)(line).values()
        )


def test_whoever_writes_to_the_error_stream_writes_events(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", Lines(EventLog(stream, "json")))
    print("two\nlines", file=sys.stderr)
    logging.StreamHandler(sys.stderr).emit(logging.LogRecord("x", 30, "x", 1, "logged", None, None))
    sys.stderr.write(warnings.formatwarning("old", UserWarning, "x.py", 1))
    texts = [json.loads(line)["text"] for line in stream.getvalue().splitlines()]
    assert texts[:3] == ["two", "lines", "logged"]
    assert "UserWarning: old" in texts[3]


def test_how_far_a_step_is_is_told_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for interval, expected in ((3600.0, 0), (0.0, 3)):
        monkeypatch.setattr(event_log, "INTERVAL", interval)
        stream = io.StringIO()
        progress = LogProgress(EventLog(stream, "json"))
        with progress.bars:
            progress.begin("reading", 3, "bytes")
            for done in (1, 2, 3):
                progress.update(done, "words")
        events = [json.loads(line) for line in stream.getvalue().splitlines()]
        assert [event["event"] for event in events].count("progress") == expected
        assert events[-1] | {"event": "done", "done": 3, "text": "words"} == events[-1]


def test_quiet_leaves_what_is_grave_and_the_end() -> None:
    stream = io.StringIO()
    log = EventLog(stream, "json")
    log.quiet = True
    progress = LogProgress(log)
    log.start("enrich")
    progress.remark("this can wait")
    progress.remark("this cannot", grave=True)
    log.end(3)
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == ["start", "remark", "end"]
