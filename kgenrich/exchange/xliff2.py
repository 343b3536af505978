"""XLIFF 2.1: a unit a term, with matches, notes and a restriction of its size.

What waits has the state ``initial``; one that is translated, reviewed or final is accepted. A
sub-state ``kgenrich:rejected`` rejects, and so does a note that begins with ``reject:``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from kgenrich.exchange.formats import Header
from kgenrich.exchange.notes import answer, notes, remark
from kgenrich.exchange.unit import Suggestion, Unit, UnitAnswer, UnitState
from kgenrich.exchange.xml_answers import read_units
from kgenrich.inputs import Input
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import RejectReason
from kgenrich.xml.units import inner, text_of
from kgenrich.xml.writing import attributes, element

DONE = frozenset(("translated", "reviewed", "final"))
"""States of a finished translation (XLIFF 2.1, 4.3.1.33 "state")."""

_REJECTED = "kgenrich:rejected"
_ID = 32
_REASONS = frozenset(RejectReason)


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A document with one file."""
    about = {
        "xmlns": "urn:oasis:names:tc:xliff:document:2.0",
        "xmlns:mtc": "urn:oasis:names:tc:xliff:matches:2.0",
        "xmlns:slr": "urn:oasis:names:tc:xliff:sizerestriction:2.0",
        "version": "2.1",
        "srcLang": bcp47(header.source_language),
        "trgLang": bcp47(header.language) if header.language else "",
    }
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xliff{attributes(about)}>\n'
        '<file id="kgenrich">\n'
        '<slr:profiles generalProfile="xliff:codepoints"><slr:normalization general="nfc"/>'
        "</slr:profiles>\n"
    ).encode()
    for unit in units:
        yield _unit(unit, header).encode()
    yield b"</file>\n</xliff>\n"


def _unit(unit: Unit, header: Header) -> str:
    about = {
        "id": unit.id,
        "name": f"{unit.entity} {unit.kind}",
        "slr:sizeRestriction": str(unit.maximum or ""),
    }
    state = {"id": "s", "state": "initial"}
    if unit.state in (UnitState.ACCEPTED, UnitState.EDITED):
        state["state"] = "final"
    elif unit.state is UnitState.REJECTED:
        state["subState"] = f"{_REJECTED}-{unit.reason}" if unit.reason else _REJECTED
    written = [element("note", line, category="kgenrich") for line in notes(unit, header)]
    if said := remark(unit):
        written.append(element("note", said, category="reviewer"))
    matches = "".join(
        _match(one, number, unit.source_text) for number, one in enumerate(unit.suggestions, 1)
    )
    space = {"xml:space": "preserve"}
    return (
        f"<unit{attributes(about)}>\n"
        f"{f'<mtc:matches>{chr(10)}{matches}</mtc:matches>{chr(10)}' if matches else ''}"
        f"<notes>\n{''.join(note + chr(10) for note in written)}</notes>\n"
        f"<segment{attributes(state)}>\n{element('source', unit.source_text, **space)}\n"
        f"{element('target', unit.target, **space)}\n</segment>\n</unit>\n"
    )


def _match(one: Suggestion, number: int, source: str) -> str:
    about = {
        "id": f"m{number}",
        "ref": "#s",
        "matchQuality": f"{one.probability * 100:.1f}",
        "origin": ", ".join(one.sources),
        "type": "other",
        "subType": "kgenrich:proposal",
    }
    return (
        f"<mtc:match{attributes(about)}>{element('source', source)}"
        f"{element('target', one.text)}</mtc:match>\n"
    )


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers of a document."""
    with Input(path) as source:
        for one in read_units(source, ("unit",)):
            if isinstance(one, UnitAnswer):
                yield one
            else:
                language = dict(one.above).get("xliff", {}).get("srcLang", "")
                yield _answer(one.element, language, one.line)


def _answer(unit: Element, language: str, line: int) -> UnitAnswer:
    texts: dict[str, list[str]] = {"source": [], "target": []}
    states, sub_states = [], []
    has_target = False
    for part in unit:
        if part.tag not in ("segment", "ignorable"):
            continue
        found = {one.tag: text_of(one) for one in part}
        texts["source"].append(found.get("source", ""))
        texts["target"].append(found.get("target", "" if part.tag == "segment" else " "))
        if part.tag == "segment":
            has_target |= bool(found.get("target"))
            states.append(part.get("state", "initial"))
            sub_states.append(part.get("subState", ""))
    rejected = next((one for one in sub_states if one.startswith(_REJECTED)), "")
    noted = [(note.get("category", ""), text_of(note)) for note in inner(unit, "note")]
    state = UnitState.OPEN
    if rejected:
        state = UnitState.REJECTED
    elif states and all(one in DONE for one in states):
        state = UnitState.ACCEPTED
    reason = rejected.removeprefix(_REJECTED).lstrip("-")
    id = unit.get("id", "")
    return answer(
        "".join(texts["target"]) if has_target else "",
        state,
        (note for _, note in noted),
        (note for category, note in noted if category != "kgenrich"),
        line=line,
        id=id if len(id) == _ID else "",
        source_text="".join(texts["source"]),
        source_language=wikimedia(language) or "",
        reason=reason if reason in _REASONS else "",
    )
