"""RDF 1.1 as text: N-Triples, Turtle, N-Quads and TriG, written straight from strings.

Terms are handed around in their N-Triples form, ``<http://…>`` and ``"…"@it``, which all four
formats read; Turtle and TriG group by subject and shorten IRIs by prefix. Specifications: RDF 1.1
N-Triples, Turtle, N-Quads, TriG (W3C, 2014), RFC 3987, BCP 47.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from kgenrich.namespaces import NAMESPACES, RDF, XSD

FORMS = ("nt", "ttl", "nq", "trig")
QUADS = ("nq", "trig")

TYPE = f"<{RDF}type>"

Pair = tuple[str, str]
"""A predicate and an object, in N-Triples form."""

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]')
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IRI_SPACES = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f]")


def escape(text: str) -> str:
    """The inside of a quoted literal.

    Beyond what the grammar asks for, control characters and the line and paragraph separators are
    escaped, so that every tool that reads by line sees one statement a line.
    Raises `UnicodeEncodeError` for a lone surrogate, which no RDF literal can hold.

    >>> escape('a "b"\\n')
    'a \\\\"b\\\\"\\\\n'
    """
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    text.encode()
    return _ESCAPED.sub(_escape_character, text)


def literal(text: str, *, language: str = "", datatype: str = "") -> str:
    """A literal; ``datatype`` is a local name of XML Schema such as ``dateTime``."""
    kind = f"@{language}" if language else f"^^<{XSD}{datatype}>" if datatype else ""
    return f'"{escape(text)}"{kind}'


def text(value: str, language: str = "") -> str:
    """A literal; empty stays empty, as what is not said (see `properties`)."""
    return literal(value, language=language) if value else ""


def moment(at: str) -> str:
    """A time in ISO 8601 as a literal; empty stays empty."""
    return literal(at, datatype="dateTime") if at else ""


def iri(text: str) -> str | None:
    """An absolute IRI between angle brackets, or None for what is none.

    Nothing is repaired: a changed IRI would name something else.

    >>> iri("http://example.org/é"), iri("http://example.org/a b"), iri("Q42")
    ('<http://example.org/é>', None, None)
    """
    try:
        NamedNode(text)
    except (ValueError, UnicodeEncodeError):
        return None
    return f"<{_IRI_SPACES.sub(_escape_character, text)}>"


def local_iri(base: str, name: str) -> str | None:
    """The IRI of a name under a base, percent-encoded where it must be.

    >>> local_iri("urn:x:", "machine translation")
    '<urn:x:machine%20translation>'
    """
    return iri(base + quote(name, safe="-._~!$&'()*+,;=:@/", errors="replace"))


def is_tag(tag: str) -> bool:
    """Whether a language tag can be read back: well-formed by RFC 5646."""
    try:
        Literal("", language=tag)
    except ValueError:
        return False
    return True


def properties(space: str, **objects: str | int | float | None) -> list[Pair]:
    """Pairs by the local names of one vocabulary, of terms and numbers; what is None or an empty
    text is not said.

    >>> from kgenrich.namespaces import RDFS
    >>> properties(RDFS, label=text("Rome", "en"), comment=text(""))
    [('<http://www.w3.org/2000/01/rdf-schema#label>', '"Rome"@en')]
    """
    return [
        (f"<{space}{name}>", value if isinstance(value, str) else _number(value))
        for name, value in objects.items()
        if value is not None and value != ""
    ]


def _number(value: float) -> str:
    """A number as a literal that reads back the same."""
    return literal(repr(value), datatype="integer" if isinstance(value, int) else "double")


def prefixes(*names: str) -> dict[str, str]:
    """These of `kgenrich.namespaces.NAMESPACES`, in this order."""
    return {name: NAMESPACES[name] for name in names}


class Layout:
    """Statements grouped by subject, as one of `FORMS` writes them.

    A document is `head`, then for each graph `begin`, any number of `about`, `end`. The graph is
    an IRI in angle brackets, or empty for the default graph, which is all that ``nt`` and ``ttl``
    have.
    """

    def __init__(self, form: str, prefixes: Mapping[str, str]) -> None:
        self.form = form
        self.prefixes = prefixes if form in {"ttl", "trig"} else {}
        self.graph, self.ending = "", " .\n"
        self._shorten = lru_cache(maxsize=4096)(self._shorten_uncached)

    def head(self) -> str:
        """The prefixes."""
        lines = [f"@prefix {name}: <{space}> .\n" for name, space in self.prefixes.items()]
        return "".join(lines) + "\n" if lines else ""

    def begin(self, graph: str) -> str:
        """Open a graph."""
        self.graph = graph if self.form in QUADS else ""
        self.ending = f" {self.graph} .\n" if self.graph else " .\n"
        return f"{graph} {{\n" if graph and self.form == "trig" else ""

    def end(self) -> str:
        """Close the graph."""
        closing = "}\n" if self.graph and self.form == "trig" else ""
        self.graph = ""
        return closing

    def about(self, subject: str, pairs: Sequence[Pair]) -> str:
        """The statements about one subject."""
        if not self.prefixes:
            return "".join([f"{subject} {p} {o}{self.ending}" for p, o in pairs])
        objects: dict[str, list[str]] = {}
        for predicate, value in pairs:
            objects.setdefault(predicate, []).append(self._short_object(value))
        return self.block(subject, objects)

    def block(self, subject: str, objects: Mapping[str, Iterable[str]]) -> str:
        """One subject in Turtle, from the objects of each predicate as they are to stand."""
        shorten = self._shorten
        parts = [f"{shorten(p)} {', '.join(values)}" for p, values in objects.items()]
        return f"{self._shorten_uncached(subject)} " + " ;\n    ".join(parts) + " .\n"

    def _short_object(self, value: str) -> str:
        if value[0] == "<":
            return self._shorten(value)
        if value[-1] == ">":
            text, _, datatype = value.rpartition("^^")
            return f"{text}^^{self._shorten(datatype)}"
        return value

    def _shorten_uncached(self, term: str) -> str:
        if term == TYPE:
            return "a"
        for name, space in self.prefixes.items():
            if term.startswith(space, 1):
                local = term[len(space) + 1 : -1]
                if _LOCAL.fullmatch(local):
                    return f"{name}:{local}"
        return term


def _escape_character(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04X}"
