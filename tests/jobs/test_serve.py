"""`jobs serve`: a clock in a process of its own, with processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

from kgenrich.errors import UsageError
from kgenrich.jobs.serve import Server
from kgenrich.resources import resource
from kgenrich.settings import Settings
from kgenrich.store.opening import open_store
from kgenrich.store.story.job_runs import job_runs
from kgenrich.store.story.job_schedules import NotedSchedule, note_schedule, noted_schedules
from kgenrich.verbs.workspace import Workspace

pytestmark = pytest.mark.slow
ITEMS = str(resource("config/demo/items.json.gz"))
NIGHTLY = "0 2 * * *"
EACH_SECOND = "* * * * * *"
_DEADLINE = 120


def write_job(file: Path, cron: str, **rules: str) -> Path:
    lines = [f"{name} = {json.dumps(value)}" for name, value in {"cron": cron, **rules}.items()]
    file.write_text(f'[harvest]\ndump = "{ITEMS}"\n[schedule]\n' + "\n".join(lines))
    return file


class Serving:
    """A process that keeps the clock, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        self.said: IO[str] = process.stderr
        self.lines: list[str] = []

    def wait_for(self, words: str) -> str:
        """The line that has these words."""
        for _ in range(60):
            line = self.said.readline()
            self.lines.append(line.strip())
            if words in line:
                return line.strip()
        raise AssertionError(f"{words!r} was not said: {self.lines}")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(_DEADLINE)


@contextmanager
def serving(store: Path, *arguments: str) -> Iterator[Serving]:
    command = [sys.executable, "-m", "kgenrich.cli.main", "--store", str(store), "jobs", "serve"]
    process = subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "300", "TZ": "UTC"},
    )
    try:
        yield Serving(process)
    finally:
        process.kill()
        process.communicate()


def runs_in(store: Path) -> list[tuple[str, str]]:
    """The runs of jobs, oldest first."""
    opened = open_store(f"sqlite:///{store}")
    found = [(run.job, run.status) for run in job_runs(opened)][::-1]
    opened.close()
    return found


def was_last_due(store: Path, job: str, cron: str, ago: timedelta) -> None:
    """Make it so that nobody was there for a while."""
    opened = open_store(f"sqlite:///{store}", create=True)
    last = (datetime.now(UTC) - ago).isoformat()
    note_schedule(opened, NotedSchedule(job, cron, "", last, ""))
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_job_is_run_when_it_is_due_and_a_signal_lets_it_finish(
    store: Path, tmp_path: Path
) -> None:
    job = write_job(tmp_path / "often.toml", EACH_SECOND)
    with serving(store, str(job), "--metrics-port", "0") as clock:
        url = clock.wait_for("are answered").split("/metrics")[0]
        clock.wait_for("often is run.")
        code, told = get(f"{url}/health")
        health = json.loads(told)
        assert (code, health["status"], health["running"]) == (200, "ok", ["often"])
        assert datetime.fromisoformat(health["next"]["often"]) > datetime.now(UTC) - timedelta(
            seconds=60
        )
        code, told = get(f"{url}/metrics")
        assert code == 200 and told.endswith(b"# EOF\n") and b'job="often"' in told
        assert get(f"{url}/nothing")[0] == 404
        clock.wait_for("often still runs: it is not run for")
        wait_until(lambda: bool(runs_in(store)))
        assert clock.end() == 0
    # However far it was, it is said and can go on.
    assert runs_in(store)[-1][1] in ("done", "stopped")


def test_what_was_missed_is_run_once_after_a_restart(store: Path, tmp_path: Path) -> None:
    jobs = [
        str(write_job(tmp_path / "once.toml", NIGHTLY)),
        str(write_job(tmp_path / "never.toml", NIGHTLY, missed="skip")),
        str(write_job(tmp_path / "other.toml", "0 3 * * *")),
    ]
    for job in ("once", "never"):
        was_last_due(store, job, NIGHTLY, timedelta(days=3))
    # Another expression than the one that was noted begins anew.
    was_last_due(store, "other", NIGHTLY, timedelta(days=3))
    with serving(store, *jobs) as clock:
        clock.wait_for("once done")
        assert clock.end() == 0
    assert any("never was missed at" in line for line in clock.lines)
    with serving(store, *jobs) as clock:
        clock.wait_for("other: next at")
        assert clock.end() == 0
    assert runs_in(store) == [("once", "done")]
    opened = open_store(f"sqlite:///{store}")
    for noted in noted_schedules(opened).values():
        assert noted.last <= datetime.now(UTC).isoformat() < noted.next
    opened.close()


def test_sighup_reads_the_files_again_and_keeps_what_is_broken(store: Path, tmp_path: Path) -> None:
    job = write_job(tmp_path / "mine.toml", NIGHTLY)
    with serving(store, str(job)) as clock:
        assert " 02:00:00" in clock.wait_for("mine: next at")
        job.write_text("languages = [")
        clock.process.send_signal(signal.SIGHUP)
        clock.wait_for("this is no TOML")
        assert " 02:00:00" in clock.wait_for("mine: next at")
        write_job(job, "30 4 * * *")
        clock.process.send_signal(signal.SIGHUP)
        assert " 04:30:00" in clock.wait_for("mine: next at")
        assert clock.end(signal.SIGINT) == 0


def test_a_failure_is_said_and_the_clock_goes_on(store: Path, tmp_path: Path) -> None:
    job = tmp_path / "bad.toml"
    job.write_text(f'[harvest]\ndump = "none.json"\n[schedule]\ncron = "{EACH_SECOND}"')
    with serving(store, str(job)) as clock:
        clock.wait_for("bad cannot run.")
        clock.wait_for("bad is run.")
        assert clock.end() == 0


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ('cron = "60 2 * * *"', "is no time for cron"),
        ('cron = "0 0 30 2 *"', "is no time for cron"),
        ('cron = "0 2 * * *"\ntimezone = "Berlin"', "There is no time zone 'Berlin'"),
        ('cron = "0 2 * * *"\nspread = "much"', "is no length of time"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_said_at_once(
    store: Path, tmp_path: Path, rules: str, told: str
) -> None:
    job = tmp_path / "bad.toml"
    job.write_text(f'[harvest]\ndump = "{ITEMS}"\n[schedule]\n{rules}')
    with (
        Workspace(Settings(store=str(store))) as workspace,
        pytest.raises(UsageError, match=rf"bad\.toml: .*{told}"),
    ):
        Server(workspace, [str(job)], []).serve()


def test_a_killed_clock_leaves_a_job_that_nobody_runs_twice(store: Path, tmp_path: Path) -> None:
    job = write_job(tmp_path / "mine.toml", NIGHTLY)
    was_last_due(store, "mine", NIGHTLY, timedelta(days=2))
    with serving(store, str(job)) as clock:
        clock.wait_for("mine is run.")
        wait_until(lambda: bool(runs_in(store)))
        clock.process.kill()
    with serving(store, str(job)) as clock:
        clock.wait_for("mine: next at")
        wait_until(lambda: runs_in(store) == [("mine", "done")])
        assert clock.end() == 0
    assert runs_in(store) == [("mine", "done")]
