"""Which packages of a machine dictionaries read, there or not, and for which languages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import kgenrich
from kgenrich.languages import CODES
from kgenrich.settings import Settings
from kgenrich.sources.dictionary.known_packages import FOLDERS, known_packages


def listed(tmp_path: Path, *languages: str) -> dict[str, dict[str, object]]:
    """The packages by name, where only iso-codes has a folder."""
    (tmp_path / "iso-codes/json").mkdir(parents=True, exist_ok=True)
    (tmp_path / "iso-codes/json/iso_3166-1.json").write_text("{}")
    table = {"folders": [str(tmp_path)]}
    sources = {"iso-codes": table, "libgweather": table, "kalzium": table}
    with kgenrich.open(f"sqlite:///{tmp_path}/kg.db") as graph:
        graph.settings = Settings(sources=sources)
        rows = graph.sources(languages=languages)
    return {one["package"]: one for row in rows for one in row["packages"]}


def test_a_package_is_found_or_its_installation_is_told(tmp_path: Path) -> None:
    packages = listed(tmp_path)
    assert packages["iso-codes"]["place"] == f"{tmp_path}/iso-codes/json/iso_3166-1.json"
    absent = packages["libgweather-4-common"]
    assert (absent["place"], absent["install"]) == ("", "apt install libgweather-4-common")
    assert absent["licence"] == "GPL-2.0-or-later"


@pytest.mark.parametrize(
    ("asked", "helped"),
    [
        (("ja", "tlh"), ["ja"]),
        (("zh", "zh-hant"), ["zh", "zh-hant"]),
        (("sr-el", "pt-br", "de-at"), ["sr-el", "pt-br", "de-at"]),
        (("tlh",), []),
    ],
)
def test_of_the_languages_asked_for_those_that_it_has_are_told(
    tmp_path: Path, asked: tuple[str, ...], helped: list[str]
) -> None:
    assert listed(tmp_path, *asked)["libgweather-4-common"]["languages"] == helped


def test_without_languages_all_that_it_has_are_told(tmp_path: Path) -> None:
    assert {"ka", "ja", "zh-cn"} <= set(listed(tmp_path)["libgweather-4-common"]["languages"])  # type: ignore[call-overload]


def test_every_language_of_the_table_is_one() -> None:
    for package in known_packages():
        assert package.languages <= set(CODES)
        assert package.licence and package.what and package.megabytes


def test_the_command_tells_packages_and_where_prices_go(tmp_path: Path) -> None:
    place = [sys.executable, "-m", "kgenrich.cli.main", "--store", f"{tmp_path}/kg.db"]
    told = subprocess.run(
        [*place, "sources", "list", "-l", "ja,ka"], capture_output=True, text=True, check=True
    ).stdout
    assert "libgweather-4-common" in told
    assert "price, for a million characters (azure, deepl, google, libretranslate)" in told
    rows = json.loads(
        subprocess.run(
            [*place, "sources", "list", "-l", "ja", "--json"], capture_output=True, check=True
        ).stdout
    )
    prices = {row["name"]: row["price"] for row in rows}
    assert prices["deepl"] == "price, for a million characters"
    assert prices["cldr"] == ""


@pytest.mark.skipif(
    not any((Path(folder) / "iso-codes/json").is_dir() for folder in FOLDERS["apt"]),
    reason="the package iso-codes is not installed",
)
def test_the_table_says_what_the_installed_package_says() -> None:
    from kgenrich.sources.dictionary.iso_codes import LICENCE, read_package

    (package,) = (one for one in known_packages() if one.package == "iso-codes")
    folder = Path(package.place()).parents[2]
    assert package.languages <= read_package(folder).languages
    assert package.licence == LICENCE
