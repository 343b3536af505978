"""IRIs as they stand in documents: escaped, relative."""

from __future__ import annotations

import re

from pyoxigraph import RdfFormat, parse

_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?!.*/\.)")


def unescaped(iri: bytes) -> str:
    """An IRI of N-Triples or Turtle without escapes."""
    if b"\\" in iri:
        iri = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)).encode(), iri)
    return iri.decode("utf-8", "replace")


def absolute(iri: str, base: str) -> str:
    """An IRI that may be relative to a base (RFC 3986); empty for what is none.

    >>> absolute("../c2", "http://example.org/a/c1"), absolute("c2", "")
    ('http://example.org/c2', '')
    """
    if _ABSOLUTE.match(iri):
        return iri
    try:
        (triple,) = parse(f"<{iri}> a <> .", format=RdfFormat.TURTLE, base_iri=base or None)
    except (SyntaxError, ValueError):
        return ""
    return str(triple.subject.value)
