"""How long a page of the review takes:
`python -m benchmarks.review_page URL ITEMS [DECISIONS [PAUSE]]`.

A store is made (or used, if it is there) with so many open proposals on real rows of every table,
and `kgenrich review` serves it in a process of its own. Four reviewers, each with a token, decide
at once, 1 in 10 otherwise than by accepting, each after a PAUSE (0.5 s, where people take eight; 0:
without one, which asks the server for all that it can do). Printed are the first page of the
queue (median of 20, with its bytes), then of each request the median and the 95th percentile in
milliseconds, and the server's memory as it goes. A decision is two requests: what is sent, and the
next proposal to which that leads.
"""

from __future__ import annotations

import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from sqlalchemy import func, select

from benchmarks.worked_store import FIRST, entity, proposals
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import chunks
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.queue import QueueFilter, count_items
from kgenrich.store.tables import entities
from kgenrich.verbs.reviewers import InviteOptions, invite
from kgenrich.verbs.workspace import Workspace

REVIEWERS = 4
PEOPLE = [f"reviewer {number} of {os.getpid()}" for number in range(REVIEWERS)]
EVERY = QueueFilter(floor=0.0)
_PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')
_TOGETHER = 2000


def fill(store: Store, items: int) -> None:
    """Proposals until so many are open, more or less: two in three are the first for their term,
    half of the Italian ones are there already."""
    number = FIRST + count_entities(store)
    while (there := count_items(store, EVERY).number) < items:
        wanted = range(number, number + (items - there) * 2 // 3 + 10)
        for page in chunks(wanted, _TOGETHER):
            load_entities(store, [*map(entity, page)])
            made = [one for number in page for one in proposals(number)]
            save_proposals(store, 1, made, {f"Q{number}": number for number in page})
        number = wanted.stop


@contextmanager
def served(url: str) -> Iterator[tuple[str, int]]:
    """The address of a page of the store, and the process that serves it."""
    command = [sys.executable, "-m", "kgenrich.cli.main", "--store", url, "review"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--tokens"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://[\w.:]+", process.stdout.readline())
        assert found is not None
        yield found[0], process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def count_entities(store: Store) -> int:
    """How many there are: one that was interrupted goes on behind them."""
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(entities)).scalar_one())


class Reviewer:
    """One who decides, and how long everything took."""

    def __init__(self, site: str, token: str) -> None:
        self.session = requests.Session()
        self.site = site
        self.taken: dict[str, list[float]] = {"decision": [], "next proposal": []}
        self.sent(f"{site}/sign-in", {"token": token, "to": "/settings"})

    def sent(self, url: str, fields: dict[str, str]) -> requests.Response:
        """What a form leads to."""
        return self.session.post(url, fields, allow_redirects=False, timeout=60)

    def decide(self, times: int, pause: float) -> None:
        """Go through the queue."""
        page = self.next("/next?floor=0")
        for number in range(times):
            found = _PROOF.search(page.text)
            if found is None:
                return
            time.sleep(random.uniform(0.5, 1.5) * pause)
            action = "reject:wrong" if number % 10 == 9 else "accept"
            begun = time.perf_counter()
            answer = self.sent(page.url, {"proof": found[1], "action": action})
            self.taken["decision"].append(time.perf_counter() - begun)
            assert answer.status_code == 303, answer.text
            page = self.next(answer.headers["Location"])

    def next(self, path: str) -> requests.Response:
        """The next proposal."""
        begun = time.perf_counter()
        page = self.session.get(self.site + path, timeout=60)
        page.raise_for_status()
        self.taken["next proposal"].append(time.perf_counter() - begun)
        return page


def memory(process: int) -> float:
    """The memory of a process, in MB."""
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def late(seconds: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return 1000 * sorted(seconds)[int(0.95 * len(seconds))]


def main(url: str, items: int, decisions: int, pause: float) -> None:
    """Measure."""
    store = open_store(url, create=True)
    fill(store, items)
    print(f"{count_items(store, EVERY).number} open proposals")
    store.close()
    with Workspace(Settings(store=url)) as mine:  # type: ignore[call-arg]
        tokens = [invite(mine, InviteOptions(name=name, languages=())) for name in PEOPLE]
    with served(url) as (site, process):
        people = [Reviewer(site, token) for token in tokens]
        first = []
        for _ in range(20):
            begun = time.perf_counter()
            page = people[0].session.get(site)
            first.append(time.perf_counter() - begun)
        item = people[0].next("/next?floor=0")
        sizes = f"{len(page.content) / 1000:.1f} kB, of a proposal {len(item.content) / 1000:.1f}"
        print(f"first page {1000 * statistics.median(first):.0f} ms, {sizes} kB")
        before = memory(process)
        steps = 5
        for _ in range(steps):
            with ThreadPoolExecutor(REVIEWERS) as pool:
                each = decisions // steps // REVIEWERS
                [*pool.map(lambda one, each=each: one.decide(each, pause), people)]  # type: ignore[misc]
            done = sum(len(one.taken["decision"]) for one in people)
            print(f"after {done} decisions: {memory(process) - before:+.1f} MB")
        for name in ("decision", "next proposal"):
            taken = [seconds for one in people for seconds in one.taken[name]]
            middle = 1000 * statistics.median(taken)
            print(f"{name}: median {middle:.1f} ms, 95th percentile {late(taken):.1f} ms")


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        int(sys.argv[3]) if len(sys.argv) > 3 else 400,
        float(sys.argv[4]) if len(sys.argv) > 4 else 0.5,
    )
