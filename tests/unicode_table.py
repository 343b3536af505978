"""Makes ``kgenrich/text.tsv`` from the Unicode Character Database, as `unicodedata2` has it.

    python tests/unicode_table.py

Ranges of characters and what stands for each in a name's key: nothing for signs, and for points
that most texts leave out. What the database of the oldest Python does not know stands here with
what it folds to, ``=`` for a mark that it would not put in order. What it knows never changes.
"""

from __future__ import annotations

import sys
import unicodedata
from itertools import groupby
from pathlib import Path

import regex
import unicodedata2

TABLE = Path(__file__).parent.parent / "kgenrich" / "text.tsv"
HEADER = "first\tlast\tfolded"
OLDEST = "14.0.0"
"""The database of the oldest Python that is supported, which alone can make the table."""

_APOSTROPHE, _LETTER_APOSTROPHE, _DOT = "'", "\u02bc", "\u00b7"
_FOLDED = (
    dict.fromkeys("'’‘‛`´′＇׳", _APOSTROPHE)
    | dict.fromkeys("\u02bb\u02bc\u02bd\ua78b\ua78c", _LETTER_APOSTROPHE)
    | dict.fromkeys("\u00b7\u2022\u2027\u2219\u22c5", _DOT)
    | dict.fromkeys("\u0f0b\u0f0c\u1361\u2800", " ")
    | {"ς": "σ", "\u200d": "\u200d", "♯": "#"}
)
_PRESENTED = regex.compile(
    "<(?:wide|narrow|small|vertical|noBreak|initial|medial|final|isolated|compat|square)>"
)
# Hebrew, Syriac and Samaritan points, Arabic vowel signs and marks of the Quran.
_POINTS = regex.compile(
    r"[[\p{M}&&[\p{Hebrew}\p{Syriac}\p{Samaritan}]]--\u0711]|[\u05c8\u05c9"
    r"\u0610-\u061a\u064b-\u0652\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u0897-\u089f\u08ca-\u08e1\u08e3\u08f0-\u08f2\u08ff"
    r"\U00010ecb-\U00010ecf\U00010ef0-\U00010eff]",
    regex.V1,
)
# Marks of symbols and of music, what is never seen, what only stretches a word.
_UNSEEN = regex.compile(
    r"[\u20d0-\u20f0\u1b6b-\u1b73\U0001cf00-\U0001cf46\U0001d127\U0001d128\U0001d165-\U0001d1ad"
    r"\U0001d242-\U0001d244\U0001d250-\U0001d281\u0640\u07fa]|\p{Default_Ignorable_Code_Point}"
)
# Signs that are read: Braille, radicals, SignWriting, and those that part C from C# and C$.
_WRITTEN = regex.compile(r"[\u2801-\u28ff\u2e80-\u2ef3\U0001d800-\U0001da8b+&#♭\p{Sc}]")


def folded(char: str) -> str | None:
    """What the table says of the character, None for nothing."""
    if char in _FOLDED:
        return _FOLDED[char]
    kind, parts = unicodedata2.category(char), unicodedata2.decomposition(char)
    if _POINTS.match(char) or _UNSEEN.match(char):
        return ""
    known = unicodedata.category(char) != "Cn" or kind == "Cn"
    whole = unicodedata2.normalize("NFKC", char)
    if _PRESENTED.match(parts) and not whole.startswith(" "):
        return None if known else whole
    if kind in {"Cc", "Cf", "Co", "Cs", "Me"} or kind[0] in "PS":
        return None if char.isspace() or _WRITTEN.match(char) else ""
    if known:
        return None
    if kind == "Lu":
        return unicodedata2.lookup(unicodedata2.name(char).replace("CAPITAL", "SMALL"))
    if parts and not parts.startswith("<"):
        return unicodedata2.normalize("NFD", char)
    return "=" if unicodedata2.combining(char) else None


def table() -> str:
    """The whole table."""
    if unicodedata.unidata_version != OLDEST:
        raise SystemExit(f"Only a Python with Unicode {OLDEST} can make the table.")
    lines = [HEADER]
    every = [(code, folded(chr(code))) for code in range(sys.maxunicode + 1)]
    numbered = enumerate((code, found) for code, found in every if found is not None)
    for (_, found), run in groupby(numbered, lambda item: (item[1][0] - item[0], item[1][1])):
        codes = [code for _, (code, _) in run]
        told = found if found == "=" else " ".join(f"{ord(char):04X}" for char in found)
        lines.append(f"{codes[0]:04X}\t{codes[-1]:04X}\t{told}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
