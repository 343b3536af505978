"""What each engine calls a language, as ``codes.toml`` has it; whoever runs another version of an
engine overrides single codes with the option ``codes`` of the source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files

from kgenrich.languages import current, same_language, wikimedia

_TABLES = tomllib.loads(files("kgenrich.sources.mt").joinpath("codes.toml").read_text("utf-8"))


class Codes:
    """The codes of one engine, with the user's ``own`` first; ``installed`` are codes that only
    this installation has."""

    def __init__(
        self, engine: str, own: Mapping[str, str] | None = None, installed: Iterable[str] = ()
    ) -> None:
        table = _TABLES[engine]
        self.by_language: dict[str, list[str]] = {}
        for code in (*table.get("codes", "").split(), *installed):
            self.by_language.setdefault(wikimedia(code) or "", []).append(code)
        for language, code in (_pairs(table, "other") | dict(own or {})).items():
            self.by_language[language] = [code]
        self._speaks_any = not self.by_language and not installed
        self._sources, self._targets = _pairs(table, "as_source"), _pairs(table, "as_target")
        self._own = frozenset((own or {}).values())

    def codes(self, language: str) -> list[str]:
        """The engine's codes, none for a language that it does not know.

        A language that the engine does not tell from another by its code (``de-at``, ``en-gb``) is
        asked for as that one; scripts and languages of their own are not.
        """
        language = current(language)
        near = (language, *same_language(language))
        known = next((self.by_language[code] for code in near if code in self.by_language), [])
        return known or ([language] if self._speaks_any else [])

    def sources(self, language: str) -> list[str]:
        """The codes as those of a text to be translated."""
        return [self._sources.get(code, code) for code in self.codes(language)]

    def targets(self, language: str) -> list[str]:
        """The codes as those of the translation."""
        codes = self.codes(language)
        return [code if code in self._own else self._targets.get(code, code) for code in codes]


def _pairs(table: Mapping[str, str], key: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in table.get(key, "").split())
