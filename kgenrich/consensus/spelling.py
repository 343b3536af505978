"""How a name is written: its script, capitals, marks and accents, how much two names share, and
other ways of writing it, candidates that no source gave but that graphs often hold.

Each rule of these is a small, well-known habit of spelling. Most variants are not names of the
entity; the ranker judges every one by its rule, its language and the name that it was made from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import add

import regex
from msgspec.structs import replace

from kgenrich.languages import in_script, script
from kgenrich.model import Candidate, Evidence, SourceKind
from kgenrich.text import is_letter, vote_key

RULES = (
    "unaccented", "hamza", "ta-marbuta", "both-arabic", "indic-digits", "no-article",
    "no-articles", "joined-abd", "joined-abu", "traditional", "hong-kong", "unspaced",
    "joined-last", "family-first", "family-initial", "family", "unbracketed", "year-first",
    "full-season", "spaced", "initials",
)  # fmt: skip
"""The rules by name."""

VARIANT_SOURCE = "variants"
"""The source name of candidates that are only another way of writing a name."""

_MARK = regex.compile(r"[^\p{L}\p{M}\p{N}\s]+")
_PLAIN = regex.compile(r'[^\d(),.:;/"«“]+')
_BRACKET = regex.compile(r"(.*\S)\s*[(（][^()（）]*[)）]")
_SEASON = regex.compile(r"\b(\d\d)(\d\d)[-–/](\d\d)\b")
_YEAR_LAST = regex.compile(r"(.*\D)\s+(\d{4}(?:[-–/]\d{2,4})?)")
_HAMZA = str.maketrans("أإآ", "ااا")
_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

_FIRST = 0xE000
_FLAGS = 6
_SET = {
    chr(_FIRST + bits): tuple(i for i in range(_FLAGS) if bits >> i & 1)
    for bits in range(1 << _FLAGS)
}
_SIGNS = tuple(map(frozenset, ("(（", ",、،", "-–", '"«“', ":：", ".", "·・")))


class _Characters(dict[int, str]):
    """Code point to what stands for its character, filled as they are met: a whole name is then
    translated by one ``str.translate``."""

    def __init__(self, stands: Callable[[str], str]) -> None:
        self._stands = stands

    def __missing__(self, code: int) -> str:
        self[code] = found = self._stands(chr(code))
        return found


_BASE = _Characters(lambda char: "" if "\u0300" <= char <= "\u036f" else char)


@lru_cache(maxsize=65536)
def unaccented(text: str) -> str:
    """The text without accents; marks that are letters stay.

    >>> unaccented("Sébastien Ağaoğlu")
    'Sebastien Agaoglu'
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text).translate(_BASE)


def variants(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Rule and variant for every rule that changes the text, which is a name in ``language``.

    >>> dict(variants("Джон Гриз", "ru"))
    {'family-first': 'Гриз Джон', 'family-initial': 'Гриз Д', 'family': 'Гриз'}
    """
    for rule, variant in chain(_words(text), _letters(text, script(language))):
        if variant and variant != text:
            yield rule, variant


def _letters(text: str, written: str) -> Iterator[tuple[str, str]]:
    yield "spaced", " ".join(_MARK.sub(" ", text).split())
    if written == "Latn":
        yield "unaccented", unaccented(text)
    elif written == "Arab":
        yield from _arabic(text)
    elif written in {"Hans", "Hant", "Hani"}:
        yield "traditional", _converter("s2t")(text)
        yield "hong-kong", _converter("s2hk")(text)
    if written not in {"Latn", "Arab", "Cyrl"}:
        yield "unspaced", text.replace(" ", "")
        head, _, last = text.rpartition(" ")
        if " " in head:
            yield "joined-last", head + last


def _words(text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    if 2 <= len(words) <= 4 and _PLAIN.fullmatch(text) and all(w[0].isupper() for w in words):
        family, given = words[-1], words[:-1]
        yield "family-first", " ".join([family, *given])
        if len(words) == 3:
            yield "initials", " ".join([family, *(word[0] for word in given)])
        if len(words) == 2:
            yield "family-initial", f"{family} {given[0][0]}"
            yield "family", family
    if match := _BRACKET.fullmatch(text):
        yield "unbracketed", match[1]
    if match := _YEAR_LAST.fullmatch(text):
        yield "year-first", f"{match[2]} {match[1]}"
    if _SEASON.search(text):
        yield "full-season", _SEASON.sub(r"\1\2-\1\3", text)


def _arabic(text: str) -> Iterator[tuple[str, str]]:
    plain = text.translate(_HAMZA)
    yield "hamza", plain
    yield "ta-marbuta", text.replace("ة", "ه")
    if plain != text and "ة" in text:
        yield "both-arabic", plain.replace("ة", "ه")
    yield "indic-digits", text.translate(_INDIC)
    if text.startswith("ال") and len(text) > 4:
        yield "no-article", text[2:]
    bare = " ".join(w[2:] if w.startswith("ال") and len(w) > 4 else w for w in text.split())
    if " " in text:
        yield "no-articles", bare
    yield "joined-abd", text.replace("عبد ال", "عبدال")
    yield "joined-abu", text.replace("أبو ", "أبو")


@cache
def _converter(profile: str) -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(profile).convert
    return convert


def variant_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The variants of the candidates of one request that none of them is, each with the first
    candidate that it can be made from as its evidence."""
    known = {vote_key(candidate.text) for candidate in candidates} | {""}
    made: dict[str, Candidate] = {}
    for parent in candidates:
        for rule, text in variants(parent.text, parent.language):
            if text in made or vote_key(text) in known:
                continue
            why = Evidence(
                VARIANT_SOURCE,
                SourceKind.GRAPH,
                from_text=parent.text,
                raw=text,
                score=0.0,
                note=f"{rule} of {parent.text}",
            )
            made[text] = replace(parent, text=text, evidence=(why,))
    return list(made.values())


@cache
def _classes(language: str) -> _Characters:
    """For each character one that stands for its flags in a language."""

    def classified(char: str) -> str:
        letter = char.isalpha()
        flags = (
            letter and in_script(char, language),
            letter and in_script(char, "en"),
            letter,
            letter and char.isupper(),
            not (char.isalnum() or char == " " or is_letter(char)),
            char != unaccented(char),
        )
        return chr(_FIRST + sum(flag << i for i, flag in enumerate(flags)))

    return _Characters(classified)


@lru_cache(maxsize=65536)
def shape(text: str, language: str) -> tuple[float, ...]:
    """Share of letters in the language's script and in Latin, then marks, capitals, accents."""
    classified = text.translate(_classes(language))
    counts = [0] * _FLAGS
    for one in set(classified):
        count = classified.count(one)
        for flag in _SET[one]:
            counts[flag] += count
    own, latin, letters, upper, marks, accents = counts
    size = max(1, letters)
    bracket, comma, *others = [not signs.isdisjoint(text) for signs in _SIGNS]
    first = [word[0] for word in text.split()]
    capitals, small = sum(map(str.isupper, first)), sum(map(str.islower, first))
    return (
        own / size, latin / size, bracket, comma, marks, *others, upper / size, upper,
        text[:1].isupper(), text.isupper(), capitals / max(1, len(first)), small, accents,
    )  # fmt: skip


@lru_cache(maxsize=65536)
def bigrams(key: str) -> frozenset[str]:
    """The pairs of neighbouring characters, spaces left out."""
    packed = key.replace(" ", "")
    return frozenset(map(add, packed, packed[1:])) or frozenset((packed,))


def dice(left: frozenset[str], right: frozenset[str]) -> float:
    """The Dice coefficient of two sets of which one is not empty."""
    return 2 * len(left & right) / (len(left) + len(right))
