"""Packages that are read where they are installed: a list of things with a code, and catalogues of
gettext with the names of these in many languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from kgenrich.errors import InputError, SourceStopped
from kgenrich.languages import base, wikimedia
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.known_packages import known_packages
from kgenrich.sources.dictionary.lookup import Dictionary, DictionarySource, Tables
from kgenrich.sources.dictionary.places import Place
from kgenrich.text import clean, strip_qualifier

T = TypeVar("T")

# Languages that write common nouns with a capital letter.
_CAPITAL = {"de", "lb", "nds", "gsw", "bar", "frr", "stq"}


class FolderOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.NAME]``: the ``folders`` that may have the package, and what it needs beside it
    (``locale``); without, those in which it is installed for the whole machine."""

    folders: tuple[str, ...] = ()


class Message(Struct, frozen=True):
    """What a catalogue is asked for: a text, in one of these contexts (``""``: without one)."""

    text: str
    contexts: tuple[str, ...] = ("",)


Messages = Mapping[str, Mapping[str, Message]]
"""What is asked for by table and code."""


class CataloguePackage(Dictionary):
    """The names of ``messages`` in the catalogues of a domain under a folder (``/usr/share``)."""

    def __init__(
        self,
        edition: str,
        licence: str,
        catalogues: Catalogues,
        domain: str,
        messages: Messages,
        places: Sequence[Place] = (),
    ) -> None:
        self.edition = edition
        self.licence = licence
        self.places = places
        self._catalogues = catalogues
        self._domain = domain
        self._messages = messages

    @cached_property
    def languages(self) -> frozenset[str]:
        return self._catalogues.languages | {"en"}

    def tables(self, language: str) -> Tables:
        if language == "en":
            return {
                table: {code: message.text for code, message in messages.items()}
                for table, messages in self._messages.items()
            }
        catalogue = self._catalogues.domain(self._domain, language)

        def said(message: Message) -> str:
            texts = (
                catalogue.pgettext(context, message.text)
                if context
                else catalogue.gettext(message.text)
                for context in message.contexts
            )
            return name_in(next(filter(None, texts), ""))

        return {
            table: {code: text for code, message in messages.items() if (text := said(message))}
            for table, messages in self._messages.items()
        }


def name_in(text: str) -> str:
    """The name that a translation has, without what is in brackets behind it and the mark that
    ends a Tibetan sentence; empty where it is turned around ("Congo, Republic of the")."""
    # KDE writes forms for scripts behind this mark.
    name = clean(strip_qualifier(clean(text.partition("|/|")[0])).rstrip("།"))
    return "" if "," in name or "、" in name else name


def installed(
    context: SourceContext, source: str, read: Callable[[Path], Dictionary]
) -> DictionarySource:
    """The ``source`` over the first folder from which its package can be read.

    Raises `SourceStopped` where there is none, `UsageError` for options that it has not.
    """
    package = next(one for one in known_packages() if one.source == source)
    for folder in package.folders(context.read(FolderOptions).folders):
        try:
            dictionary = read(folder)
        except InputError:
            continue
        return DictionarySource(dictionary, context)
    raise SourceStopped(package.lacking())


def read_json(path: Path, kind: type[T], default: T | None = None) -> T:
    """A file of JSON; for one that cannot be read the default, without which it raises
    `InputError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        if default is not None:
            return default
        raise InputError(f"{path} cannot be read: {error}.") from error


def locales(folder: Path, pattern: str) -> dict[str, Path]:
    """The files or folders of a pattern by the language that their name begins with: where several
    are of one language, the one with the shortest name ("zh" before "zh-CN")."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob(pattern), key=lambda path: (len(path.name), path.name)):
        if code := wikimedia(path.name.partition(".")[0]):
            found.setdefault(code, path)
    return found


def small(text: str, language: str) -> str:
    """A common noun that its source begins with a capital letter, as the language writes it.

    >>> small("Wasserstoff", "de"), small("Hydrogène", "fr"), small("ATM", "fr")
    ('Wasserstoff', 'hydrogène', 'ATM')
    """
    is_kept = base(language) in _CAPITAL or text[1:2].isupper()
    return text if is_kept else text[:1].lower() + text[1:]
