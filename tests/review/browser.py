"""Debian's Chromium without a screen, which may ask nobody but the page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait

_AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
_PATIENCE = 60


class Browser:
    """A browser at a review page."""

    def __init__(self, driver: webdriver.Chrome, site: str) -> None:
        self.driver = driver
        self.site = site

    def open(self, path: str) -> None:
        self.driver.get(self.site + path)

    @property
    def path(self) -> str:
        return self.driver.current_url.removeprefix(self.site)

    @property
    def text(self) -> str:
        return str(self.driver.execute_script("return document.body.innerText"))

    def press(self, *keys: str) -> None:
        """Type into whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def leave(self, *keys: str) -> None:
        """Type what leads to another page, and wait for that."""
        mark = self.driver.find_element("tag name", "html").id
        self.press(*keys)
        self._moved(mark)

    def click(self, selector: str) -> None:
        """Click what leads to another page, and wait for that."""
        mark = self.driver.find_element("tag name", "html").id
        self.driver.find_element("css selector", selector).click()
        self._moved(mark)

    def open_part(self, selector: str) -> None:
        """Click what stays on the page."""
        self.driver.find_element("css selector", selector).click()

    def press_in(self, selector: str, *keys: str) -> None:
        """Type into a field."""
        self.driver.find_element("css selector", selector).send_keys(*keys)

    def prefer(self, language: str) -> None:
        """Have the reader prefer a language from now on."""
        agent = self.driver.execute_script("return navigator.userAgent")
        told = {"userAgent": agent, "acceptLanguage": language}
        self.driver.execute_cdp_cmd("Network.setUserAgentOverride", told)

    def _moved(self, mark: str) -> None:
        def is_there(driver: Any) -> bool:
            ready = driver.execute_script("return document.readyState") == "complete"
            return ready and driver.find_element("tag name", "html").id != mark

        WebDriverWait(self.driver, _PATIENCE, 0.05).until(is_there)

    def serious(self) -> list[str]:
        """What axe-core finds on the page that is serious or critical."""
        self.driver.execute_script(_AXE.read_text(encoding="utf-8"))
        run = "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"
        found = self.driver.execute_async_script(run)
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    def hosts(self) -> set[str]:
        """Every host that was asked since the browser began."""
        asked = set()
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.add(message["params"]["request"]["url"].split("/")[2])
        return asked

    def resize(self, width: int, height: int, scheme: str = "light") -> None:
        """The size of the page in CSS pixels, and the scheme that its reader prefers."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    @property
    def overflows(self) -> bool:
        """Whether one has to scroll sideways."""
        code = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.driver.execute_script(code))


@contextmanager
def browsing(site: str, language: str = "en") -> Iterator[Browser]:
    """A browser whose reader prefers a language."""
    chromium, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver_path):
        pytest.skip("no Chromium: install chromium and chromium-driver to run this test")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        f"--accept-lang={language}",
        f"--lang={language}",
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        driver.set_script_timeout(_PATIENCE)
        yield Browser(driver, site)
    finally:
        driver.quit()
