"""The OWL form of Babelon's translations, which goes out and does not come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgenrich.errors import UsageError
from kgenrich.exchange.formats import Header
from kgenrich.exchange.ontologies.owl import turtle
from kgenrich.exchange.ontologies.rows import translation
from kgenrich.exchange.unit import Unit, UnitAnswer


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """An axiom for each unit that has a translation."""
    yield from turtle((translation(unit, header) for unit in units), header)


def read(path: str) -> Iterator[UnitAnswer]:
    """Raises `UsageError`: people work on the table."""
    raise UsageError(f"{path} is OWL, which is only written: import the Babelon table instead.")
