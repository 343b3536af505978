"""A file of names in whatever format it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePath

from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.triples import FORMATS as RDF_FORMATS
from kgenrich.inputs import Input
from kgenrich.packing import PACKINGS
from kgenrich.sources.dictionary.files.compiled import read_mo, read_qm
from kgenrich.sources.dictionary.files.concepts import Concept, Reading
from kgenrich.sources.dictionary.files.edict import read_edict
from kgenrich.sources.dictionary.files.graphs import read_graph
from kgenrich.sources.dictionary.files.portable_objects import read_po
from kgenrich.sources.dictionary.files.tables import read_table
from kgenrich.sources.dictionary.files.xml_formats import read_xml

Reader = Callable[[Input, Reading], Iterator[Concept]]

MOST = 1_000_000
"""Concepts of a file."""

FORMATS: Mapping[str, Reader] = {
    "csv": read_table,
    "tsv": read_table,
    "txt": read_table,
    "tmx": read_xml,
    "tbx": read_xml,
    "xlf": read_xml,
    "xliff": read_xml,
    "xml": read_xml,
    "po": read_po,
    "pot": read_po,
    "mo": read_mo,
    "gmo": read_mo,
    "qm": read_qm,
    "edict": read_edict,
    "enamdict": read_edict,
    "edict2": read_edict,
    "skos": read_graph,
    **{ending: read_graph for ending in RDF_FORMATS if ending != "xml"},
}
"""Readers by the name of a format, which is the ending of a file's name or the whole of it."""


_NEUTRAL = {read_po, read_mo, read_qm, read_edict, read_graph}


def may_bind(path: Path, form: str = "") -> bool:
    """Whether a file in its format can forbid a name or prefer one."""
    return FORMATS.get(form or _ending(path), read_table) not in _NEUTRAL


def read_concepts(
    path: Path, reading: Reading, form: str = "", *, needs_ids: bool = True
) -> Iterator[Concept]:
    """The concepts of a file, in the format called ``form`` or that which its name tells (else it
    is a table). ``needs_ids``: a table without a column of them is refused.

    Raises `InputError` where it cannot be read, and after what could where it ends in the middle;
    `UsageError` for a format that there is not.
    """
    if form and form not in FORMATS:
        raise UsageError(f"There is no format {form!r}: choose of {', '.join(FORMATS)}.")
    reader = FORMATS.get(form or _ending(path), read_table)
    if reader is read_table:
        reader = partial(read_table, needs_ids=needs_ids)
    with Input(path) as source:
        for number, concept in enumerate(reader(source, reading)):
            if number == MOST:
                raise InputError(f"{path} has more than {MOST:,} entries: take those you need.")
            yield concept


def _ending(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    if suffixes and suffixes[-1] in PACKINGS:
        suffixes.pop()
    return suffixes[-1][1:] if suffixes else path.name.lower()
