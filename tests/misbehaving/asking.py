"""Commands that ask such a server until nothing is open, and what is true then."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kgenrich.model import Entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.tables import calls, candidates, entities, evidence, in_flight, spending, terms
from tests.misbehaving.manners import SILENCE, WHOLE, misbehave
from tests.server import Asked, Reply, Server
from tests.sources.test_remote_source import prepare

RETRIES = 2
_NAME = re.compile(r"name in English: Name (\d+)")
_RUNS = 200
_LONGEST = 600


@dataclass
class Counts:
    """``manners`` says how often the server behaved how; ``faults`` what must not be."""

    items: int
    manners: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    seconds: float = 0.0
    again: int = 0
    faults: list[str] = field(default_factory=list)


class Moody:
    """Answers by chance, and remembers whom it gave a good answer whole."""

    def __init__(
        self,
        right: Callable[[Asked], Reply],
        asked_for: Callable[[Asked], Iterable[str]],
        odd: Callable[[Reply], Mapping[str, object]],
        seed: int,
        counts: Counts,
    ) -> None:
        self.right, self.asked_for, self.odd, self.counts = right, asked_for, odd, counts
        self.chance = random.Random(seed)
        self.told: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        good = self.right(asked)
        name, reply = misbehave(good, self.odd(good), self.chance)
        with self._lock:
            items = list(self.asked_for(asked))
            self.counts.manners[name] += 1
            self.counts.again += sum(self.told[item] > 0 for item in items)
            if name in WHOLE:
                self.told.update(items)
        return reply


def _run(command: Sequence[str], counts: Counts, **network: object) -> bool:
    """Whether a command is done; one that is not says why in a sentence."""
    counts.runs += 1
    own = {f"KGENRICH_NETWORK__{name}": str(value) for name, value in network.items()}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
        env=os.environ | own,
    )
    odd = "Traceback" in done.stderr or "unexpected" in done.stderr
    if odd or done.returncode not in (0, 1, 3):
        counts.faults.append(f"ended with {done.returncode}: {done.stderr[-300:]}")
    return done.returncode == 0


def enrich(folder: Path, items: int, seed: int = 0) -> Counts:
    """Have a language model name so many items, whatever it answers."""
    counts = Counts(items)
    server = Moody(_chat, _asked_for, _odd_chats, seed, counts)
    begun = time.monotonic()
    with Server(server) as running:
        options = {"retries": RETRIES, "timeout": SILENCE, "concurrency": 8, "stop_after": 100}
        command = prepare(folder, running.url, items, **options)
        few = items // 10
        _run([*command, "--max-calls", str(few)], counts)
        if (sent := counts.manners.total()) > few * (1 + RETRIES):
            counts.faults.append(f"{sent} requests for a budget of {few} calls")
        # Fewer, where the server was so bad that the source was put off.
        spent = [row.calls for row in _rows(folder, select(spending))]
        if len(spent) != 1 or spent[0] > few:
            counts.faults.append(f"spent {spent} of a budget of {few} calls")
        while counts.runs < _RUNS and _open(folder, items):
            # What failed is asked again by every run, what was of no use by those that say so.
            again = ["--again", "unusable"] if counts.runs > 1 else []
            _run([*command, *again], counts)
    counts.seconds = time.monotonic() - begun
    counts.faults += _wrong_names(folder, items)
    return counts


def _asked_for(asked: Asked) -> list[str]:
    """The item of a question, or of the request to answer it in another form."""
    return _NAME.findall(asked.body.decode())[:1]


def _chat(asked: Asked) -> Reply:
    (number,) = _asked_for(asked)
    content = json.dumps({"known": True, "answers": [{"text": f"Nome {number}", "quote": ""}]})
    choice = {"message": {"content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 50, "completion_tokens": 10}
    return Reply({"model": "m-1", "choices": [choice], "usage": usage})


def _odd_chats(good: Reply) -> dict[str, object]:
    """Answers that are none, of a server of chats."""

    def chat(**message: Any) -> dict[str, Any]:
        choice = {"message": message, "finish_reason": "stop"}
        return {**good.body, "choices": [choice]}

    return {
        "an error in a 200": {"error": {"code": 503, "message": "overloaded"}},
        "an error in a 200, as a text": {"error": "try again later"},
        "an error in a choice": {"choices": [{"error": {"code": 502, "message": "upstream"}}]},
        "no choices": {**good.body, "choices": []},
        "null for choices": {**good.body, "choices": None},
        "null for a message": {**good.body, "choices": [{"message": None}]},
        "null for an answer": chat(content=None),
        "an empty answer": chat(content=""),
        "an answer in other words": chat(content="I am sorry, Dave."),
        "an answer of another form": chat(content='{"name": ["x"]}'),
        "null": None,
        "a list": [],
        "a number": 3,
    }


def _rows(folder: Path, query: Any) -> list[Any]:
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    with store.read() as connection:
        rows = list(connection.execute(query))
    store.close()
    return rows


def _open(folder: Path, items: int) -> bool:
    """Whether some items have no answer."""
    answered = select(calls.c.fingerprint).where(calls.c.error == "")
    return len(_rows(folder, answered)) < items


def _wrong_names(folder: Path, items: int) -> list[str]:
    found = Counter(row.text for row in _rows(folder, select(candidates.c.text)))
    expected = Counter(f"Nome {n}" for n in range(1, items + 1))
    kept = _rows(folder, select(calls.c.error))
    told = {
        "names lost": (expected - found).total(),
        "names invented or doubled": (found - expected).total(),
        "calls too many or too few": abs(len(kept) - items),
        "calls that failed": sum(row.error != "" for row in kept),
        "pieces of evidence too many or too few": abs(
            len(_rows(folder, select(evidence.c.id))) - items
        ),
        "questions still claimed": len(_rows(folder, select(in_flight))),
    }
    return [f"{number} {what}" for what, number in told.items() if number]


def harvest(folder: Path, items: int, seed: int = 0) -> Counts:
    """Fetch so many entities that the store has in an older state."""
    counts = Counts(items)
    names = [f"Q{n}" for n in range(1, items + 1)]
    url = f"sqlite:///{folder / 'store.db'}"
    store = open_store(url, create=True)
    load_entities(store, [Entity(name, labels={"en": "old"}, revision=1) for name in names])
    store.close()
    (folder / "ids.txt").write_text("\n".join(names), encoding="utf-8")
    server = Moody(_wiki, _ids, _odd_wikis, seed, counts)
    begun = time.monotonic()
    with Server(server) as running:
        network = {"CONTACT": "t@example.org", "REQUESTS_PER_MINUTE": 1e6, "TIMEOUT": SILENCE}
        network |= {"RETRIES": RETRIES, "MAX_ANSWER_BYTES": 4 << 20}
        command = [sys.executable, "-m", "kgenrich.cli.main", "--store", url, "harvest", "ids"]
        command += ["--file", str(folder / "ids.txt"), "--api", f"{running.url}/api.php", "--json"]
        while counts.runs < _RUNS and not _run(command, counts, **network):
            pass
    counts.seconds = time.monotonic() - begun
    found = Counter((row.revision, row.deleted) for row in _rows(folder, select(entities)))
    labels = Counter(row.text for row in _rows(folder, select(terms.c.text)))
    if found != {(2, False): items}:
        counts.faults.append(f"entities by revision and deletion: {found}")
    if labels != Counter(f"new {name}" for name in names):
        counts.faults.append("labels are not those of the server")
    return counts


def _ids(asked: Asked) -> list[str]:
    return asked.parameters["ids"].split("|")


def _wiki(asked: Asked) -> Reply:
    return Reply({"entities": {name: _document(name) for name in _ids(asked)}, "success": 1})


def _document(name: str) -> dict[str, Any]:
    labels = {"en": {"language": "en", "value": f"new {name}"}}
    return {"type": "item", "id": name, "lastrevid": 2, "labels": labels}


def _odd_wikis(good: Reply) -> dict[str, object]:
    """Answers that are none, of the API of a wiki."""
    told: dict[str, Any] = good.body["entities"]
    some = dict([*told.items()][: len(told) // 2])
    return {
        "nothing": {},
        "a list": [],
        "null": None,
        "a number": 3,
        "no entities": {"entities": {}, "success": 1},
        "null for entities": {"entities": None, "success": 1},
        "half of the entities": {"entities": some, "success": 1},
        "null for an entity": {"entities": {**told, next(iter(told)): None}},
        "ids alone": {"entities": {name: {"id": name} for name in told}},
        "it lags": {"error": {"code": "maxlag", "info": "Waiting", "lag": 0.1}},
        "read-only": {"error": {"code": "readonly", "info": "The wiki is read-only"}},
        "an error": {"error": {"code": "internal_api_error_Exception", "info": "Oh"}},
    }
