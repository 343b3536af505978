"""The page in a real browser: on a desk, on a phone, in the dark, on paper, and for everybody."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from kgenrich.settings import Settings
from kgenrich.store.opening import open_store
from kgenrich.verbs.report import ReportOptions, report
from kgenrich.verbs.workspace import Workspace
from tests.report.happened import OVERRIDE, SCRIPT, much_happens

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1200, "height": 900, "deviceScaleFactor": 1, "mobile": False}


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
def browser() -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no browser: install Debian's chromium and chromium-driver to run this test")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as opened:
        yield opened


def look(
    browser: webdriver.Chrome, page: Path, size: dict[str, Any], scheme: str = "light"
) -> None:
    """Open the page on such a screen."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.as_uri())


def test_nothing_else_is_asked_for_and_no_text_is_code(
    browser: webdriver.Chrome, page: Path
) -> None:
    browser.get_log("performance")
    look(browser, page, DESK)
    messages = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert page.as_uri() in asked
    assert all(url == page.as_uri() or url.startswith("data:") for url in asked)
    assert browser.title.startswith("nightly")
    shown = browser.find_element(By.CSS_SELECTOR, ".wanted").text
    assert SCRIPT in shown
    assert OVERRIDE[0] not in shown
    assert "\\u202egnp.exe" in shown
    # Each text of the graph stands for itself, whichever way it runs.
    for text in browser.find_elements(By.CSS_SELECTOR, ".wanted a > *"):
        assert text.tag_name == "bdi"
        assert text.get_attribute("lang") in ("en", "he", "ar", "it")
    assert not browser.find_elements(By.CSS_SELECTOR, "script, img, iframe")


@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_no_screen_scrolls_sideways(browser: webdriver.Chrome, page: Path, width: int) -> None:
    look(browser, page, (PHONE if width < 500 else DESK) | {"width": width})
    widths = browser.execute_script(
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
    browser: webdriver.Chrome, page: Path, size: dict[str, Any], scheme: str
) -> None:
    # The test's own script is let in where the page lets none in.
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    look(browser, page, size, scheme)
    found = Axe().run(browser)
    assert found["passes"]
    assert [
        (one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]
    ] == []
    colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))
    assert (brightness < 200) == (scheme == "dark")
    for plot in browser.find_elements(By.CSS_SELECTOR, "svg"):
        assert plot.accessible_name


def test_it_goes_on_paper(browser: webdriver.Chrome, page: Path) -> None:
    look(browser, page, DESK, "dark")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.7})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(255, 255, 255)"
