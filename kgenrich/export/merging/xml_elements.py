"""New elements of RDF/XML, with the names that are declared at their place."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from itertools import chain, count

from msgspec.structs import replace

from kgenrich.export.merging.additions import Addition
from kgenrich.namespaces import NAMESPACES, RDF, SKOSXL

_NAME = re.compile(r"[^\W\d][\w.\-]*\Z")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE_IN_NAME = re.compile(r"<[^>\"]*&#")
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\n": "&#10;"}
_IN_VALUES = {**_IN_TEXT, '"': "&quot;", "\t": "&#9;"}


class Unwritable(Exception):
    """Why XML cannot say it."""


class Namespaces:
    """Those that are declared at a place, by prefix; the default one is called by None."""

    def __init__(self) -> None:
        self._spaces: dict[str | None, list[str]] = {}

    def begin(self, prefix: str | None, space: str) -> None:
        """Declare a prefix."""
        self._spaces.setdefault(prefix, []).append(space or "")

    def end(self, prefix: str | None) -> None:
        """End the last declaration of a prefix."""
        self._spaces[prefix].pop()

    def current(self) -> Mapping[str | None, str]:
        """What each prefix stands for."""
        return {prefix: spaces[-1] for prefix, spaces in self._spaces.items() if spaces}


class Element:
    """An element that is named by IRIs, where these ``spaces`` are declared. Raises `Unwritable`
    for what is no name."""

    def __init__(self, spaces: Mapping[str | None, str], iri: str) -> None:
        self._spaces = {**spaces}
        self._declared: dict[str | None, str] = {}
        self._attributes = ""
        self.name = self._qualified(iri, is_element=True)

    @property
    def spaces(self) -> Mapping[str | None, str]:
        """What is declared within it."""
        return ChainMap[str | None, str](self._declared, self._spaces)

    def attribute(self, iri: str, value: str) -> Element:
        """Give it an attribute, by its IRI or as ``xml:lang``."""
        name = iri if iri.startswith("xml:") else self._qualified(iri, is_element=False)
        self._attributes += f' {name}="{_escaped(value, _IN_VALUES)}"'
        return self

    def around(self, content: str) -> str:
        """The element with what is in it, which is XML."""
        spaces = "".join(
            f' xmlns:{prefix}="{_escaped(space, _IN_VALUES)}"'
            for prefix, space in self._declared.items()
        )
        return f"<{self.name}{spaces}{self._attributes}>{content}</{self.name}>"

    def _qualified(self, iri: str, *, is_element: bool) -> str:
        best: tuple[int, str] | None = None
        for prefix, space in self.spaces.items():
            if not space or (prefix is None and not is_element):
                continue
            local = iri.removeprefix(space)
            if iri.startswith(space) and _NAME.match(local):
                name = f"{prefix}:{local}" if prefix else local
                # A prefix says more than none.
                best = max(best or (0, ""), (2 * len(space) + bool(prefix), name))
        if best:
            return best[1]
        for start in range(1, len(iri)):
            if _NAME.match(local := iri[start:]) and not _NAME.match(iri[start - 1 :]):
                usual = [prefix for prefix, space in NAMESPACES.items() if space == iri[:start]]
                names = chain(usual, (f"ns{number}" for number in count(1)))
                prefix = next(name for name in names if name not in self.spaces)
                self._declared[prefix] = iri[:start]
                return f"{prefix}:{local}"
        raise Unwritable("its predicate is no name in XML")


def property_element(addition: Addition, spaces: Mapping[str | None, str], language: str) -> str:
    """What says an addition within an element about its subject, in which the tag ``language``
    holds. Raises `Unwritable`."""
    if addition.node:
        element = Element(spaces, addition.predicate)
        label = Element(element.spaces, f"{SKOSXL}Label").attribute(f"{RDF}about", addition.node)
        form = replace(addition, predicate=f"{SKOSXL}literalForm", node="")
        return element.around(label.around(property_element(form, label.spaces, language)))
    literal = Element(spaces, addition.predicate)
    if addition.datatype:
        literal.attribute(f"{RDF}datatype", addition.datatype)
    elif addition.tag or language:
        literal.attribute("xml:lang", addition.tag)
    return literal.around(_escaped(addition.text, _IN_TEXT))


def description(subject: str, content: str, spaces: Mapping[str | None, str]) -> str:
    """An element about a subject of its own. Raises `Unwritable`."""
    return Element(spaces, f"{RDF}Description").attribute(f"{RDF}about", subject).around(content)


def encoded(line: str, encoding: str) -> bytes:
    """A line of elements in an encoding. Raises `Unwritable` for names that it does not have."""
    data = line.encode(encoding, "xmlcharrefreplace")
    if _REFERENCE_IN_NAME.search(data.decode(encoding)):
        raise Unwritable("its predicate is no name in the file's encoding")
    return data


def _escaped(content: str, signs: Mapping[str, str]) -> str:
    if _FORBIDDEN.search(content):
        raise Unwritable("a character that XML cannot have")
    return "".join([signs.get(character, character) for character in content])
