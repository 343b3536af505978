"""Babelon tables, in which groups such as HPO's keep the translations of ontologies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgenrich.exchange.formats import Header
from kgenrich.exchange.ontologies.rows import answer, ordered, read_table, table, translation
from kgenrich.exchange.unit import Unit, UnitAnswer


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A row for each unit, sorted by subject, predicate and source."""
    yield from table(ordered(translation(unit, header) for unit in units))


def read(path: str) -> Iterator[UnitAnswer]:
    """An answer for each row."""
    return (answer(row, line) for line, row in read_table(path))
