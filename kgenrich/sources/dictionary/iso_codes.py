"""The source ``iso-codes``: translations of the names in the ISO standards, from the package of
that name (LGPL) where it is installed. They are read in place.

Names are the standards' own: an inverted one ("Congo, The Democratic Republic of the") is no name
unless its translation is turned around, and of several in one entry ("Adyghe; Adygei") the first is
taken, without what is in brackets. Subdivisions that share a name have one translation, which may
be wrong for all but one of them: they are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import Struct

from kgenrich.errors import InputError
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.lookup import Dictionary, DictionarySource, Tables
from kgenrich.sources.dictionary.packages import installed, name_in

LICENCE = "LGPL-2.1-or-later"

_STANDARDS = {
    "territory": ("3166-1",),
    "language": ("639-2", "639-3"),
    "script": ("15924",),
    "currency": ("4217",),
    "subdivision": ("3166-2",),
}


class _Row(Struct, frozen=True):
    """An entry of a standard, as the JSON has it."""

    name: str
    common_name: str = ""
    code: str = ""
    alpha_2: str = ""
    alpha_3: str = ""
    alpha_4: str = ""

    @property
    def key(self) -> str:
        return self.code or self.alpha_2 or self.alpha_3 or self.alpha_4


class IsoCodes(Dictionary):
    """The package under one folder (``/usr/share``). Raises OSError and `msgspec.DecodeError`."""

    licence = LICENCE
    edition = "iso-codes"

    def __init__(self, folder: Path) -> None:
        self._rows = {
            table: [(standard, row) for standard in standards for row in _rows(folder, standard)]
            for table, standards in _STANDARDS.items()
        }
        shared = Counter(row.name for _, row in self._rows["subdivision"])
        self._rows["subdivision"] = [
            (standard, row) for standard, row in self._rows["subdivision"] if shared[row.name] == 1
        ]
        domains = [_domain(standard) for standards in _STANDARDS.values() for standard in standards]
        self._catalogues = Catalogues(folder / "locale", domains)

    @cached_property
    def languages(self) -> frozenset[str]:
        return self._catalogues.languages | {"en"}

    @cached_property
    def originals(self) -> Tables:
        return {
            table: {row.key: row.common_name or row.name for _, row in rows}
            for table, rows in self._rows.items()
        }

    def tables(self, language: str) -> Tables:
        if language == "en":
            # Subdivisions have the names of their country.
            return {
                table: {code: name for code, text in names.items() if (name := _name(text))}
                for table, names in self.originals.items()
                if table != "subdivision"
            }
        said = {
            standard: self._catalogues.domain(_domain(standard), language)
            for standards in _STANDARDS.values()
            for standard in standards
        }
        tables: dict[str, dict[str, str]] = {table: {} for table in self._rows}
        for table, rows in self._rows.items():
            for standard, row in rows:
                for message in filter(None, (row.common_name, row.name)):
                    if name := _name(said[standard].gettext(message)):
                        tables[table].setdefault(row.key, name)
        return tables


def _name(text: str) -> str:
    """The name that a translation gives; empty where it is none."""
    return name_in(text.partition(";")[0])


def _domain(standard: str) -> str:
    return f"iso_{standard}"


def _rows(folder: Path, standard: str) -> Sequence[_Row]:
    data = (folder / "iso-codes" / "json" / f"iso_{standard}.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, list[_Row]])[standard]


def read_package(folder: Path) -> IsoCodes:
    """The package under a folder. Raises `InputError`."""
    try:
        return IsoCodes(folder)
    except (OSError, KeyError, msgspec.DecodeError) as error:
        raise InputError(f"There are no iso-codes in {folder}.") from error


def factory(context: SourceContext) -> DictionarySource:
    """The source over the first folder that has the package.

    Raises `SourceStopped` where none has, `UsageError` for options that it lacks.
    """
    return installed(context, "iso-codes", read_package)
