"""TBX-Basic (ISO 30042:2019, DCA style), a glossary: an entry a concept, its names by language.

An accepted name is preferred, or admitted where it is one of several, a rejected one deprecated;
one that waits has no status. Descriptions are no terms and have no place here. What comes back is
accepted with a status of its own, rejected as deprecated or superseded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from xml.etree.ElementTree import Element

from kgenrich.exchange.formats import Header
from kgenrich.exchange.notes import after_mark, answer, notes, read_mark, remark
from kgenrich.exchange.unit import Unit, UnitAnswer, UnitState
from kgenrich.exchange.xml_answers import read_units
from kgenrich.inputs import Input
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import TermKind
from kgenrich.xml.units import LANGUAGE, inner, text_of
from kgenrich.xml.writing import attributes, element

_PREFERRED, _ADMITTED = "preferredTerm-admn-sts", "admittedTerm-admn-sts"
_FORBIDDEN = "deprecatedTerm-admn-sts"
_STATUS = "administrativeStatus"
_WRONG = ("deprecatedTerm", "supersededTerm")
_ID = 33


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A glossary."""
    about = {
        "type": "TBX-Basic",
        "style": "dca",
        LANGUAGE: bcp47(header.source_language),
        "xmlns": "urn:iso:std:iso:30042:ed-2",
    }
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<tbx{attributes(about)}>\n'
        "<tbxHeader><fileDesc><sourceDesc><p>kgenrich</p></sourceDesc></fileDesc></tbxHeader>\n"
        "<text><body>\n"
    ).encode()
    for entity, group in groupby(units, attrgetter("entity")):
        yield _concept(header.iri(entity), [*group], header).encode()
    yield b"</body></text>\n</tbx>\n"


def _concept(iri: str, units: Sequence[Unit], header: Header) -> str:
    sections: dict[str, dict[str, None]] = {}
    for unit in units:
        if unit.source_language:
            term = f"<termSec>{element('term', unit.source_text)}</termSec>\n"
            sections.setdefault(bcp47(unit.source_language), {})[term] = None
    for unit in units:
        sections.setdefault(bcp47(unit.language), {})[_term(unit, header)] = None
    told = "".join(
        f"<langSec{attributes({LANGUAGE: tag})}>\n{''.join(terms)}</langSec>\n"
        for tag, terms in sections.items()
    )
    where = element("xref", iri, type="externalCrossReference", target=iri)
    return f'<conceptEntry id="c{units[0].id}">\n{where}\n{told}</conceptEntry>\n'


def _term(unit: Unit, header: Header) -> str:
    parts = [element("term", unit.target)]
    if unit.state is not UnitState.OPEN:
        status = _ADMITTED if unit.kind is TermKind.ALIAS else _PREFERRED
        status = _FORBIDDEN if unit.state is UnitState.REJECTED else status
        parts.append(element("termNote", status, type=_STATUS))
    if unit.author:
        who = element("transacNote", unit.author, type="responsibility")
        when = element("date", unit.at[:10]) if unit.at else ""
        what = element("transac", "modification", type="transactionType")
        parts.append(f"<transacGrp>{what}{who}{when}</transacGrp>")
    parts += [element("note", note) for note in notes(unit, header)]
    if remark(unit):
        parts.append(element("note", remark(unit)))
    return f'<termSec id="t{unit.id}">\n{"".join(part + chr(10) for part in parts)}</termSec>\n'


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers of a glossary: its terms that went out, and those with a status in entries that
    name an entity."""
    with Input(path) as source:
        for one in read_units(source, ("conceptEntry",)):
            if isinstance(one, UnitAnswer):
                yield one
            else:
                yield from _answers(one.element, one.line)


def _answers(concept: Element, line: int) -> Iterator[UnitAnswer]:
    entity = next((ref.get("target") or text_of(ref) for ref in concept.findall("xref")), "")
    for section in concept.findall("langSec"):
        for group in section.findall("termSec"):
            noted = [text_of(note) for note in group.findall("note")]
            id = group.get("id", "")
            ours = bool(read_mark(noted)) or (len(id) == _ID and id.startswith("t"))
            status = next(
                (text_of(note) for note in group.iter("termNote") if note.get("type") == _STATUS),
                "",
            )
            if not (ours or (status and entity)):
                continue
            state = UnitState.ACCEPTED if status else UnitState.OPEN
            term = group.find("term")
            yield answer(
                "" if term is None else text_of(term),
                UnitState.REJECTED if status.startswith(_WRONG) else state,
                noted,
                after_mark(noted),
                line=line,
                **_where(group, entity, section.get(LANGUAGE, ""), id if ours else ""),
            )


def _where(group: Element, entity: str, tag: str, id: str) -> dict[str, str]:
    said = {"responsibility": "", "date": ""}
    for one in inner(group, "transacNote", "date"):
        said[one.get("type", one.tag)] = text_of(one)
    found = {"author": said["responsibility"], "at": said["date"]}
    if id:
        return found | {"id": id[1:]}
    return found | {"entity": entity, "language": wikimedia(tag) or "", "kind": TermKind.LABEL}
