"""Packages that are read where they are installed: a list of things with a code, and catalogues of
gettext with the names of these in many languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from kgenrich.errors import InputError, SourceStopped
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.known_packages import FOLDERS, known_packages
from kgenrich.sources.dictionary.lookup import Dictionary, DictionarySource, Tables
from kgenrich.sources.dictionary.places import Place
from kgenrich.text import clean, strip_qualifier


class FolderOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.NAME]``: the ``folders`` that may have the package and ``locale``."""

    folders: tuple[str, ...] = FOLDERS


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
    for folder in _paths(context.read(FolderOptions).folders):
        try:
            dictionary = read(folder)
        except InputError:
            continue
        return DictionarySource(dictionary, context)
    package = next(one for one in known_packages() if one.source == source)
    raise SourceStopped(package.lacking())


def _paths(folders: Iterable[str]) -> Iterator[Path]:
    return (Path(folder).expanduser() for folder in folders)
