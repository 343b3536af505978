"""gettext PO, an entry a unit: a text that waits is fuzzy, one that is approved is not.

A translator's comment that begins with ``reject:`` rejects. ``msgctxt`` names the term, the first
reference is the id, and an extracted comment is the note for us: what a tool loses of these, it
keeps in another place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from babel.messages.pofile import escape, unescape

from kgenrich import __version__
from kgenrich.exchange.formats import Header
from kgenrich.exchange.notes import answer, lines, mark, remark
from kgenrich.exchange.unit import Unit, UnitAnswer, UnitState
from kgenrich.inputs import Input
from kgenrich.languages import bcp47
from kgenrich.model import TermKind
from kgenrich.po import po_entries, singular

LARGEST = 1 << 18
"""Characters of an entry."""

_FIELD = re.compile(r'"([\w-]{1,50}): *((?:[^"\\]|\\[^n])*)\\n"')
_ID = re.compile(r"[0-9a-f]{32}")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)([+-]\d{4})?")


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """The entries after a header."""
    fields = {
        "Project-Id-Version": f"kgenrich {__version__}",
        "Language": bcp47(header.language).replace("-", "_") if header.language else "",
        "X-Source-Language": bcp47(header.source_language),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    told = "".join(f"{_quoted(f'{name}: {value}' + chr(10))}\n" for name, value in fields.items())
    yield f'msgid ""\nmsgstr ""\n{told}'.encode()
    for unit in units:
        yield _entry(unit, header).encode()


def _entry(unit: Unit, header: Header) -> str:
    said = [f"# {one}\n" for one in (remark(unit),) if one]
    said += [f"#. {line}\n" for line in (*lines(unit, header), mark(unit))]
    flags = "" if unit.state in (UnitState.ACCEPTED, UnitState.EDITED) else ", fuzzy"
    flags += f", max-length:{unit.maximum}" if unit.maximum else ""
    return (
        f"\n{''.join(said)}#: {unit.id}\n{f'#{flags}{chr(10)}' if flags else ''}"
        f"msgctxt {_quoted(_context(unit))}\n"
        f"msgid {_quoted(unit.source_text)}\nmsgstr {_quoted(unit.target)}\n"
    )


def _context(unit: Unit) -> str:
    """The name of a term. Of an alias there may be several, and of what was rejected another."""
    several = unit.kind is TermKind.ALIAS or unit.state is UnitState.REJECTED
    return f"{unit.entity} {unit.kind}{f' {unit.id[:8]}' if several else ''}"


def _quoted(text: str) -> str:
    return escape(text)


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers of a catalogue. The header names who translated it, and when."""
    author = at = ""
    with Input(path) as source:
        for entry in po_entries(source, LARGEST):
            if entry.header:
                fields = {
                    name: unescape(f'"{value}"') for name, value in _FIELD.findall(entry.header)
                }
                author = _person(fields.get("Last-Translator", ""))
                at = _moment(fields.get("PO-Revision-Date", ""))
                continue
            if (message := entry.message) is None:
                problem = "it is no entry of a catalogue"
                yield UnitAnswer(UnitState.OPEN, position=entry.line, problem=problem)
                continue
            text = singular(message.string)
            is_open = message.fuzzy or not text
            ids = (place for place, _ in message.locations if _ID.fullmatch(place))
            yield answer(
                text,
                UnitState.OPEN if is_open else UnitState.ACCEPTED,
                (*message.auto_comments, *message.user_comments),
                (one for one in message.user_comments if "kgenrich id=" not in one),
                line=entry.line,
                id=next(ids, ""),
                source_text=singular(message.id),
                author=author,
                at=at,
            )


def _person(name: str) -> str:
    """A translator, but for what stands where none is named yet."""
    return "" if name.startswith(("FULL NAME", "Automatically")) else name.strip()


def _moment(date: str) -> str:
    """A date of a header as ISO 8601, empty for none."""
    found = _DATE.fullmatch(date.strip())
    return f"{found[1]}{found[2] or ''}" if found else ""
