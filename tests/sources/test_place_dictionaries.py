"""Cities and elements of installed packages: found by name, country, class and place, or by symbol,
never by less."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from zoneinfo import TZPATH

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity, Value
from kgenrich.sources.base import FreeSource
from tests.asking import ALIAS, make, want

LOCATIONS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE gweather SYSTEM "locations.dtd">
<gweather format="1.0">
  <region><_name>Europe</_name>
    <country><_name>Austria</_name><iso-code>AT</iso-code>
      <city><_name>Vienna</_name><coordinates>48.200000 16.366667</coordinates>
        <location><name>Vienna, Schwechat</name><code>LOWW</code></location></city>
      <city><_name>Nowhere</_name><coordinates>unknown</coordinates></city>
    </country>
    <country><_name>United States</_name><iso-code>US</iso-code>
      <state><_name>Alabama</_name>
        <city><_name msgctxt="City in Alabama, United States">Auburn</_name>
          <coordinates>32.609857 -85.480782</coordinates></city></state>
      <state><_name>Maine</_name>
        <city><_name msgctxt="City in Maine, United States">Auburn</_name>
          <coordinates>44.097851 -70.231166</coordinates></city>
        <city><_name>Bath</_name><coordinates>43.9 -69.8</coordinates></city>
        <city><_name>Bath</_name><coordinates>30.0 -90.0</coordinates></city></state>
    </country></region>
</gweather>"""
WORLD = (
    Entity("Q40", {"en": "Austria"}, claims={"P297": (Value("string", "AT"),)}),
    Entity("Q30", {"en": "United States"}, claims={"P297": (Value("string", "US"),)}),
    Entity("Q99", {"en": "city of regional significance of Ukraine"}),
    Entity("Q98", {"en": "town hall"}),
)
VIENNA, AUBURN = "Point(16.37 48.21)", "Point(-85.48 32.61)"
AUSTRIA, AMERICA = ("Q40",), ("Q30",)


def settlement(
    name: str,
    point: str,
    countries: tuple[str, ...],
    classes: tuple[str, ...] = ("Q515",),
    **labels: str,
) -> Entity:
    claims = {"P17": tuple(Value("entity", country) for country in countries)}
    claims["P625"] = (Value("string", point),)
    return Entity("Q1", {"en": name, **labels}, classes=classes, claims=claims)


def write(folder: Path, domain: str, locale: str, said: Mapping[tuple[str, str], str]) -> None:
    catalogue = Catalog()
    for (context, message), text in said.items():
        catalogue.add(message, text, context=context or None)
    place = folder / "locale" / locale / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"{domain}.mo").open("wb") as file:
        write_mo(file, catalogue)


@pytest.fixture
def weather(tmp_path: Path) -> FreeSource:
    (tmp_path / "libgweather-4").mkdir()
    (tmp_path / "libgweather-4/Locations.xml").write_text(LOCATIONS, "utf-8")
    domain = "libgweather-4.0-locations"
    write(
        tmp_path,
        domain,
        "ja",
        {
            ("", "Vienna"): "ウィーン",
            ("", "Austria"): "オーストリア",
            ("City in Alabama, United States", "Auburn"): "オーバーン",
            ("", "Auburn"): "違う",
            ("", "Bath"): "バス",
        },
    )
    write(tmp_path, domain, "nl", {("", "Vienna"): "Wenen (stad)", ("", "Austria"): "Rijk, Oosten"})
    source = make("libgweather", {"folders": [str(tmp_path)]}, languages=("ja",), world=WORLD)
    assert isinstance(source, FreeSource)
    return source


def said(source: FreeSource, entity: Entity, language: str = "ja") -> list[str]:
    return [c.text for c in source.candidates(want(entity, language))]


def test_a_city_is_found_by_name_country_class_and_place(weather: FreeSource) -> None:
    assert said(weather, settlement("Vienna", VIENNA, AUSTRIA)) == ["ウィーン"]
    assert said(weather, settlement("Vienna", VIENNA, AUSTRIA, ("Q99",))) == ["ウィーン"]
    assert said(weather, settlement("Vienna", VIENNA, ("Q28513", "Q40"))) == ["ウィーン"]
    assert said(weather, settlement("Auburn", AUBURN, AMERICA)) == ["オーバーン"]


@pytest.mark.parametrize(
    "entity",
    [
        settlement("Wien", VIENNA, AUSTRIA),
        settlement("Vienna", VIENNA, AMERICA),
        settlement("Vienna", VIENNA, ("Q28513",)),
        settlement("Vienna", VIENNA, ()),
        settlement("Vienna", VIENNA, AUSTRIA, ()),
        settlement("Vienna", VIENNA, AUSTRIA, ("Q5",)),
        settlement("Vienna", VIENNA, AUSTRIA, ("Q98",)),
        settlement("Vienna", "Point(15.43 47.07)", AUSTRIA),
        settlement("Vienna", f"<http://www.wikidata.org/entity/Q405> {VIENNA}", AUSTRIA),
        settlement("Vienna", "Point(nan)", AUSTRIA),
        settlement("Auburn", "Point(-70.23 44.10)", AUSTRIA),
        settlement("Bath", "Point(-69.8 43.9)", AMERICA),
        settlement("Nowhere", VIENNA, AUSTRIA),
    ],
)
def test_what_lacks_one_of_the_four_is_not_found(weather: FreeSource, entity: Entity) -> None:
    assert said(weather, entity) == []


def test_a_name_with_a_context_is_asked_for_with_it_alone(weather: FreeSource) -> None:
    assert said(weather, settlement("Auburn", "Point(-70.23 44.10)", AMERICA)) == []


def test_countries_have_their_code_and_names_no_brackets(weather: FreeSource) -> None:
    country = Entity("Q40", claims={"P297": (Value("string", "AT"),)})
    assert said(weather, country) == ["オーストリア"]
    assert said(weather, country, "nl") == []
    assert said(weather, settlement("Vienna", VIENNA, AUSTRIA), "nl") == ["Wenen"]


def test_evidence_says_which_city_it_is_and_under_which_licence(weather: FreeSource) -> None:
    entity = settlement("Vienna", VIENNA, AUSTRIA, nl="Wenen")
    (candidate,) = weather.candidates(want(entity, "ja"))
    (piece,) = candidate.evidence
    assert piece.licence == "GPL-2.0-or-later"
    assert piece.note.startswith("libgweather 4, city Vienna (AT 48.20 16.37); ")
    named = settlement("Vienna", VIENNA, AUSTRIA, ja="ウィーン")
    assert not [*weather.candidates(want(named, "ja", ALIAS))]


@pytest.mark.skipif(
    not any((Path(folder) / "zone.tab").is_file() for folder in TZPATH),
    reason="the system has no table of time zones",
)
def test_cldr_names_the_cities_of_time_zones() -> None:
    source = make("cldr", languages=("ja",), world=WORLD)
    assert isinstance(source, FreeSource)
    assert said(source, settlement("Vienna", VIENNA, AUSTRIA)) == ["ウィーン"]
    assert said(source, settlement("Vienna", VIENNA, AUSTRIA), "hu") == ["Bécs"]
    assert said(source, settlement("Vienna", AUBURN, AMERICA)) == []
    # It has no word of its own for what it calls as the zone is called.
    assert said(source, settlement("Vienna", VIENNA, AUSTRIA), "fr") in ([], ["Vienne"])


CITIES = [
    ("Vienna", "", "Austria", " 48° 12' 00\"", " 16° 22' 00\""),
    ("Auburn", "Alabama", "USA", " 32° 36' 36\"", "-85° 28' 51\""),
    ("Bath", "Maine", "USA", " 43° 54' 00\"", "-69° 48' 00\""),
    ("Graz", "Styria", "Austria", "unknown", None),
    ("Atlantis", "", "Ocean", " 1° 00' 00\"", " 1° 00' 00\""),
]


def test_cities_of_a_planetarium_have_where_they_are_as_their_context(tmp_path: Path) -> None:
    (tmp_path / "kstars").mkdir()
    with closing(sqlite3.connect(tmp_path / "kstars/citydb.sqlite")) as database:
        columns = "Name, Province, Country, Latitude, Longitude"
        database.execute(f"CREATE TABLE city (id INTEGER PRIMARY KEY, {columns})")
        insert = f"INSERT INTO city ({columns}) VALUES (?, ?, ?, ?, ?)"
        database.executemany(insert, CITIES)
        database.commit()
    said_there = {
        ("City in Austria", "Vienna"): "Вена|/|$[x 'Вене']",
        ("City in Alabama USA", "Auburn"): "Оберн",
        ("City in Ohio USA", "Bath"): "Бат",
        ("", "Bath"): "ванна",
        ("Country name", "Austria"): "Австрия",
    }
    write(tmp_path, "kstars", "ru", said_there)
    source = make("kstars", {"folders": [str(tmp_path)]}, world=WORLD)
    assert isinstance(source, FreeSource)
    assert said(source, settlement("Vienna", VIENNA, AUSTRIA), "ru") == ["Вена"]
    assert said(source, settlement("Auburn", AUBURN, AMERICA), "ru") == ["Оберн"]
    for other in (
        settlement("Vienna", VIENNA, AMERICA),
        settlement("Auburn", "Point(-70.23 44.10)", AMERICA),
        settlement("Bath", "Point(-69.8 43.9)", AMERICA),
        settlement("Graz", "Point(15.43 47.07)", AUSTRIA),
        settlement("Atlantis", "Point(1 1)", AUSTRIA),
    ):
        assert said(source, other, "ru") == []
    country = Entity("Q40", claims={"P297": (Value("string", "AT"),)})
    assert said(source, country, "ru") == ["Австрия"]


ELEMENTS = """<list xmlns="http://www.xml-cml.org/schema">
<atom id="H"><label dictRef="bo:symbol" value="H"/>
<label dictRef="bo:name" xml:lang="en" value="Hydrogen"/></atom></list>"""


def test_elements_are_found_by_their_symbol_and_written_as_the_language_does(
    tmp_path: Path,
) -> None:
    (tmp_path / "libkdeedu/data").mkdir(parents=True)
    (tmp_path / "libkdeedu/data/elements.xml").write_text(ELEMENTS)
    write(tmp_path, "kalzium", "fr", {("", "Hydrogen"): "Hydrogène|/|$[x 'y']"})
    write(tmp_path, "kalzium", "de", {("", "Hydrogen"): "Wasserstoff"})
    source = make("kalzium", {"folders": [str(tmp_path)]})
    assert isinstance(source, FreeSource)
    hydrogen = Entity("Q556", claims={"P246": (Value("string", "H"),)})
    assert [said(source, hydrogen, code) for code in ("fr", "de", "en", "it")] == [
        ["hydrogène"],
        ["Wasserstoff"],
        ["hydrogen"],
        [],
    ]
    assert said(source, Entity("Q1", {"en": "hydrogen"}), "fr") == []


MAP = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE kgeographyMap>
<map><mapFile>{file}.png</mapFile><name>{title}</name>{divisions}</map>"""
DIVISION = "<division><name>{}</name><ignore>{}</ignore></division>"


def test_parts_of_countries_are_found_by_name_and_the_country_of_their_code(
    tmp_path: Path,
) -> None:
    maps = {
        "germany": ("Germany", [("Bavaria", "no"), ("Not Germany", "yes"), ("Double", "no")]),
        "germany_districts": ("Germany (Districts)", [("Double", "no")]),
        "world": ("The World", [("Spain", "no"), ("Nowhere", "no")]),
    }
    (tmp_path / "kgeography").mkdir()
    for file, (title, names) in maps.items():
        divisions = "".join(DIVISION.format(*name) for name in names)
        text = MAP.format(file=file, title=title, divisions=divisions)
        (tmp_path / f"kgeography/{file}.kgm").write_text(text, "utf-8")
    said_there = {
        ("germany.kgm", "Bavaria"): "Bavière",
        ("germany.kgm", "Double"): "double",
        ("world.kgm", "Spain"): "Espagne",
        ("world.kgm", "Nowhere"): "nulle part",
    }
    write(tmp_path, "kgeography", "fr", said_there)
    source = make("kgeography", {"folders": [str(tmp_path)]})
    assert isinstance(source, FreeSource)

    def named(name: str, *codes: str) -> Entity:
        return Entity("Q1", {"en": name}, claims={"P300": tuple(Value("string", c) for c in codes)})

    assert said(source, named("Bavaria", "DE-BY"), "fr") == ["Bavière"]
    assert said(source, named("bavaria", "DE-BY", "DE-X"), "fr") == ["Bavière"]
    for other in (
        named("Bavaria"),
        named("Bavaria", "US-BY"),
        named("Bavaria", "DE-BY", "US-BY"),
        named("Double", "DE-X"),
        named("Nowhere", "DE-X"),
        named("Not Germany", "DE-X"),
    ):
        assert said(source, other, "fr") == []
    country = Entity("Q29", claims={"P297": (Value("string", "ES"),)})
    assert said(source, country, "fr") == ["Espagne"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("kgeography", "kgeography/world.kgm"),
        ("libgweather", "libgweather-4/Locations.xml"),
        ("kalzium", "libkdeedu/data/elements.xml"),
        ("kstars", "kstars/citydb.sqlite"),
    ],
)
def test_a_package_that_is_not_there_or_is_broken_is_off(
    tmp_path: Path, name: str, file: str
) -> None:
    for content in (None, "", "<a", "<!DOCTYPE a [<!ENTITY b '&b;&b;'>]><a>&b;</a>"):
        if content is not None:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(content)
        with pytest.raises(SourceStopped, match=r"apt install .*GPL"):
            make(name, {"folders": [str(tmp_path)]})
