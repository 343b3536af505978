"""Whole sessions in a browser: by keyboard alone, by mouse, in six languages, in any size."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from kgenrich.review.wording import LOCALES
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import find_proposal, proposals
from tests.review.browser import Browser, browsing
from tests.review.site import HOSTILE, fill, served
from tests.store.test_proposals import proposal

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('review') / 'store.db'}"
    store = open_store(url, create=True)
    fill(store, 130)
    yield store, url
    store.close()


@pytest.fixture(scope="module")
def site(filled: tuple[Store, str]) -> Iterator[str]:
    with served(filled[1]) as address:
        yield address


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    """One for all: to start it takes longer than what is asked of it."""
    with browsing(site) as opened:
        yield opened


def shot(browser: Browser, name: str) -> None:
    """Keep a picture for people, where KGENRICH_SCREENSHOTS names a folder."""
    if folder := os.environ.get("KGENRICH_SCREENSHOTS"):
        browser.driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def said(store: Store, number: int, **of: object) -> str:
    one = proposal(f"Q{number}", **{"text": f"luogo {number}", **of})  # type: ignore[arg-type]
    found = find_proposal(store, one.candidate.id).decision
    return (
        "" if found is None else " ".join((found.verdict, found.text, found.reason, found.comment))
    )


def by_keyboard(browser: Browser, act: str) -> None:
    """What a reviewer decides without a mouse, a key or two each."""
    if act == "begin":
        browser.leave(Keys.ENTER)
    elif act == "reject":
        browser.press("r")
        browser.leave("4")
    elif act == "edit":
        browser.press("e")
        browser.leave("!", Keys.ENTER)
    elif act == "discuss":
        browser.press("d")
        browser.press("is it?", Keys.TAB)
        browser.leave(Keys.ENTER)
    else:
        browser.leave({"accept": "a", "other": "1", "unsure": "u", "skip": "s", "undo": "z"}[act])


def by_mouse(browser: Browser, act: str) -> None:
    """The same with buttons; only words are typed."""
    if act == "begin":
        browser.click("a.first")
    elif act == "reject":
        browser.open_part(".reject summary")
        browser.click("button[value='reject:spelling']")
    elif act == "edit":
        browser.open_part(".edit summary")
        browser.open_part(".edit input[name=text]")
        browser.press(Keys.END, "!")
        browser.click(".edit button")
    elif act == "discuss":
        browser.open_part(".discuss summary")
        browser.open_part(".discuss textarea")
        browser.press("is it?")
        browser.click(".discuss button")
    elif act == "other":
        browser.click(".rivals button")
    else:
        key = {"accept": "a", "unsure": "u", "skip": "s", "undo": "z"}[act]
        browser.click(f"button[data-key='{key}']")


@pytest.mark.parametrize("act", [by_keyboard, by_mouse])
@pytest.mark.parametrize("locale", LOCALES)
def test_a_whole_session(
    filled: tuple[Store, str], browser: Browser, locale: str, act: Callable[[Browser, str], None]
) -> None:
    browser.prefer(locale)
    browser.resize(1100, 900)
    browser.open("/?languages=it")
    act(browser, "begin")
    html = browser.driver.find_element("tag name", "html")
    assert html.get_attribute("lang") == locale
    shown = []
    for what in ("accept", "reject", "edit", "other", "unsure", "discuss", "skip", "accept"):
        shown.append(int(browser.driver.find_element("css selector", "h1").text.split()[1]))
        act(browser, what)
    act(browser, "undo")
    assert f"luogo {shown[-1]}" in browser.text, "what was taken back is here again"
    first, rejected, edited, other, unsure, discussed, _, undone = shown
    assert [said(filled[0], number).strip() for number in shown] == [
        f"accept luogo {first}",
        f"reject luogo {rejected} spelling",
        f"edit luogo {edited}!",
        "",
        f"unsure luogo {unsure}",
        f"discuss luogo {discussed}  is it?",
        "",
        f"reopen luogo {undone}",
    ]
    rival = said(filled[0], other, text=f"luoghi {other}", rank=2, probability=0.3).strip()
    assert (rival, len(set(shown))) == (f"accept luoghi {other}", len(shown))


def test_keys_do_nothing_where_one_writes(filled: tuple[Store, str], browser: Browser) -> None:
    browser.open("/next?languages=it")
    path = browser.path
    browser.press("e")
    browser.press("arus")
    assert browser.path == path
    field = browser.driver.find_element("css selector", "input[name=text]")
    assert (field.get_property("value") or "").endswith("arus")
    browser.press(Keys.ESCAPE)
    browser.press("?")
    assert browser.driver.find_element("css selector", ".help").get_attribute("open")
    assert browser.path == path


def test_hostile_labels_stay_text(filled: tuple[Store, str], browser: Browser) -> None:
    mine = next(s for s in proposals(filled[0]) if s.proposal.candidate.text == HOSTILE)
    browser.open(f"/item/{mine.proposal.candidate.id}")
    assert "taken" not in browser.driver.title.split("<")[0]
    assert HOSTILE in browser.text
    assert not [line for line in browser.driver.get_log("browser") if line["level"] == "SEVERE"]


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_is_whole_and_accessible(site: str, browser: Browser, locale: str) -> None:
    browser.prefer(locale)
    browser.resize(1100, 900)
    for name, path in (
        ("queue", "/"),
        ("arabic", "/next?languages=ar"),
        ("italian", "/next?languages=it"),
        ("settings", "/settings"),
        ("log", "/log"),
    ):
        browser.open(path)
        html = browser.driver.find_element("tag name", "html")
        assert html.get_attribute("lang") == locale
        assert html.get_attribute("dir") == ("rtl" if locale == "ar" else "ltr")
        assert browser.serious() == [], path
        shot(browser, f"{locale}-{name}")
    assert browser.hosts() <= {site.removeprefix("http://")}, "nobody else was asked"


@pytest.mark.parametrize(
    ("name", "width", "height", "scheme"),
    [("phone", 360, 740, "light"), ("zoom", 320, 256, "light"), ("dark", 1100, 900, "dark")],
)
def test_it_fits(browser: Browser, name: str, width: int, height: int, scheme: str) -> None:
    """A phone; a page of 1280 pixels at 400 %; a dark one."""
    browser.prefer("en")
    browser.resize(width, height, scheme)
    for page, path in (("queue", "/?languages=it"), ("item", "/next?languages=it")):
        browser.open(path)
        assert not browser.overflows
        assert browser.serious() == []
        shot(browser, f"{name}-{page}")
    browser.resize(1100, 900)
