"""What is stated of entities, as it is compared with what somebody has, and given away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from kgenrich.languages import CODES
from kgenrich.model import Entity, TermKind, Value
from kgenrich.text import vote_key

_ALIKE = 90
_TERMS = {"L": TermKind.LABEL, "D": TermKind.DESCRIPTION, "A": TermKind.ALIAS}
_DATE = re.compile(r"[+-]?(\d{4,})-(\d\d)-(\d\d)T")


def term_of(property: str) -> tuple[TermKind, str] | None:
    """The kind and language that ``Lfr``, ``Dfr`` and ``Afr`` stand for: labels, descriptions and
    aliases; None for other properties.

    >>> term_of("Lfr"), term_of("P31"), term_of("Dzh-hant")
    ((<TermKind.LABEL: 'label'>, 'fr'), None, (<TermKind.DESCRIPTION: 'description'>, 'zh-hant'))
    """
    kind = _TERMS.get(property[:1])
    return (kind, property[1:]) if kind and property[1:] in CODES else None


def terms_of(entity: Entity, kind: TermKind, language: str) -> tuple[str, ...]:
    """The terms of an entity of a kind in a language."""
    if kind is TermKind.ALIAS:
        return tuple(entity.aliases.get(language, ()))
    text = entity.terms(kind).get(language)
    return () if text is None else (text,)


def is_alike(value: Value, names: Sequence[str], asked: str) -> bool:
    """Whether a stated value is what was asked for: an entity with this id or one of these
    ``names``, a number of this size, a time that begins so, a text that is nearly the same.

    >>> is_alike(Value("time", "+1952-03-11T00:00:00Z"), (), "1952-03")
    True
    >>> is_alike(Value("quantity", "+42"), (), "42.0"), is_alike(Value("entity", "Q5"), (), "Q6")
    (True, False)
    """
    asked = asked.strip()
    if not asked:
        return False
    match value.kind:
        case "entity":
            return value.value == asked or any(_alike(name, asked) for name in names)
        case "quantity":
            try:
                return float(value.value) == float(asked)
            except ValueError:
                return False
        case "time":
            return value.value.lstrip("+").startswith(asked.lstrip("+"))
        case _:
            return _alike(value.value, asked)


def _alike(text: str, asked: str) -> bool:
    return vote_key(text) == vote_key(asked) or fuzz.token_sort_ratio(text, asked) >= _ALIKE


def date_of(value: Value) -> str:
    """A time to the day as ISO 8601; empty for one that is less exact, or before the year 1.

    >>> date_of(Value("time", "+1952-03-11T00:00:00Z", precision=11))
    '1952-03-11T00:00:00Z'
    """
    found = _DATE.match(value.value)
    if not found or value.value.startswith("-") or value.precision not in (0, 11):
        return ""
    year, month, day = found.groups()
    is_day = 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    return f"{year}-{month}-{day}T00:00:00Z" if is_day else ""


def number_of(value: Value) -> int | float | None:
    """A quantity as a number; None for what is none."""
    try:
        number = float(value.value)
    except ValueError:
        return None
    if number != number or abs(number) == float("inf"):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
