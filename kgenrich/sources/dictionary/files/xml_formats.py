"""XML files of terms and translations: TMX (1.1 to 1.4b), TBX (2 and 3), XLIFF (1.2, 2.x), JMdict.

Each has elements of its own for a unit, so that what a file is need not be told. Of a translation
only what is one is taken: not what waits for it, nor an alternative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element

from kgenrich.inputs import Input
from kgenrich.sources.dictionary.files.concepts import Concept, Draft, Reading
from kgenrich.xml.units import (
    LANGUAGE,
    Above,
    inner,
    text_of,
    units,
)

# TBX's administrativeStatus ("deprecatedTerm-admn-sts"), normativeAuthorization and plain words.
_FORBIDDEN = re.compile(r"deprecated|superseded|forbidden|prohibited|obsolete", re.IGNORECASE)
_PREFERRED = re.compile(r"preferred|standardized", re.IGNORECASE)
_STATUS = {"administrativeStatus", "normativeAuthorization"}

# States in which there is no translation yet (XLIFF 1.2, 2.3 "state"; XLIFF 2.1, 4.3.1 "state").
_UNTRANSLATED = {"new", "needs-translation", "initial"}

# ISO 639-2 codes of the languages of JMdict's glosses are written out, English is not.
_GLOSS = "eng"


def read_xml(source: Input, reading: Reading) -> Iterator[Concept]:
    """The concepts of a file. Raises `InputError` where it is no XML or is cut off."""

    def broken_at(line: int) -> None:
        reading.unread += 1

    for element, above, _ in units(source, _UNITS, broken_at):
        draft = Draft(reading)
        _UNITS[element.tag](element, above, draft)
        if concept := draft.concept():
            yield concept


def _tmx(unit: Element, above: Above, draft: Draft) -> None:
    draft.identify("tuid", unit.get("tuid", ""))
    for prop in unit:
        if prop.tag in {"prop", "note"}:
            draft.identify(prop.get("type") or prop.tag, text_of(prop))
    for variant in inner(unit, "tuv"):
        tag = variant.get(LANGUAGE) or variant.get("lang") or ""
        for segment in inner(variant, "seg"):
            draft.call(tag, text_of(segment))


def _tbx(unit: Element, above: Above, draft: Draft) -> None:
    draft.identify("id", unit.get("id", ""))
    for part in unit.iter():
        if part.tag in {"langSet", "langSec"}:
            _terms(part, draft)
        elif part.tag in {"xref", "ref", "descrip", "admin", "externalCrossReference"}:
            for value in (text_of(part), part.get("target", "")):
                draft.identify(part.get("type") or part.tag, value)


def _terms(section: Element, draft: Draft) -> None:
    for group in inner(section, "tig", "ntig", "termSec"):
        status = " ".join(
            text_of(note) for note in group.iter() if {note.get("type"), note.tag} & _STATUS
        )
        forbidden = bool(_FORBIDDEN.search(status))
        preferred = not forbidden and bool(_PREFERRED.search(status))
        for term in inner(group, "term"):
            draft.call(
                section.get(LANGUAGE, ""),
                text_of(term),
                forbidden=forbidden,
                preferred=preferred,
            )


def _xliff_1(unit: Element, above: Above, draft: Draft) -> None:
    draft.identify("id", unit.get("id", ""))
    draft.identify("resname", unit.get("resname", ""))
    file = _nearest(above, "file")
    for part in unit:
        if part.tag == "source":
            draft.ask(file.get("source-language", ""), text_of(part))
        elif part.tag == "target" and part.get("state") not in _UNTRANSLATED:
            draft.call(file.get("target-language", ""), text_of(part))
        elif part.tag == "note":
            draft.identify(part.get("from", "note"), text_of(part))


def _xliff_2(unit: Element, above: Above, draft: Draft) -> None:
    draft.identify("id", unit.get("id", ""))
    draft.identify("name", unit.get("name", ""))
    root = _nearest(above, "xliff")
    for note in inner(unit, "note"):
        draft.identify(note.get("category", "note"), text_of(note))
    texts: dict[str, list[str]] = {"source": [], "target": []}
    complete = True
    for segment in inner(unit, "segment", "ignorable"):
        is_text = segment.tag == "segment"
        found = {part.tag: text_of(part) for part in segment}
        complete &= not is_text or ("target" in found and segment.get("state") not in _UNTRANSLATED)
        texts["source"].append(found.get("source", ""))
        texts["target"].append(found.get("target", found.get("source", "")))
    draft.ask(root.get("srcLang", ""), "".join(texts["source"]))
    if complete:
        draft.call(root.get("trgLang", ""), "".join(texts["target"]))


def _jmdict(unit: Element, above: Above, draft: Draft) -> None:
    for part in inner(unit, "ent_seq", "keb", "reb", "gloss", "trans_det"):
        match part.tag:
            case "ent_seq":
                draft.identify("ent_seq", text_of(part))
            case "keb" | "reb":
                draft.call("ja", text_of(part))
            case _:
                draft.call(part.get(LANGUAGE, _GLOSS), text_of(part))


def _nearest(above: Above, name: str) -> Mapping[str, str]:
    return next((attributes for called, attributes in reversed(above) if called == name), {})


_UNITS: Mapping[str, Callable[[Element, Above, Draft], None]] = {
    "tu": _tmx,
    "termEntry": _tbx,
    "conceptEntry": _tbx,
    "trans-unit": _xliff_1,
    "unit": _xliff_2,
    "entry": _jmdict,
}
