"""Units as JSON lines, for programs: an object has the fields of `Unit` that are not empty. It
comes back with another ``state``, ``target``, ``reason``, ``comment``, ``author`` or ``at``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.exchange.formats import Header
from kgenrich.exchange.unit import Unit, UnitAnswer, UnitState
from kgenrich.inputs import Input
from kgenrich.model import TermKind


class _Answer(Struct):
    id: str = ""
    entity: str = ""
    kind: TermKind | None = None
    source_language: str = ""
    source_text: str = ""
    language: str = ""
    target: str = ""
    basis: str = ""
    sent: str = ""
    state: UnitState = UnitState.OPEN
    comment: str = ""
    reason: str = ""
    author: str = ""
    at: str = ""


_DECODER = msgspec.json.Decoder(_Answer)


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A line for each unit."""
    for unit in units:
        fields = asdict(unit) | {"sent": unit.sent}
        yield msgspec.json.encode({name: value for name, value in fields.items() if value}) + b"\n"


def read(path: str) -> Iterator[UnitAnswer]:
    """An answer for each line."""
    with Input(path) as source:
        for number, line in enumerate(source.lines(), 1):
            if not line.strip():
                continue
            try:
                fields = asdict(_DECODER.decode(line))
            except (msgspec.DecodeError, UnicodeEncodeError) as error:
                problem = f"it is no unit: {error}"
                yield UnitAnswer(UnitState.OPEN, position=number, problem=problem)
                continue
            yield UnitAnswer(text=fields.pop("target"), position=number, **fields)
