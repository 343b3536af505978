"""TMX 1.4b, a translation memory: a unit a term, each with the language of its source and its own.

A memory has no states: what waits is a property ``x-kgenrich-state`` of the target. A target with a
new ``changeid`` or ``changedate`` is a person's, and is accepted or edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from kgenrich import __version__
from kgenrich.exchange.formats import Header
from kgenrich.exchange.notes import after_mark, answer, notes, remark
from kgenrich.exchange.unit import Unit, UnitAnswer, UnitState
from kgenrich.exchange.xml_answers import read_units
from kgenrich.inputs import Input
from kgenrich.languages import bcp47, wikimedia
from kgenrich.xml.units import LANGUAGE, text_of
from kgenrich.xml.writing import attributes, element, text

_STATE = "x-kgenrich-state"
_ID = 32
_STATES = {str(state): state for state in UnitState}


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A memory."""
    about = {
        "creationtool": "kgenrich",
        "creationtoolversion": __version__,
        "segtype": "phrase",
        "o-tmf": "kgenrich",
        "adminlang": "en",
        "srclang": "*all*",
        "datatype": "plaintext",
    }
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<tmx version="1.4">\n<header{attributes(about)}/>\n<body>\n'
    ).encode()
    for unit in units:
        yield _unit(unit, header).encode()
    yield b"</body>\n</tmx>\n"


def _unit(unit: Unit, header: Header) -> str:
    written = "".join(
        [f"{element('note', note)}\n" for note in (*notes(unit, header), remark(unit)) if note]
    )
    source, target = bcp47(unit.source_language or "und"), bcp47(unit.language)
    who = ""
    if unit.author:
        who = attributes({"changedate": _compact(unit.at), "changeid": unit.author})
    return (
        f'<tu tuid="{unit.id}" srclang="{source}">\n{written}'
        f'<tuv {LANGUAGE}="{source}"><seg>{text(unit.source_text)}</seg></tuv>\n'
        f'<tuv {LANGUAGE}="{target}"{who}><prop type="{_STATE}">{unit.state}</prop>'
        f"<seg>{text(unit.target)}</seg></tuv>\n</tu>\n"
    )


def _compact(at: str) -> str:
    """A time as TMX has it.

    >>> _compact("2026-11-28T13:50:51+00:00")
    '20261128T135051Z'
    """
    return f"{datetime.fromisoformat(at):%Y%m%dT%H%M%SZ}" if at else ""


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers of a memory."""
    with Input(path) as source:
        for one in read_units(source, ("tu",)):
            yield one if isinstance(one, UnitAnswer) else _answer(one.element, one.line)


def _answer(unit: Element, line: int) -> UnitAnswer:
    noted = [text_of(note) for note in unit.iter("note")]
    variants = unit.findall("tuv")
    targets = variants[1:]
    if not targets:
        problem = "the unit has no translation"
        return UnitAnswer(UnitState.OPEN, id=unit.get("tuid", ""), position=line, problem=problem)
    source, target = variants[0], targets[-1]
    said = next(
        (text_of(prop) for prop in target.findall("prop") if prop.get("type") == _STATE), ""
    )
    state = _STATES.get(said, UnitState.OPEN)
    if state is UnitState.OPEN and (target.get("changeid") or target.get("changedate")):
        state = UnitState.ACCEPTED
    return answer(
        _segment(target),
        state,
        noted,
        after_mark(noted),
        line=line,
        id=unit.get("tuid", "") if len(unit.get("tuid", "")) == _ID else "",
        source_text=_segment(source),
        source_language=wikimedia(source.get(LANGUAGE, "")) or "",
        author=target.get("changeid", ""),
        at=target.get("changedate", ""),
    )


def _segment(variant: Element) -> str:
    segment = variant.find("seg")
    return "" if segment is None else text_of(segment)
