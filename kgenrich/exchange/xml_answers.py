"""The units of an XML document for those who make answers of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from kgenrich.exchange.unit import UnitAnswer, UnitState
from kgenrich.inputs import Input
from kgenrich.xml.units import XmlUnit, units


def read_units(source: Input, names: Collection[str]) -> Iterator[XmlUnit | UnitAnswer]:
    """The elements of these names, and an answer for each part that is broken. Raises `InputError`
    for a document that is cut off."""
    broken: list[int] = []
    for unit in units(source, names, broken.append):
        yield from _problems(broken)
        yield unit
    yield from _problems(broken)


def _problems(broken: list[int]) -> Iterator[UnitAnswer]:
    for line in broken:
        yield UnitAnswer(UnitState.OPEN, position=line, problem="the XML is broken here")
    broken.clear()
