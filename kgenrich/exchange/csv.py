"""Tables with commas, as spreadsheets open them: in UTF-8 with a byte order mark, without which
Excel takes it for something else."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator

from kgenrich.exchange.formats import Header
from kgenrich.exchange.tables import delimited
from kgenrich.exchange.tables.delimited import read
from kgenrich.exchange.unit import Unit

__all__ = ["read", "write"]


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A line for each unit."""
    yield BOM_UTF8
    yield from delimited.write(units, ",")
