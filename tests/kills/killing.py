"""Killing: each command at random moments of its undisturbed time, then again until it ends."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile

from tests.harvest.test_wikibase import wiki
from tests.kills.commands import JOB, Ask, Command, commands, prepare
from tests.kills.twins import Twin
from tests.server import Asked, Reply, Server

SIGNALS = (*[signal.SIGKILL] * 7, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ON_THE_WIRE = 4 + 2
"""Calls that a kill may cost: those in flight, and those whose answers were being stored."""
_NAME = re.compile(r"name in English: (.+)")
_TRIES = 20
_PATIENCE = 60


@dataclass
class Counts:
    """What became of the kills of one command. ``repeated`` are the calls that were made again;
    ``faults`` say what was seen that must not be."""

    name: str
    signals: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.signals.total()


def respond(asked: Asked) -> Reply:
    """A Wikibase, and a language model that leaves names as they are in English."""
    if "ids" in asked.parameters:
        return wiki(asked)._replace(pause=0.05)
    told = json.loads(asked.body)["messages"][-1]["content"]
    name = _NAME.findall(told)[-1]
    content = json.dumps({"known": True, "answers": [{"text": name, "quote": ""}]})
    choice = {"message": {"content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 50, "completion_tokens": 10}
    return Reply({"model": "m-1", "choices": [choice], "usage": usage}, pause=0.02)


def questions(server: Server, since: int) -> Counter[bytes]:
    """What the model was asked since so many requests, and how often."""
    return Counter(one.body for one in server.asked[since:] if one.body)


@contextmanager
def twins(folder: Path, stores: tuple[str, str]) -> Iterator[tuple[Twin, Twin, Server, Path]]:
    with Server(respond) as server:
        settings = prepare(folder / "inputs", server.url)
        quiet = Twin(folder / "quiet", stores[0], settings)
        killed = Twin(folder / "killed", stores[1], settings)
        for twin in (quiet, killed):
            # What a job writes lies beside it.
            copyfile(folder / "inputs" / JOB, twin.folder / JOB)
        yield quiet, killed, server, folder / "inputs"


def kill_all(
    folder: Path,
    stores: tuple[str, str],
    kills: int,
    seed: int = 0,
    only: Sequence[str] = (),
) -> Iterator[Counts]:
    """Take a store through all commands, or ``only`` some, undisturbed, and another one through
    the same with so many kills; the counts of each command once both were compared after it."""
    chance = random.Random(seed)
    with twins(folder, stores) as (quiet, killed, server, inputs):
        chosen = [one for one in commands(inputs) if not only or one.name in only]
        for place, command in enumerate(chosen):
            share = kills // len(chosen) + (place < kills % len(chosen))
            yield _disturb(command, share, quiet, killed, server, chance)


def _disturb(
    command: Command, kills: int, quiet: Twin, killed: Twin, server: Server, chance: random.Random
) -> Counts:
    counts = Counts(command.name)
    words = _words(command, quiet.ask)
    since = len(server.asked)
    begun = time.monotonic()
    quiet.ask(*words)
    seconds = time.monotonic() - begun
    paid, since = questions(server, since), len(server.asked)
    tries = 0
    while counts.tried < kills and tries < 3 * kills:
        tries += 1
        seconds = min(seconds, _kill(killed.start(words), chance, seconds, counts, command.ends))
        if command.opens and counts.name not in ("db upgrade", "db upgrade, migrating"):
            counts.faults += killed.problems()
    _until_it_ends(killed, words, counts)
    asked = questions(server, since)
    counts.repeated = sum((asked - paid).values())
    hard = counts.signals["SIGKILL"] + counts.signals["at once"]
    if counts.repeated > ON_THE_WIRE * hard:
        counts.faults.append(f"{counts.repeated} calls were paid again after {hard} kills")
    if asked.keys() != paid.keys():
        counts.faults.append("other questions were asked")
    counts.faults += _differences(command, quiet, killed)
    return counts


def _words(command: Command, ask: Ask) -> list[str]:
    return list(command.arguments(ask) if callable(command.arguments) else command.arguments)


def _kill(
    process: subprocess.Popen[str],
    chance: random.Random,
    seconds: float,
    counts: Counts,
    ends: Sequence[int],
) -> float:
    """Kill it within so many seconds; gives these, or how many it took where it was faster, as on
    a machine that has become less busy."""
    number = chance.choice(SIGNALS)
    begun = time.monotonic()
    try:
        process.wait(chance.uniform(0, seconds))
        seconds = time.monotonic() - begun
    except subprocess.TimeoutExpired:
        counts.signals[number.name] += 1
        process.send_signal(number)
    _, errors = process.communicate(timeout=_PATIENCE)
    if process.returncode not in (*ends, -number, 128 + number):
        # A lock ends with its session, and the server needs a moment to see that.
        if "is going on already" in errors:
            counts.refused += 1
        elif number is signal.SIGINT and "kgenrich" not in errors:
            pass  # Python itself was starting.
        else:
            counts.faults.append(f"ended with {process.returncode}: {errors[-300:]}")
    return seconds


def _until_it_ends(twin: Twin, words: Sequence[str], counts: Counts) -> None:
    for _ in range(_TRIES):
        process = twin.start(words)
        _, errors = process.communicate(timeout=180)
        if process.returncode == 0:
            return
        counts.refused += 1
        time.sleep(0.2)
    counts.faults.append(f"does not end: {errors[-300:]}")


def _differences(command: Command, quiet: Twin, killed: Twin) -> Iterator[str]:
    if command.opens:
        yield from killed.problems()
        expected, found = quiet.content(), killed.content()
        for table in expected:
            if expected[table] != found[table]:
                lost = expected[table] - found[table]
                more = found[table] - expected[table]
                yield (
                    f"{table}: {lost.total()} rows lost, {more.total()} more, "
                    f"{[*lost][:1]} {[*more][:1]}"
                )
        if held := killed.held():
            yield f"{held} questions or runs seem to be held"
    expected_files, files = quiet.outputs(), killed.outputs()
    for name in sorted(expected_files.keys() | files.keys()):
        if expected_files.get(name) != files.get(name):
            yield f"the file {name} is not the same"
