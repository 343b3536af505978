"""Harvested texts: what a graph says, in one form, within a bound."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 10_000
"""Code points; a longer text is no term of any graph and is left out."""

_PLAIN = (
    "[ -~\xa0-\u02ff\u0388-\u0482\u048a-\u0559\u0561-\u0587\u05d0-\u05ea\u0620-\u064a"
    "\u0671-\u06d3\u10d0-\u10ff\u1e00-\u1eff\u200c-\u2027\u3001-\u3029\u3041-\u3096"
    "\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
)
PLAIN = re.compile(f"{_PLAIN}*+")
"""Texts of letters that no normalization touches, in any company: nine in ten need no more than
this look (UAX 15, section 9: starters whose NFC quick check is Yes)."""

_VISIBLE = "[^\\s\u00ad\u034f\u115f\u1160\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0]"
_SEEN = re.compile(_VISIBLE)
"""A character that can be seen: a text without one is no term."""

PLAIN_TERM = re.compile(rf"(?={_VISIBLE}){_PLAIN}{{1,{MAX_TEXT}}}+(?<!\s)")
"""Such a text that begins with what can be seen, with no space to be taken off."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def fact(text: str) -> str:
    """A harvested text: what the graph says, in NFC and without control characters; empty when
    it is too long to be a term, or nothing of it can be seen."""
    if len(text) > MAX_TEXT or not _SEEN.search(text):
        return ""
    if PLAIN.fullmatch(text):
        return text
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text).strip()
    return unicodedata.normalize("NFC", text)


def facts(texts: dict[str, str]) -> dict[str, str]:
    """Every text as a `fact`, without the empty ones."""
    normal = {
        key: text
        if text >= "!" and text.isascii() and text.isprintable() and len(text) < MAX_TEXT
        else fact(text)
        for key, text in texts.items()
    }
    return {key: text for key, text in normal.items() if text} if "" in normal.values() else normal
