"""Text of others that is shown: graphs, servers, models, settings and errors are hostile. None
of it steers a terminal or turns around what stands beside it: control characters and bidirectional
overrides are shown escaped.
"""

from __future__ import annotations

import re
from typing import TypeVar

# C0 but for tabs and ends of lines, DEL, C1; line and paragraph separators; overrides, embeddings,
# isolates (Unicode Annex 9) but for FSI and PDI, which `shown` sets; annotations; surrogates.
STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066\u2067\u206a-\u206f\ud800-\udfff"
    "\ufff9-\ufffb]|\r(?!\n)"
)
ISOLATES = re.compile("[\u2068\u2069]")
_BREAKS = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LONGEST = 400
_FORMULA = re.compile("'*\\s*[=+\\-@\t\r\n＝＋－＠]")
T = TypeVar("T")


def visible(text: str) -> str:
    """The text with what could steer a terminal shown as Python writes it.

    >>> visible("a\\x1b[31mred\\u202e\\n")
    'a\\\\x1b[31mred\\\\u202e\\n'
    """
    return text if text.isascii() and text.isprintable() else STEERING.sub(_escaped, text)


def plain(text: str) -> str:
    """The text on one line, as `visible`, isolates too.

    >>> plain("a\\nb\\x07")
    'a b\\\\x07'
    """
    return ISOLATES.sub(_escaped, visible(_BREAKS.sub(" ", text)))


def bounded(text: str) -> str:
    """The text as `plain`, and cut where it is long."""
    text = plain(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def shown(text: str) -> str:
    """The text as a part of a line: `bounded`, and a right-to-left one isolated from what stands
    around it (Unicode Annex 9, FSI and PDI)."""
    text = bounded(text)
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def safe_cell(value: T) -> T | str:
    """A text with an apostrophe before it where a spreadsheet would take it for a formula (OWASP,
    CSV injection), or where it has one before such a beginning already: so the one that is put
    there can be taken away again. All else as it is.

    >>> safe_cell("=1+1"), safe_cell("'-x"), safe_cell("a=b"), safe_cell(-1)
    ("'=1+1", "''-x", 'a=b', -1)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def plain_cell(text: str) -> str:
    """What `safe_cell` made a text of, or a person wrote: the apostrophe taken away.

    >>> plain_cell("'=1+1"), plain_cell("''-x"), plain_cell("'s-Hertogenbosch")
    ('=1+1', "'-x", "'s-Hertogenbosch")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
