"""What an Excel workbook can hold (Excel specifications and limits)."""

from __future__ import annotations

import re

LONGEST_CELL = 32_767
"""Characters of a cell, as UTF-16 counts them."""
MOST_ROWS = 1_048_576
LONGEST_NAME = 31
"""Characters of a sheet's name."""

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED = "history"


def fits(text: str) -> bool:
    """Whether a cell can hold a text."""
    return len(text) * 2 <= LONGEST_CELL or len(text.encode("utf-16-le")) <= LONGEST_CELL * 2


def cut(text: str) -> str:
    """As much of a text as a cell can surely hold, with an ellipsis for the rest."""
    return text if fits(text) else f"{text[: LONGEST_CELL // 2 - 1]}…"


class SheetNames:
    """Names for sheets: no two alike, and none that Excel refuses.

    >>> names = SheetNames()
    >>> names.name("de"), names.name("DE"), names.name("a/b")
    ('de', 'DE (2)', 'a_b')
    """

    def __init__(self) -> None:
        self._taken = {_RESERVED}

    def name(self, wanted: str) -> str:
        """A name as near to what is wanted as there is."""
        plain = _NOT_IN_NAMES.sub("_", wanted).strip("'") or "sheet"
        count, name = 1, plain[:LONGEST_NAME]
        while name.lower() in self._taken:
            count += 1
            mark = f" ({count})"
            name = plain[: LONGEST_NAME - len(mark)] + mark
        self._taken.add(name.lower())
        return name
