"""The source ``id-tagging-schema``: kinds of things on the map, as editors of OpenStreetMap call
them, from the package of that name of npm (ISC) where it is installed.

A preset that stands for one tag alone is found by that tag. Its search terms are no names. What
stands for two things ("Bank / ATM") or has brackets is left out, and titles are made small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.lookup import Dictionary, DictionarySource, Tables
from kgenrich.sources.dictionary.packages import installed, locales, name_in, read_json, small
from kgenrich.text import clean

LICENCE = "ISC"
_FOLDER = "@openstreetmap/id-tagging-schema/dist"


class _Preset(Struct, frozen=True):
    tags: dict[str, str]


class _Named(Struct, frozen=True):
    name: str = ""


class _Presets(Struct, frozen=True):
    presets: dict[str, _Named] = {}


class _Translation(Struct, frozen=True):
    presets: _Presets = _Presets()


class TaggingSchema(Dictionary):
    """The names of ``tags``, which stand by their preset."""

    licence = LICENCE
    edition = "OpenStreetMap iD tagging schema"

    def __init__(self, tags: Mapping[str, str], translations: Mapping[str, Path]) -> None:
        self._tags, self._translations = tags, translations

    @cached_property
    def languages(self) -> frozenset[str]:
        return frozenset(self._translations)

    def tables(self, language: str) -> Tables:
        said = read_json(self._translations[language], dict[str, _Translation], {})
        names = next(iter(said.values()), _Translation()).presets.presets
        return {
            "tag": {
                tag: name
                for preset, tag in self._tags.items()
                if preset in names and (name := _name(names[preset].name, language))
            }
        }


def _name(text: str, language: str) -> str:
    name = name_in(text)
    if "/" in name or name != clean(text):
        return ""
    # English has titles ("Fire Station"), the others have sentences.
    words = name.split() if language == "en" else [name]
    return " ".join(small(word, language) for word in words)


def read_package(folder: Path) -> TaggingSchema:
    """The package under a folder. Raises `InputError`."""
    presets = read_json(folder / _FOLDER / "presets.min.json", dict[str, _Preset])
    tags = {
        preset: f"Key:{key}" if value == "*" else f"Tag:{key}={value}"
        for preset, told in presets.items()
        if len(told.tags) == 1
        for key, value in told.tags.items()
    }
    seen = Counter(tags.values())
    alone = {preset: tag for preset, tag in tags.items() if seen[tag] == 1}
    return TaggingSchema(alone, locales(folder / _FOLDER / "translations", "*.min.json"))


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    return installed(context, "id-tagging-schema", read_package)
