"""Compiled catalogues of gettext (``fr/LC_MESSAGES/DOMAIN.mo``), as they are installed."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from kgenrich.languages import wikimedia

_SCRIPTS = {"latin": "Latn", "latn": "Latn", "cyrillic": "Cyrl"}


class _Silence(NullTranslations):
    """What is said where a catalogue has no such message: nothing, instead of the message."""

    def gettext(self, message: str) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""


class Catalogues:
    """The catalogues of several domains in a folder such as ``/usr/share/locale``."""

    def __init__(self, folder: Path, domains: Iterable[str]) -> None:
        self._folders: dict[str, Path] = {}
        for domain in domains:
            for path in sorted(folder.glob(f"*/LC_MESSAGES/{domain}.mo"), reverse=True):
                if code := _language(path.parts[-3]):
                    self._folders[code] = path.parent
        self.languages = frozenset(self._folders)

    def domain(self, name: str, language: str) -> NullTranslations:
        """The catalogue of a domain, whose ``gettext`` and ``pgettext`` give an empty text for what
        it does not have. One that is not there or cannot be read has nothing."""
        try:
            with (self._folders[language] / f"{name}.mo").open("rb") as file:
                catalogue: NullTranslations = GNUTranslations(file)
        except (OSError, ValueError, LookupError, struct.error):
            return _Silence()
        catalogue.add_fallback(_Silence())
        return catalogue


def _language(locale: str) -> str:
    """The language of a locale's name; empty for norms that Wikimedia does not tell apart."""
    tag, _, modifier = locale.partition("@")
    if modifier in {"", "valencia"}:
        return wikimedia("-".join(filter(None, (tag, modifier)))) or ""
    script = _SCRIPTS.get(modifier.lower(), "")
    return wikimedia(f"{tag}-{script}") or "" if script else ""
