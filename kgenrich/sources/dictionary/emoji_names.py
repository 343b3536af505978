"""The source ``cldr-annotations``: names of characters in Unicode's Common Locale Data Repository,
from the package ``cldr-annotations-full`` of npm (Unicode-3.0) where it is installed.

An emoji is found by its character, which an item of Wikidata has whose picture it is: so the name
is often that of the picture and not the item's. Keywords are no names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from kgenrich.errors import InputError
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.lookup import (
    VARIATION,
    Dictionary,
    DictionarySource,
    Tables,
    agreed,
)
from kgenrich.sources.dictionary.packages import installed, locales, name_in, read_json

LICENCE = "Unicode-3.0"
_FOLDER = "cldr-annotations-full/annotations"


class _Said(Struct, frozen=True):
    tts: tuple[str, ...] = ()


class _Annotations(Struct, frozen=True):
    annotations: dict[str, _Said] = {}


class _File(Struct, frozen=True):
    annotations: _Annotations = _Annotations()


class EmojiNames(Dictionary):
    """The names of characters in the ``folders`` of the languages."""

    licence = LICENCE
    edition = "CLDR annotations"

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders

    @cached_property
    def languages(self) -> frozenset[str]:
        return frozenset(self._folders)

    def tables(self, language: str) -> Tables:
        said = read_json(self._folders[language] / "annotations.json", _File, _File())
        found: Tables = {
            "character": {
                character.replace(VARIATION, ""): name
                for character, told in said.annotations.annotations.items()
                if told.tts and (name := name_in(told.tts[0]))
            }
        }
        # Their traditional Chinese is that of Taiwan.
        is_divided = language == "zh-hant" and "zh-hk" in self._folders
        return agreed(found, self.tables("zh-hk")) if is_divided else found


def read_package(folder: Path) -> EmojiNames:
    """The package under a folder. Raises `InputError`."""
    found = locales(folder / _FOLDER, "*")
    if "en" not in found:
        raise InputError(f"There are no annotations in {folder / _FOLDER}.")
    european = folder / _FOLDER / "pt-PT"
    if european.is_dir():
        # Their Portuguese is that of Brazil.
        found |= {"pt-br": found["pt"], "pt": european}
    return EmojiNames(found)


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    return installed(context, "cldr-annotations", read_package)
