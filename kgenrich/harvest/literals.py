"""The literals of RDF, and what they are taken for."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

from kgenrich.harvest.texts import fact
from kgenrich.harvest.turtle import NO_TAG
from kgenrich.languages import wikimedia
from kgenrich.model import Value
from kgenrich.namespaces import RDF, XSD

STRING = f"{XSD}string"
PLAIN_LITERAL = f"{RDF}PlainLiteral"
MARKED_UP = frozenset({f"{RDF}HTML", f"{RDF}XMLLiteral"})
DATES = frozenset({f"{XSD}dateTime", f"{XSD}date", f"{XSD}gYear", f"{XSD}gYearMonth"})
NUMBERS = frozenset(
    XSD + name for name in ("decimal", "integer", "int", "long", "short", "double", "float")
)
# What people mean as a name when they write a number without quotes.
TEXTS = frozenset(
    {PLAIN_LITERAL, f"{XSD}gYear", f"{XSD}nonNegativeInteger", f"{XSD}positiveInteger"}
    | {XSD + name for name in ("string", "normalizedString", "token", "Name", "NCName")}
    | MARKED_UP
    | NUMBERS
)
"""The types of what can be a name."""


# A tag of RFC 5646: subtags of up to eight characters.
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"(-?)(\d{4,16})(?:-(\d\d))?(?:-(\d\d))?(?:T.*|Z|[+-]\d\d:\d\d)?")
_NAME = re.compile(r"(?=.{2,200}$)(?!.*(?:://|@|\S{41}))[^\W\d_].*[^\W\d_].*")


@lru_cache(maxsize=4096)
def language_of(tag: str) -> str:
    """The Wikimedia code of a tag (its base direction aside), empty where it is no tag."""
    tag = tag.partition("--")[0]
    return "" if tag == NO_TAG else wikimedia(tag) or ""


@lru_cache(maxsize=4096)
def is_well_formed(tag: str) -> bool:
    """Whether RFC 5646 could have the tag."""
    return _TAG.fullmatch(tag.partition("--")[0]) is not None


def is_name_like(text: str) -> bool:
    """Whether a text could name something: no number, address, code or essay."""
    return _NAME.match(text) is not None


def split_plain(literal: str) -> tuple[str, str]:
    """The text and the tag of an ``rdf:PlainLiteral``."""
    text, at, tag = literal.rpartition("@")
    return (text, tag) if at else (literal, "")


def without_markup(text: str) -> str:
    """The text of a piece of HTML or XML."""
    parser = _Text()
    parser.feed(text)
    parser.close()
    return "".join(parser.pieces)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def typed_value(text: str, datatype: str) -> Value | None:
    """The value of a literal without a tag; None where it cannot be kept."""
    text = fact(text)
    if not text:
        return None
    if datatype in DATES:
        return _time(text)
    if datatype in NUMBERS:
        return Value("quantity", text.removeprefix("+"))
    return Value("string", text)


def _time(text: str) -> Value | None:
    """A date of XML Schema as a Wikibase time."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    sign, year, month, day = match.groups()
    precision = 11 if day else 10 if month else 9
    if (month, day) == ("01", "01"):
        # Truthy statements write a year as its first day, so the year is all that is certain.
        precision = 9
    return Value(
        "time", f"{sign or '+'}{year}-{month or '00'}-{day or '00'}T00:00:00Z", precision=precision
    )
