"""Packages of npm: kinds of places by their tag, emoji by their character, brands by their item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity, Value
from kgenrich.settings import Settings
from kgenrich.sources.base import FreeSource
from tests.asking import ALIAS, make, want

SCHEMA = "@openstreetmap/id-tagging-schema/dist"
# Excerpts of id-tagging-schema 6.19 (ISC), cldr-annotations-full 48 (Unicode-3.0) and
# name-suggestion-index 8.0 (BSD-3-Clause).
PRESETS = {
    "amenity/cafe": {"tags": {"amenity": "cafe"}, "geometry": ["point"]},
    "amenity/fire_station": {"tags": {"amenity": "fire_station"}},
    "amenity/atm": {"tags": {"amenity": "atm"}},
    "building": {"tags": {"building": "*"}},
    "amenity/bar/lgbtq": {"tags": {"amenity": "bar", "lgbtq": "primary"}},
    "shop/beauty/nails": {"tags": {"shop": "twice"}},
    "shop/twice": {"tags": {"shop": "twice"}},
    "amenity/post_office": {"tags": {"amenity": "post_office"}},
}
NAMED = {
    "en": ["Cafe", "Fire Station", "ATM", "Building", "LGBTQ+ Bar", "Nail Salon", "Twice"],
    "de": ["Café", "Feuerwache", "Geldautomat", "Gebäude", "Bar", "Nagelstudio", "Zweimal"],
    "fr": ["Café", "Caserne de pompiers", "DAB", "Bâtiment", "Bar", "Manucure", "Deux fois"],
    "ja": ["喫茶店", "消防署", "ATM", "建物", "バー", "ネイルサロン", "二回"],
}
EMOJI = {
    "en": {"🐀": "rat", "☀": "sun"},
    "fr": {"🐀": "rat", "☀": "soleil"},
    "ja": {"🐀": "ネズミ", "☀": "太陽"},
    "pt": {"🐀": "rato", "☀": "sol (Brasil)"},
    "pt-PT": {"🐀": "ratazana", "☀": "sol"},
    "zh-Hant": {"🐀": "老鼠", "☀": "太陽"},
    "zh-Hant-HK": {"🐀": "大鼠", "☀": "太陽"},
}
BRANDS: list[dict[str, str]] = [
    {"brand": "セブン-イレブン", "brand:ja": "セブン-イレブン", "brand:en": "7-Eleven"}
    | {"brand:wikidata": "Q259340", "shop": "convenience", "name:ja": "店"},
    {"operator:ja": "京成電鉄", "operator:wikidata": "Q83538", "network:ja": "京成"},
    {"brand:ko": "하나", "brand:wikidata": "Q1"},
    {"brand:ko": "둘", "brand:wikidata": "Q1"},
    {"brand:ja": "無", "brand:not a language": "x"},
]


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder with the three packages."""
    write(tmp_path / SCHEMA / "presets.min.json", PRESETS)
    for language, names in NAMED.items():
        said = {
            preset: {"name": name, "terms": "x,y"}
            for preset, name in zip(PRESETS, names, strict=False)
        }
        said["amenity/post_office"] = {"name": "Post / Bank"}
        path = tmp_path / SCHEMA / f"translations/{language}.min.json"
        write(path, {language: {"presets": {"presets": said}}})
    for locale, names_of in EMOJI.items():
        told = {
            character: {"default": ["x"], "tts": [name]} for character, name in names_of.items()
        }
        path = tmp_path / f"cldr-annotations-full/annotations/{locale}/annotations.json"
        write(path, {"annotations": {"annotations": told}})
    index = {"brands/shop/x": {"properties": {}, "items": [{"tags": tags} for tags in BRANDS]}}
    write(tmp_path / "name-suggestion-index/dist/json/nsi.min.json", {"_meta": {}, "nsi": index})
    return tmp_path


def source(name: str, modules: Path, **more: Any) -> FreeSource:
    made = make(name, {"folders": [str(modules)]}, languages=("fr", "ja"), **more)
    assert isinstance(made, FreeSource)
    return made


def said(source: FreeSource, entity: Entity, *languages: str) -> list[list[str]]:
    return [[c.text for c in source.candidates(want(entity, code))] for code in languages]


def tagged(*tags: str, labels: Mapping[str, str] | None = None) -> Entity:
    values = tuple(Value("string", tag) for tag in tags)
    return Entity("Q30022", labels or {}, claims={"P1282": values})


def test_kinds_of_places_are_found_by_their_tag(modules: Path) -> None:
    schema = source("id-tagging-schema", modules)
    cafe, station = tagged("Tag:amenity=cafe"), tagged("Tag:amenity=fire_station")
    assert said(schema, cafe, "fr", "de", "ja") == [["café"], ["Café"], ["喫茶店"]]
    assert said(schema, station, "en", "fr") == [["fire station"], ["caserne de pompiers"]]
    assert said(schema, tagged("Key:building"), "fr") == [["bâtiment"]]
    (evidence,) = next(iter(schema.candidates(want(cafe, "ja")))).evidence
    assert evidence.licence == "ISC" and "tag Tag:amenity=cafe" in evidence.note


@pytest.mark.parametrize(
    "entity",
    [
        Entity("Q30022", {"en": "cafe"}),
        tagged("amenity=cafe"),
        tagged("Tag:amenity=cafe", "Tag:amenity=fire_station"),
        tagged("Tag:amenity=bar"),
        tagged("Tag:shop=twice"),
        tagged("Tag:amenity=post_office"),
        tagged("Tag:building=*"),
    ],
)
def test_what_is_not_one_tag_of_one_preset_with_one_name_is_not(
    modules: Path, entity: Entity
) -> None:
    assert said(source("id-tagging-schema", modules), entity, "fr") == [[]]


def test_a_name_that_stays_english_in_another_script_is_none(modules: Path) -> None:
    assert said(source("id-tagging-schema", modules), tagged("Tag:amenity=atm"), "ja") == [[]]
    assert said(source("id-tagging-schema", modules), tagged("Tag:amenity=atm"), "fr") == [["DAB"]]


def test_things_are_found_by_their_character(modules: Path) -> None:
    emoji = source("cldr-annotations", modules)
    sun = Entity("Q525", claims={"P487": (Value("string", "☀️"),)})
    rat = Entity("Q36341", claims={"P487": (Value("string", "🐀"),)})
    assert said(emoji, sun, "fr", "ja", "pt", "pt-br") == [["soleil"], ["太陽"], ["sol"], ["sol"]]
    assert said(emoji, rat, "pt", "pt-br") == [["ratazana"], ["rato"]]
    assert said(emoji, rat, "zh-hant", "zh-hk", "zh-tw") == [[], ["大鼠"], []]
    assert said(emoji, sun, "zh-hant") == [["太陽"]]
    assert said(emoji, Entity("Q1", {"en": "sun"}), "fr") == [[]]
    two = Entity("Q1", claims={"P487": (Value("string", "☀"), Value("string", "🐀"))})
    assert said(emoji, two, "fr") == [[]]


def test_its_other_names_tell_whether_an_emoji_is_about_the_entity(modules: Path) -> None:
    emoji = source("cldr-annotations", modules)
    claims = {"P487": (Value("string", "☀"),)}

    def score(**labels: str) -> float:
        (candidate,) = emoji.candidates(want(Entity("Q1", labels, claims=claims), "fr"))
        return candidate.evidence[0].score or 0

    assert score(en="light", ja="光") < score() < score(en="sun", ja="太陽")


def test_brands_are_found_by_their_item(modules: Path) -> None:
    brands = source("name-suggestion-index", modules)
    assert said(brands, Entity("Q259340"), "ja", "en", "fr") == [
        ["セブン-イレブン"],
        ["7-Eleven"],
        [],
    ]
    assert said(brands, Entity("Q83538"), "ja") == [["京成電鉄"]]
    assert said(brands, Entity("Q1"), "ko") == [[]], "written in two ways"
    assert said(brands, Entity("Q259341", {"en": "7-Eleven"}), "ja") == [[]]
    named = Entity("Q83538", {"ja": "京成電鉄"})
    assert not [*brands.candidates(want(named, "ja", ALIAS))]


def test_in_another_graph_the_item_is_what_is_said_to_be_the_same(modules: Path) -> None:
    brands = source("name-suggestion-index", modules, of=Settings(base="http://example.org/"))
    item = Value("entity", "http://www.wikidata.org/entity/Q83538")
    same = Entity("Q5", claims={"http://www.w3.org/2004/02/skos/core#exactMatch": (item,)})
    assert said(brands, same, "ja") == [["京成電鉄"]]
    assert said(brands, Entity("Q83538"), "ja") == [[]]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("id-tagging-schema", f"{SCHEMA}/presets.min.json"),
        ("name-suggestion-index", "name-suggestion-index/dist/json/nsi.min.json"),
    ],
)
def test_a_broken_package_is_off(modules: Path, name: str, file: str) -> None:
    for content in (b"", b"[]", b"\xff", b'{"a": {"tags": 1, "items": 1}}'):
        (modules / file).write_bytes(content)
        with pytest.raises(SourceStopped, match="npm install --global"):
            source(name, modules)


def test_a_broken_language_is_silent(modules: Path) -> None:
    (modules / SCHEMA / "translations/fr.min.json").write_text("{")
    assert said(source("id-tagging-schema", modules), tagged("Tag:amenity=cafe"), "fr") == [[]]


@pytest.mark.parametrize("name", ["id-tagging-schema", "cldr-annotations", "name-suggestion-index"])
def test_without_the_package_it_says_how_to_install_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceStopped, match="npm install --global"):
        source(name, tmp_path)
