"""The units of an XML document as they are met, with what stands above each.

No document type is read but for short entities, which are expanded before the parser sees them
(`kgenrich.harvest.rdfxml`); a unit is held to be of human size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from kgenrich.errors import InputError
from kgenrich.harvest.rdfxml import Guarded
from kgenrich.harvest.tag_spelling import TagSpellings
from kgenrich.inputs import Input

DEEPEST = 100
"""Levels of elements."""

LARGEST = 20_000
"""Elements within a unit."""

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

_PIECE = 1 << 16
# What stands within a text for the markup of a document (XLIFF 1.2 and 2, TMX 1.4).
_CODES = {"bpt", "ept", "ph", "it", "ut", "x", "bx", "ex", "sub", "sc", "ec", "cp"}

Attributes = Mapping[str, str]


def units(
    source: Input, wanted: Collection[str]
) -> Iterator[tuple[Element, tuple[tuple[str, Attributes], ...]]]:
    """The elements of these local names, each with those above it by local name and attributes,
    the outermost first.

    Raises `InputError` for what is no well-formed XML or has an element of absurd size.
    """
    guarded = Guarded(source, Counter(), TagSpellings(keep=False))
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    above: list[Element] = []
    inside = size = 0
    try:
        while data := guarded.read(_PIECE):
            parser.feed(data)
            events = cast(Iterator[tuple[str, Element]], parser.read_events())
            for event, element in events:
                if event == "start":
                    above.append(element)
                    if inside or local(element) in wanted:
                        inside += 1
                        size += 1
                    if len(above) > DEEPEST or size > LARGEST:
                        raise InputError(f"{source.name} has an element of absurd size.")
                    continue
                above.pop()
                inside = max(0, inside - 1)
                if inside:
                    continue
                if size:
                    yield element, tuple((local(one), one.attrib) for one in above)
                    size = 0
                if above:
                    above[-1].remove(element)
        parser.close()
    except ParseError as error:
        line = error.position[0]
        raise InputError(f"{source.name} is no well-formed XML in line {line:,}.") from error


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element) -> str:
    """The text of an element, without codes of the document it comes from."""
    if local(element) in _CODES:
        return ""
    parts = [element.text or ""]
    for child in element:
        parts += [text_of(child), child.tail or ""]
    return "".join(parts)


def inner(element: Element, *names: str) -> Iterator[Element]:
    """The elements of these local names below one."""
    return (one for one in element.iter() if one is not element and local(one) in names)
