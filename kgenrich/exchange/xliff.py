"""XLIFF 1.2: a translation unit a term, with its state, its maximum and its alternatives.

What waits has the state ``needs-review-translation``; a translation that is approved, or whose
state is one of a finished one, is accepted. A state qualifier that begins with ``rejected-``
rejects, and so does a note that begins with ``reject:``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from kgenrich.exchange.formats import Header
from kgenrich.exchange.notes import answer, notes, remark, told
from kgenrich.exchange.unit import Suggestion, Unit, UnitAnswer, UnitState
from kgenrich.exchange.xml_answers import read_units
from kgenrich.inputs import Input
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import RejectReason
from kgenrich.xml.units import text_of
from kgenrich.xml.writing import attributes, element, text

DONE = frozenset(("translated", "signed-off", "final"))
"""States of a finished translation (XLIFF 1.2, 2.3, "state")."""

QUALIFIERS = {
    RejectReason.SPELLING: "rejected-spelling",
    RejectReason.STYLE: "rejected-grammar",
}
_REASONS = {qualifier: reason for reason, qualifier in QUALIFIERS.items()}
_INACCURATE = "rejected-inaccurate"
_HEADERS = ("x-gettext-domain-header",)
"""What `po2xliff` makes of what is no unit."""
_ID = 32


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A document with one file."""
    about = {
        "original": "kgenrich",
        "datatype": "plaintext",
        "source-language": bcp47(header.source_language),
        "target-language": bcp47(header.language) if header.language else "",
    }
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n'
        f"<file{attributes(about)}>\n<body>\n"
    ).encode()
    for unit in units:
        yield _unit(unit, header).encode()
    yield b"</body>\n</file>\n</xliff>\n"


def _unit(unit: Unit, header: Header) -> str:
    done = unit.state in (UnitState.ACCEPTED, UnitState.EDITED)
    about = {
        "id": unit.id,
        "resname": f"{unit.entity} {unit.kind}",
        "approved": "yes" if done else "no",
        "maxwidth": str(unit.maximum or ""),
        "size-unit": "char" if unit.maximum else "",
        "xml:space": "preserve",
    }
    state = {"state": "final" if done else "needs-review-translation"}
    if unit.state is UnitState.REJECTED:
        state["state-qualifier"] = next(
            (name for reason, name in QUALIFIERS.items() if reason == unit.reason), _INACCURATE
        )
    foreign = unit.source_language != header.source_language
    language = {"xml:lang": bcp47(unit.source_language) if foreign else ""}
    written = [element("note", line, **{"from": "kgenrich"}) for line in notes(unit, header)]
    if said := remark(unit):
        written.append(element("note", said, **{"from": unit.author or "reviewer"}))
    return (
        f"<trans-unit{attributes(about)}>\n"
        f"{element('source', unit.source_text, **language)}\n"
        f"{element('target', unit.target, **state)}\n"
        f"{''.join(note + chr(10) for note in written)}"
        f"{''.join(map(_alternative, unit.suggestions))}</trans-unit>\n"
    )


def _alternative(one: Suggestion) -> str:
    about = {
        "match-quality": f"{one.probability * 100:.0f}%",
        "origin": ", ".join(one.sources),
    }
    note = element("note", told(one), **{"from": "kgenrich"})
    return f"<alt-trans{attributes(about)}><target>{text(one.text)}</target>{note}</alt-trans>\n"


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers of a document. Phases in a header name who translated, and when."""
    phases: dict[str, Element] = {}
    with Input(path) as source:
        for one in read_units(source, ("trans-unit", "phase")):
            if isinstance(one, UnitAnswer):
                yield one
            elif one.element.tag == "phase":
                phases[one.element.get("phase-name", "")] = one.element
            elif one.element.get("restype") not in _HEADERS:
                language = dict(one.above).get("file", {}).get("source-language", "")
                yield _answer(one.element, language, phases, one.line)


def _answer(unit: Element, language: str, phases: dict[str, Element], line: int) -> UnitAnswer:
    source, target = unit.find("source"), unit.find("target")
    noted = [(note.get("from", ""), text_of(note)) for note in unit.findall("note")]
    state, reason = UnitState.OPEN, ""
    phase = None
    if target is not None:
        qualifier = target.get("state-qualifier", "")
        phase = phases.get(target.get("phase-name", ""))
        if qualifier.startswith("rejected-"):
            state, reason = UnitState.REJECTED, _REASONS.get(qualifier, RejectReason.WRONG)
        elif unit.get("approved") == "yes" or target.get("state") in DONE:
            state = UnitState.ACCEPTED
    id = unit.get("id", "")
    return answer(
        "" if target is None else text_of(target),
        state,
        (note for _, note in noted),
        (note for who, note in noted if who != "kgenrich"),
        line=line,
        id=id if len(id) == _ID else "",
        source_text="" if source is None else text_of(source),
        source_language=wikimedia(language) or "",
        reason=reason,
        author="" if phase is None else phase.get("contact-name", ""),
        at="" if phase is None else phase.get("date", ""),
    )
