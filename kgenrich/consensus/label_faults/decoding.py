"""Text that was decoded by the wrong code page."""

from __future__ import annotations

import ftfy
import regex
from ftfy.chardata import CHARMAP_ENCODINGS

_LOST = regex.compile(r"\ufffd|\p{L}\?\p{L}|\?{3}")
_LETTER = regex.compile(r"\p{L}")
_OF_LATIN = frozenset(("latin-1", "sloppy-windows-1252"))


def undecoded(text: str, language: str = "") -> str:
    """What a text was before it was decoded by the wrong code page; empty where it was not.

    >>> undecoded("MÃ¼nchen"), undecoded("München")
    ('München', '')
    """
    if text.isascii():
        return "?" if _LOST.search(text) else ""
    if "\ufffd" in text:
        return "\ufffd"
    for page in ("latin-1", *CHARMAP_ENCODINGS):
        try:
            before = text.encode(page).decode("utf-8")
        except (UnicodeError, LookupError):
            continue
        # One letter may come out by chance of two of another alphabet.
        several = sum(not char.isascii() for char in before) > 1 or page in _OF_LATIN
        if before != text and several and _LETTER.search(before):
            return before
    fixed = ftfy.fix_encoding(text)
    return fixed if fixed != text else ""
