"""Descriptions with slots: made from what an entity's claims license, filled for another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

import regex

from kgenrich.sources.graph.describe.lexicon import BENT, PLAIN, Lexicon, agreement
from kgenrich.sources.graph.describe.records import NOUNS, Date, Record, month_value
from kgenrich.text import vote_key

_NUMBER = regex.compile(r"\p{N}+")
_NEAR = 12
_DATE = "@"


class Slot(NamedTuple):
    """A gap for a value of a property in a form of some kind, ``place`` counting those of one
    property from 0; or, where ``kind`` begins with @, for a part of the date of a property: Y, M,
    MM, D, DD, or B (the name of a month, with the kind of its form)."""

    property: str
    place: int
    kind: str


Template = tuple[str | Slot, ...]
"""Literal text and slots in turn."""


class Filled(NamedTuple):
    """A template filled for an entity. ``sureness`` in [0, 1] is that of the weakest form,
    ``values`` are those that were written."""

    text: str
    sureness: float
    values: tuple[str, ...]


def show(template: Template) -> str:
    """For people: ``comune {P17}``."""
    return "".join(p if isinstance(p, str) else f"{{{p.property}}}" for p in template)


@lru_cache(maxsize=1 << 16)
def template_key(template: Template) -> str:
    """The normal form in which templates that differ in case and signs only are one."""
    parts = (
        vote_key(p) if isinstance(p, str) else f"{{{p.property} {p.place} {p.kind}}}"
        for p in template
    )
    return " ".join(part for part in parts if part)


def abstract(record: Record, text: str, lexicon: Lexicon) -> tuple[Template, frozenset[str]]:
    """Replace what the claims license by slots; with the values that were mentioned."""
    spans: list[tuple[int, int, Slot]] = []
    places = record.all_values()
    uses: Counter[str] = Counter()
    mentions = lexicon.mentions(text, places)
    for mention in mentions:
        name, _ = places[mention.value]
        kind = BENT if mention.kind == PLAIN and name in NOUNS else mention.kind
        spans.append((mention.start, mention.end, Slot(name, uses[name], kind)))
        uses[name] += 1
    for name, date in record.dates.items():
        spans.extend(_date_spans(text, name, date, lexicon))
    parts: list[str | Slot] = []
    at = 0
    for start, end, slot in sorted(spans, key=lambda span: span[:2]):
        if start >= at:
            parts += text[at:start], slot
            at = end
    template = tuple(part for part in (*parts, text[at:]) if part)
    return template, frozenset(mention.value for mention in mentions)


def _date_spans(text: str, name: str, date: Date, lexicon: Lexicon) -> list[tuple[int, int, Slot]]:
    numbers = [(m.start(), m.end(), m.group()) for m in _NUMBER.finditer(text)]
    year = next((n for n in numbers if n[2] == str(date.year)), None)
    if year is None:
        return []
    spans = [(year[0], year[1], Slot(name, 0, _DATE + "Y"))]
    left = date.month
    for month in lexicon.mentions(text, [month_value(left)])[:1] if left else ():
        spans.append((month.start, month.end, Slot(name, 0, _DATE + "B" + month.kind)))
        left = 0
    near = [n for n in numbers if n is not year and len(n[2]) <= 2 and _gap(n, year) <= _NEAR]
    padded = any(n[2][0] == "0" for n in near) or (
        all(len(n[2]) == 2 for n in near) and bool(near) and near[0][0] > year[0]
    )
    day = date.day
    for start, end, digits in sorted(near, key=lambda n: _gap(n, year)):
        if left and int(digits) == left:
            spans.append((start, end, Slot(name, 0, _DATE + ("MM" if padded else "M"))))
            left = 0
        elif day and int(digits) == day:
            spans.append((start, end, Slot(name, 0, _DATE + ("DD" if padded else "D"))))
            day = 0
    return spans


def _gap(a: tuple[int, int, str], b: tuple[int, int, str]) -> int:
    return max(a[0] - b[1], b[0] - a[1])


def fill(
    record: Record,
    template: Template,
    lexicon: Lexicon,
    said: Collection[str] = (),
    hidden: str = "",
) -> Filled | None:
    """Fill a template for an entity, or None where a value or a form that was seen is missing.

    Values that other descriptions of it mention (``said``) go first. ``hidden`` names a cluster
    whose uses of forms do not count.
    """
    text = ""
    sureness = 1.0
    values: list[str] = []
    for at, part in enumerate(template):
        if isinstance(part, str):
            text += part
            continue
        if part.kind.startswith(_DATE):
            written = _date_part(record, part, lexicon)
            if written is None:
                return None
            text += written
            continue
        owned = [v for v in record.values.get(part.property, ()) if v not in values]
        preferred = [v for v in owned if v in said] or owned
        rest = template[at + 1] if at + 1 < len(template) else ""
        after = rest if isinstance(rest, str) else ""
        what = agreement(part.kind, record, text, after, lexicon.style)
        noun = part.kind == BENT and part.property in NOUNS
        for value in preferred:
            chosen = lexicon.choose(value, part.kind, what, hidden, noun=noun)
            if chosen is not None:
                break
        else:
            return None
        text += chosen[0]
        sureness = min(sureness, chosen[1])
        values.append(value)
    return Filled(text, sureness, tuple(values))


def _date_part(record: Record, slot: Slot, lexicon: Lexicon) -> str | None:
    date = record.dates.get(slot.property)
    if date is None:
        return None
    kind = slot.kind.removeprefix(_DATE)
    if kind == "Y":
        return str(date.year)
    number = date.day if kind[0] == "D" else date.month
    if not number:
        return None
    if kind[0] == "B":
        chosen = lexicon.choose(month_value(number), kind[1:], "", "")
        if chosen is None:
            # Months agree with nothing: any seen form of this kind will do.
            uses = lexicon.uses.get(month_value(number), {})
            forms = [use.form for use in uses if use.kind == kind[1:]]
            return forms[0] if len(forms) == 1 else None
        return chosen[0]
    return f"{number:02d}" if len(kind) == 2 else str(number)
