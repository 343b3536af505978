"""What a description must not be: each refusal has a code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum

import regex
from msgspec import Struct

from kgenrich.sources.graph.describe.forms import fold
from kgenrich.sources.graph.describe.language_style import words
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record
from kgenrich.sources.graph.describe.templates import Filled, Template

_NUMBER = regex.compile(r"\p{N}+")
_LONGEST = 250
_SHORTEST_WORD = 3
_FEW_CAPITALS = 0.6
_MIN_NAMED = 4
_NAME_PREFIX = 4


class Refusal(StrEnum):
    """Why a description is not proposed."""

    EMPTY = "empty"
    LENGTH = "length"
    FINAL_STOP = "final-stop"
    LEADING_ARTICLE = "leading-article"
    START_CASE = "start-case"
    DOUBLED = "doubled"
    UNLICENSED_VALUE = "unlicensed-value"
    UNLICENSED_NUMBER = "unlicensed-number"
    UNLICENSED_WORD = "unlicensed-word"
    GENDER = "gender"
    LABEL = "label"


class Witnesses(Struct):
    """What was seen of the words of a language's descriptions: the genders of those described, by
    word, and which words are ``names`` where capitals do not tell."""

    genders: dict[str, set[str]]
    names: set[str]
    capitals_tell: bool

    def is_name(self, word: str) -> bool:
        """Whether a word inside a description is a name."""
        return word[0].isupper() if self.capitals_tell else word.casefold() in self.names


def witness(
    texts: Iterable[tuple[Record, str]],
    lexicon: Lexicon,
    elsewhere: Callable[[Record], Iterable[str]] = lambda record: (),
) -> Witnesses:
    """Read the words of a language's descriptions.

    Where every noun has a capital, a name is what begins like a word with a capital of the same
    entity ``elsewhere``, in languages that write names alone with a capital.
    """
    found = Witnesses({}, set(), names_have_capitals(lexicon))
    for record, text in texts:
        if record.gender:
            for word in set(lexicon.style.content(text)):
                found.genders.setdefault(word, set()).add(record.gender)
        if not found.capitals_tell:
            found.names.update(_names_in(text, elsewhere(record)))
    return found


def _names_in(text: str, others: Iterable[str]) -> Iterator[str]:
    starts = {
        fold(word.text)[:_NAME_PREFIX]
        for other in others
        for word in words(other)[1:]
        if word.text[0].isupper() and len(word.text) >= _NAME_PREFIX
    }
    for word in words(text)[1:] if starts else ():
        if fold(word.text)[:_NAME_PREFIX] in starts:
            yield word.text.casefold()


def names_have_capitals(lexicon: Lexicon) -> bool:
    """Whether a capital inside a description of this language marks a name."""
    return lexicon.style.capitals < _FEW_CAPITALS


def refuse(
    filled: Filled,
    template: Template,
    record: Record,
    lexicon: Lexicon,
    witnesses: Witnesses,
    *,
    texts: Mapping[str, str],
    said: Collection[str],
    labels: Collection[str] = (),
) -> Refusal | None:
    """The first reason not to propose a description, if there is one.

    ``texts`` are the entity's descriptions in other languages; what they say is licensed.
    ``said`` are the values that they mention, ``labels`` the entity's names in the language.
    """
    text = filled.text
    style = lexicon.style
    if not text.strip():
        return Refusal.EMPTY
    if len(text) > min(_LONGEST, max(2 * style.longest, 20)):
        return Refusal.LENGTH
    if text.endswith("。") or (text.endswith(".") and style.canonical(text) != text):
        return Refusal.FINAL_STOP
    if style.spaced and words(text)[0].text.casefold() in style.joining:
        return Refusal.LEADING_ARTICLE
    if style.canonical(text) != text:
        return Refusal.START_CASE
    if text in labels:
        return Refusal.LABEL
    meaning = style.content(text)
    long = [word for word in meaning if len(word) >= _SHORTEST_WORD] if style.spaced else []
    if len(set(long)) < len(long) or len(set(filled.values)) < len(filled.values):
        return Refusal.DOUBLED
    values = record.all_values()
    spoken = " ".join(texts.values())
    if record.id in filled.values or _contradicts(filled, values, said):
        return Refusal.UNLICENSED_VALUE
    for word in meaning:
        owners = lexicon.owners.get(word)
        if owners and not any(o in values or o.startswith("month:") for o in owners):
            return Refusal.UNLICENSED_VALUE
    literal = "".join(part for part in template if isinstance(part, str))
    if any(number not in spoken for number in _NUMBER.findall(literal)):
        return Refusal.UNLICENSED_NUMBER
    for piece in style.pieces(literal):
        value, _ = lexicon.explained.get(piece, ("", 0))
        if value and value not in values and not value.startswith("month:"):
            return Refusal.UNLICENSED_WORD
    if not style.spaced:
        return None
    for inner in words(literal)[1:]:
        if witnesses.is_name(inner.text) and not _known(inner.text, lexicon, values, spoken):
            return Refusal.UNLICENSED_WORD
    for word in style.content(literal) if record.gender else ():
        if record.gender not in witnesses.genders.get(word, ()):
            return Refusal.GENDER
    return None


def _contradicts(
    filled: Filled, values: Mapping[str, tuple[str, int]], said: Collection[str]
) -> bool:
    """Whether the descriptions elsewhere chose another value of the same property."""
    return any(
        value not in said
        and any(other in said and values[other][0] == values[value][0] for other in values)
        for value in filled.values
        if value in values
    )


def _known(name: str, lexicon: Lexicon, values: Mapping[str, tuple[str, int]], spoken: str) -> bool:
    """Whether a name in a pattern goes with a value that the entity has, as was seen often, or
    stands in one of its other descriptions."""
    value, seen = lexicon.explained.get(name.casefold(), ("", 0))
    if value in values and seen >= _MIN_NAMED:
        return True
    return fold(name)[:_NAME_PREFIX] in fold(spoken)
