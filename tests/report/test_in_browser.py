"""The page in a real browser: on a desk, on a phone, in the dark, on paper, and for everybody."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from kgenrich.settings import Settings
from kgenrich.store.opening import open_store
from kgenrich.verbs.report import ReportOptions, report
from kgenrich.verbs.workspace import Workspace
from tests.report.happened import OVERRIDE, SCRIPT, much_happens
from tests.review.browser import Browser, browsing

pytestmark = pytest.mark.slow

BACKGROUND = "return getComputedStyle(document.body).backgroundColor"
PHONE, DESK = (360, 740), (1200, 900)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    url = f"sqlite:///{folder / 'store.db'}"
    store = open_store(url, create=True)
    much_happens(store)
    store.close()
    with Workspace(Settings(store=url)) as workspace:
        report(workspace, ReportOptions(output=str(folder / "report.html"), reader="en"))
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing("") as opened:
        yield opened


def look(browser: Browser, page: Path, size: tuple[int, int], scheme: str = "light") -> None:
    """Open the page on such a screen."""
    browser.resize(*size, scheme)
    browser.open(page.as_uri())


def test_nothing_else_is_asked_for_and_no_text_is_code(browser: Browser, page: Path) -> None:
    log = browser.driver.get_log
    log("performance")
    look(browser, page, DESK)
    messages = [json.loads(row["message"])["message"] for row in log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert page.as_uri() in asked
    assert all(url == page.as_uri() or url.startswith("data:") for url in asked)
    assert browser.driver.title.startswith("nightly")
    shown = browser.driver.find_element(By.CSS_SELECTOR, ".wanted").text
    assert SCRIPT in shown
    assert OVERRIDE[0] not in shown
    assert "\\u202egnp.exe" in shown
    # Each text of the graph stands for itself, whichever way it runs.
    for text in browser.driver.find_elements(By.CSS_SELECTOR, ".wanted a > *"):
        assert text.tag_name == "bdi"
        assert text.get_attribute("lang") in ("en", "he", "ar", "it")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "script, img, iframe")


@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_no_screen_scrolls_sideways(browser: Browser, page: Path, width: int) -> None:
    look(browser, page, (width, 900))
    widths = browser.driver.execute_script(
        "const page = document.documentElement;"
        "const inner = [...document.querySelectorAll('section *')];"
        "const out = inner.filter(one => !one.closest('svg') &&"
        "  one.getBoundingClientRect().right > one.closest('section').getBoundingClientRect().right"
        "  && getComputedStyle(one).position != 'absolute' && !one.closest('thead'));"
        "return [page.scrollWidth, page.clientWidth, out.map(one => one.outerHTML)]"
    )
    assert widths[0] <= widths[1]
    assert widths[2] == [], "nothing sticks out of its box"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_everybody_can_read_it(
    browser: Browser, page: Path, size: tuple[int, int], scheme: str
) -> None:
    look(browser, page, size, scheme)
    assert browser.serious() == []
    colour = browser.driver.execute_script(BACKGROUND)
    brightness = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))
    assert (brightness < 200) == (scheme == "dark")
    for plot in browser.driver.find_elements(By.CSS_SELECTOR, "svg"):
        assert plot.accessible_name


def test_it_goes_on_paper(browser: Browser, page: Path) -> None:
    look(browser, page, DESK, "dark")
    devtools = browser.driver.execute_cdp_cmd
    printed = devtools("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.7})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    devtools("Emulation.setEmulatedMedia", {"media": "print"})
    colour = browser.driver.execute_script(BACKGROUND)
    assert colour == "rgb(255, 255, 255)"
