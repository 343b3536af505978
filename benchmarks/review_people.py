"""People at the review page: `python -m benchmarks.review_people URL [ITEMS [PAUSE]]`.

First four browsers (Chromium without a screen, a reviewer each, by keyboard) decide all of ITEMS
Italian names (500) at the same time, and the fourth is killed after 20: printed are how many were
decided, how many of them by more than one decision, how many were lost, and whether what the
killed one had in front comes back once its lease is over.

Then one reviewer decides 300 others by keyboard: nine in ten are accepted, and of each twenty one
is rejected with a reason and one gets another candidate. The reviewer thinks for PAUSE seconds
(0.2) at each, which stand for eight: the time that the page itself takes is measured, and eight
seconds for each are added. The keys are counted as they are pressed.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium.common.exceptions import WebDriverException
from sqlalchemy import func, select

from benchmarks.review_page import served
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.leases import LEASE, take_next
from kgenrich.store.story.queue import QueueFilter, count_items
from kgenrich.store.tables import decisions
from kgenrich.verbs.reviewers import InviteOptions, invite
from kgenrich.verbs.workspace import Workspace
from tests.review.browser import Browser, browsing
from tests.review.site import fill

PEOPLE = ("Ann", "Ben", "Eve", "Joe")
ITALIAN = QueueFilter(languages=("it",))
SCRIPTED = 300
THINKING = 8.0
_KILLED_AFTER = 20


def sign_in(browser: Browser, token: str) -> None:
    """Go to the first item."""
    browser.open("/sign-in?to=/next%3Flanguages%3Dit")
    browser.press_in("input[name=token]", token)
    browser.click("form.settings button")


def work(site: str, token: str, last: int) -> int:
    """Accept what there is; the browser is killed after the ``last`` (0: never)."""
    done = 0
    try:
        with browsing(site) as browser:
            sign_in(browser, token)
            while "/item/" in browser.path:
                if last and done == last:
                    browser.driver.service.process.kill()  # type: ignore[attr-defined]
                    return done
                browser.leave("a")
                done += 1
    except WebDriverException:
        if not last:
            raise
    return done


def together(store: Store, site: str, tokens: list[str]) -> None:
    """All at once, one of them killed."""
    number = count_items(store, ITALIAN).number
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(tokens)) as pool:
        killed = [0] * (len(tokens) - 1) + [_KILLED_AFTER]
        done = [*pool.map(lambda of: work(site, *of), zip(tokens, killed, strict=True))]
    seconds = time.perf_counter() - begun
    with store.read() as connection:
        query = select(decisions.c.candidate_id, func.count()).group_by(decisions.c.candidate_id)
        made = Counter({id: int(n) for id, n in connection.execute(query)})
    left = count_items(store, ITALIAN).number
    print(f"{number} items by four browsers in {seconds:.0f} s, one killed: decided {done}")
    print(f"{len(made)} decided, {sum(n > 1 for n in made.values())} twice, {left} left")
    waiting = take_next(store, ITALIAN, "late", time.time()) is None
    back = take_next(store, ITALIAN, "late", time.time() + LEASE + 1) is not None
    print(
        f"lost: {number - len(made) - left}; what the killed one had waits: {waiting}, then comes"
        f" back: {back}"
    )


def alone(site: str, token: str, pause: float) -> None:
    """The scripted reviewer."""
    keys = 0
    with browsing(site) as browser:
        sign_in(browser, token)
        begun = time.perf_counter()
        for number in range(SCRIPTED):
            time.sleep(pause)
            if number % 20 == 7:
                browser.press("r")
                browser.leave("4")
                keys += 2
            else:
                browser.leave("1" if number % 20 == 13 else "a")
                keys += 1
        seconds = time.perf_counter() - begun - SCRIPTED * pause
    whole = (seconds + SCRIPTED * THINKING) / 60
    print(
        f"{SCRIPTED} decisions: {keys / SCRIPTED:.2f} keys each; the page took {seconds:.0f} s, "
        f"with {THINKING:.0f} s of thinking at each {whole:.1f} minutes"
    )


def main(url: str, items: int, pause: float) -> None:
    """Measure."""
    store = open_store(url, create=True)
    fill(store, items)
    with Workspace(Settings(store=url)) as mine:  # type: ignore[call-arg]
        tokens = [invite(mine, InviteOptions(name=name, languages=("it",))) for name in PEOPLE]
    with served(url) as (site, _):
        together(store, site, tokens)
    with TemporaryDirectory() as folder:
        other = f"sqlite:///{Path(folder) / 'store.db'}"
        with Workspace(Settings(store=other)) as mine:  # type: ignore[call-arg]
            fill(mine.make_store(), SCRIPTED + 1)
            scripted = invite(mine, InviteOptions(name="Zoe", languages=("it",)))
        with served(other) as (site, _):
            alone(site, scripted, pause)
    store.close()


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]) if len(sys.argv) > 2 else 500,
        float(sys.argv[3]) if len(sys.argv) > 3 else 0.2,
    )
