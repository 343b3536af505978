"""The formats that terms are exchanged in, each a module of this room.

A module has two functions: ``write(units, header) -> Iterator[bytes]`` and
``read(path) -> Iterator[UnitAnswer]``, whose path may be ``-``. What a reader cannot use is an
answer that says the ``problem`` and the line, and it goes on; it raises `InputError` for a file
that is not whole, of which nothing is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import Protocol, cast

from msgspec import Struct, field

from kgenrich.curies import Curies
from kgenrich.errors import UsageError
from kgenrich.exchange.ontologies.predicates import USUAL
from kgenrich.exchange.unit import Unit, UnitAnswer
from kgenrich.model import TermKind
from kgenrich.packing import PACKINGS


class Header(Struct, frozen=True):
    """What holds of a whole file: the language of its source texts (that of a unit may be another
    one), that of its targets (empty where there are several), where the IRIs of bare ids begin.

    For formats of ontologies: the ``curies`` and the ``predicates`` of terms (IRIs) of the graph,
    the ``source`` that is translated and its ``version``."""

    source_language: str
    language: str = ""
    base: str = ""
    curies: Curies = field(default_factory=Curies)
    predicates: Mapping[TermKind, str] = {}
    source: str = ""
    version: str = ""

    def iri(self, entity: str) -> str:
        """The IRI of an entity."""
        return entity if ":" in entity else self.base + entity

    def predicate(self, kind: TermKind) -> str:
        """The IRI that leads to terms of a kind."""
        return self.predicates.get(kind) or USUAL[kind]


class _Module(Protocol):
    def write(self, units: Iterable[Unit], header: Header) -> Iterator[bytes]: ...
    def read(self, path: str) -> Iterator[UnitAnswer]: ...


class Format(Struct, frozen=True):
    """A format, ``title`` in words. ``endings`` are those of file names that mean it,
    ``one_language`` says that a file has a single target language, ``kinds`` are those of terms
    that it has a place for; ``packed`` files are compressed inside;
    ``of_ontologies``: it says how the graph writes terms."""

    name: str
    title: str
    endings: tuple[str, ...]
    one_language: bool = False
    kinds: tuple[TermKind, ...] = tuple(TermKind)
    packed: bool = False
    of_ontologies: bool = False

    @property
    def module(self) -> _Module:
        """What writes and reads it, loaded when it is wanted."""
        return cast(_Module, import_module(f"kgenrich.exchange.{self.name.replace('-', '_')}"))


FORMATS = {
    one.name: one
    for one in (
        Format("po", "gettext PO", ("po", "pot"), one_language=True),
        Format("xliff", "XLIFF 1.2", ("xlf", "xliff"), one_language=True),
        Format("xliff2", "XLIFF 2.1", ("xlf2", "xliff2"), one_language=True),
        Format("tmx", "TMX 1.4b, a translation memory", ("tmx",)),
        Format("tbx", "TBX-Basic, a glossary", ("tbx",), kinds=(TermKind.LABEL, TermKind.ALIAS)),
        Format(
            "babelon",
            "a Babelon table",
            ("babelon.tsv",),
            kinds=(TermKind.LABEL, TermKind.DEFINITION, TermKind.DESCRIPTION),
            of_ontologies=True,
        ),
        Format("babelon-owl", "Babelon as OWL", ("owl", "babelon.ttl"), of_ontologies=True),
        Format(
            "robot",
            "a ROBOT template of synonyms",
            ("synonyms.tsv", "robot.tsv"),
            one_language=True,
            kinds=(TermKind.ALIAS,),
            of_ontologies=True,
        ),
        Format("csv", "a table with commas", ("csv",)),
        Format("tsv", "a table with tabs", ("tsv", "tab")),
        Format("xlsx", "an Excel workbook", ("xlsx",), packed=True),
        Format("jsonl", "JSON, a unit a line", ("jsonl", "ndjson")),
    )
}
"""The formats by name."""


def format_of(path: str, name: str = "") -> Format:
    """The format called so, or that which the name of a file means.

    Raises `UsageError` where there is none.
    """
    if name:
        if name not in FORMATS:
            raise UsageError(f"There is no format {name!r}: choose of {', '.join(FORMATS)}.")
        return FORMATS[name]
    named = PurePath(path).name.lower()
    for packing in PACKINGS:
        named = named.removesuffix(f".{packing.removeprefix('.')}")
    endings = {ending: one for one in FORMATS.values() for ending in one.endings}
    for ending in sorted(endings, key=len, reverse=True):
        if named.endswith(f".{ending}"):
            return endings[ending]
    raise UsageError(f"What format is {path}? Give --format: {', '.join(FORMATS)}.")
