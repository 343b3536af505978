"""What each engine calls a language, as ``codes.toml`` has it; whoever runs another version of an
engine overrides single codes with the option ``codes`` of the source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from kgenrich.languages import current, fallbacks

_TABLES = tomllib.loads(files("kgenrich.sources.mt").joinpath("codes.toml").read_text("utf-8"))
ENGINES: Mapping[str, Mapping[str, str]] = {
    engine: {code: code for code in table.get("same", "").split()}
    | dict(pair.split("=") for pair in table.get("other", "").split())
    for engine, table in _TABLES.items()
}
"""The code by Wikimedia's, by engine."""

_DEEPL_TARGET = {"en": "en-us", "pt": "pt-pt", "zh": "zh-hans"}
_DEEPL_SOURCE = {"zh-hans": "zh", "zh-hant": "zh", "pt-br": "pt"}


class Codes:
    """The codes of one engine, with the user's own first."""

    def __init__(self, engine: str, own: Mapping[str, str] | None = None) -> None:
        self._engine = engine
        self._codes = {**ENGINES[engine], **(own or {})}
        self._own = frozenset(own or ())

    def code(self, language: str) -> str | None:
        """The engine's code, None for a language that it does not know.

        A language that the engine does not tell from another by its code (``de-at``, ``en-gb``) is
        asked for as that one; scripts and languages of their own are not.
        """
        language = current(language)
        if language in self._codes:
            return self._codes[language]
        if self._engine in ("marian", "apertium"):
            return _alpha3(language) if self._engine == "apertium" else language
        base, _, region = language.partition("-")
        if region and base in fallbacks(language) and len(region) == 2 and base != "zh":
            return self._codes.get(base)
        return None

    def source(self, language: str) -> str | None:
        """The code as that of a text to be translated."""
        code = self.code(language)
        return _DEEPL_SOURCE.get(code, code) if code and self._engine == "deepl" else code

    def target(self, language: str) -> str | None:
        """The code as that of the translation."""
        code = self.code(language)
        if code and self._engine == "deepl" and language not in self._own:
            return _DEEPL_TARGET.get(code, code)
        return code


def _alpha3(language: str) -> str:
    """ISO 639-3, by which Apertium's modes are called."""
    from langcodes import get as tag

    from kgenrich.languages import bcp47

    try:
        return tag(bcp47(language)).to_alpha3()
    except (LookupError, ValueError):
        return language
