"""Tables with tabs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgenrich.exchange.formats import Header
from kgenrich.exchange.tables import delimited
from kgenrich.exchange.tables.delimited import read
from kgenrich.exchange.unit import Unit

__all__ = ["read", "write"]


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A line for each unit."""
    return delimited.write(units, "\t")
