"""Names as words: which label a name is taken from, its words, and who can write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import regex
from msgspec import Struct

from kgenrich.adapters.transliteration.transliterator import Transliterator, Ways, find
from kgenrich.languages import in_script, script
from kgenrich.model import MUL, Entity

MOST_WORDS = 6
WIDTH = 4
"""Ways to write a word that are looked at, and whole names that are."""

_MOST_HELD = 200_000
_LONGEST = 100
_BETWEEN = re.compile(r"[\s·・=＝‐\-]+")

_PLAIN = regex.compile(r"[\p{L}\p{M}'’ʻʼ׳״.\s·・=＝‐\-]+")


class Name(Struct, frozen=True):
    """A label that a name can be taken from: its words, what stands between them (``-`` or a
    space), and the share of the other labels of its script that say the same (None: no others).
    """

    language: str
    text: str
    words: tuple[str, ...]
    joints: tuple[str, ...]
    alike: float | None


class Split(NamedTuple):
    words: tuple[str, ...]
    joints: tuple[str, ...]


def split(text: str) -> Split:
    """The words of a name and what stands between them, as it stands there.

    >>> split("Jean-Luc Picard")
    Split(words=('Jean', 'Luc', 'Picard'), joints=('-', ' '))
    """
    text = text.strip()
    return Split(tuple(_BETWEEN.split(text)), tuple(_BETWEEN.findall(text)))


def is_plain(text: str) -> bool:
    """Whether a name has nothing but words and what joins them: no commas, brackets, digits.

    >>> is_plain("Jean-Luc"), is_plain("Пушкин, Александр")
    (True, False)
    """
    return _PLAIN.fullmatch(text) is not None


def name_of(entity: Entity, target: str) -> Name | None:
    """The label that the name in a language is taken from: English or `mul` before others; None
    where there is none, or one in the script of the target says more than a transliteration.
    """
    labels = entity.labels
    written = script(target)
    if written == "Latn" and any(script(code) == written for code in labels if code != target):
        return None
    for language in dict.fromkeys(("en", MUL, *sorted(labels))):
        text = labels.get(language, "")
        if text and language != target and len(text) <= _LONGEST and writer(language, target):
            found = split(text)
            own = in_script(text, "en" if language == MUL else language)
            if not (own and is_plain(text) and all(found.words)) or len(found.words) > MOST_WORDS:
                return None
            return Name(language, text, *found, _alike(labels, language, target))
    return None


def _alike(labels: Mapping[str, str], language: str, target: str) -> float | None:
    others = [
        text == labels[language]
        for code, text in labels.items()
        if code not in {language, target, MUL} and script(code) == script(language)
    ]
    return sum(others) / len(others) if others else None


@lru_cache(maxsize=4096)
def writer(language: str, target: str) -> Transliterator | None:
    """Who writes words of a language in another; ``mul`` is taken for the Latin script."""
    return find("en" if language == MUL else language, target)


class WordWays:
    """The ways of the network to write words, each worked out once while it is held."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Ways]] = {}

    def of(self, names: Iterable[Name], target: str) -> Mapping[str, Ways]:
        """Those of the words of some names, and of others."""
        held = self._held.setdefault(target, {})
        if len(held) > _MOST_HELD:
            held.clear()
        by_writer: dict[Transliterator, set[str]] = {}
        for name in names:
            by = writer(name.language, target)
            if by is not None:
                by_writer.setdefault(by, set()).update(of for of in name.words if of not in held)
        for by, words in by_writer.items():
            ordered = sorted(words)
            held |= zip(ordered, by.transliterate(ordered, target, n=WIDTH), strict=True)
        return held


def joined(words: Sequence[str], joints: Sequence[str], between: Mapping[str, str]) -> str:
    """Words as one name; ``between`` says what the language has for what stood between them."""
    parts = [words[0]]
    for joint, word in zip(joints, words[1:], strict=True):
        parts += [between.get(joint_kind(joint), joint), word]
    return "".join(parts)


def joint_kind(joint: str) -> str:
    """A hyphen, or a space for all else."""
    return "-" if joint.strip() in {"-", "‐"} else " "
