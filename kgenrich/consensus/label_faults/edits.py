"""One edit between two texts: how a name that another language has was changed, by custom or by a
slip of the hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import regex
from anyascii import anyascii
from msgspec import Struct

from kgenrich.consensus.spelling import unaccented

_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]{3,}")

Change = Literal["other", "more", "less", "turned"]
"""One character for another, one more, one less, two neighbours turned around."""


class Edit(Struct, frozen=True):
    """What was changed: ``before`` became ``after`` (a character each, or nothing; of two that were
    turned around both), at which ``place`` of its word. Of a letter more or less ``beside`` tells
    that it is the double of its neighbour, or a vowel beside another."""

    change: Change
    before: str
    after: str
    place: Literal["first", "within", "last"]
    beside: Literal["", "doubled", "vowels"] = ""

    @property
    def key(self) -> str:
        return " ".join((self.change, self.before or "-", self.after or "-", self.place))

    @property
    def is_of_accent(self) -> bool:
        """Whether the letters are the same without their accents."""
        return unaccented(self.before) == unaccented(self.after)

    @property
    def sounds_alike(self) -> bool:
        """Whether both letters are vowels, or consonants of one place in the mouth: as names are
        heard differently from language to language."""
        return bool(self.before and self.after) and _family(self.before) == _family(self.after)

    @property
    def wider(self) -> str:
        """The edit as one of its family: what kind of letters were changed, and where."""
        if self.is_of_accent:
            return f"accent {self.place}"
        if self.beside:
            return f"{self.change} {self.beside} {self.place}"
        kinds = sorted((_family(self.before), _family(self.after)))
        near = "near" if self.sounds_alike else "far"
        vowels = " ".join("vowel" if one == "vowel" else "other" for one in kinds)
        return " ".join((self.change, near, vowels, self.place))


def one_edit(before: str, after: str) -> Edit | None:
    """The only edit that makes one text of the other; None where there is none or more.

    >>> one_edit("oslo", "oslu").key, one_edit("bonn", "bon").key, one_edit("tours", "lurda")
    ('other o u last', 'less n - last', None)
    """
    if before == after or abs(len(before) - len(after)) > 1:
        return None
    start = 0
    shortest = min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    if before[start + 1 :] == after[start + 1 :] and len(before) == len(after):
        return _edit("other", before[start], after[start], after, start)
    if len(before) > len(after) and before[start + 1 :] == after[start:]:
        return _edit("less", before[start], "", before, start)
    if len(before) < len(after) and before[start:] == after[start + 1 :]:
        return _edit("more", "", after[start], after, start)
    two = before[start : start + 2]
    if before[:start] + two[::-1] + before[start + 2 :] == after:
        return Edit("turned", two, two[::-1], "within")
    return None


def slipped(text: str, letters: str, chance: random.Random) -> str:
    """The text with one slip of the hand in a word of four letters or more, made of ``letters``;
    empty where there is no such word."""
    words = [*_WORD.finditer(text)]
    letters = "".join(sorted({one for one in letters if one.isalpha()}))
    if not words or not letters:
        return ""
    word = chance.choice(words)
    at = chance.randrange(word.start() + 1, word.end())
    letter = chance.choice(letters)
    match chance.randrange(4):
        case 0:
            return text[:at] + letter + text[at + 1 :]
        case 1:
            return text[:at] + letter + text[at:]
        case 2:
            return text[:at] + text[at + 1 :]
        case _:
            at = min(at, word.end() - 2)
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def edits_of(word: str, alphabet: str) -> Iterator[str]:
    """Every text that one edit makes of a word with the letters of an alphabet."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
            if len(tail) > 1:
                yield head + tail[1] + tail[0] + tail[2:]
        for letter in alphabet:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def _edit(change: Change, before: str, after: str, longer: str, at: int) -> Edit:
    is_first = at == 0 or not longer[at - 1].isalnum()
    is_last = at == len(longer) - 1 or not longer[at + 1].isalnum()
    beside: Literal["", "doubled", "vowels"] = ""
    if change in {"more", "less"}:
        around = longer[max(at - 1, 0) : at] + longer[at + 1 : at + 2]
        if longer[at] in around:
            beside = "doubled"
        elif _family(longer[at]) == "vowel" and "vowel" in map(_family, around):
            beside = "vowels"
    place: Literal["first", "within", "last"] = (
        "last" if is_last else "first" if is_first else "within"
    )
    return Edit(change, before, after, place, beside)


_TOGETHER = ("bpfvmw", "dtszcn", "gkqxhj", "lr")


@lru_cache(maxsize=4096)
def _family(letters: str) -> str:
    """Which letters one is often written for: vowels, or consonants of one place in the mouth."""
    plain = anyascii(letters[:1]).lower()[:1]
    if plain in "aeiouy" and plain:
        return "vowel"
    return next((family for family in _TOGETHER if plain and plain in family), plain or "sign")
