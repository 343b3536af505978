"""What a description must not be: each refusal has a code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

import regex

from kgenrich.sources.graph.describe.forms import fold
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record
from kgenrich.sources.graph.describe.style import content, words
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


class Witnesses:
    """Which entities each word of a language's descriptions was seen with."""

    def __init__(self, texts: Iterable[tuple[Record, str]], lexicon: Lexicon) -> None:
        self.by_gender: dict[str, Counter[str]] = defaultdict(Counter)
        self.by_class: dict[str, Counter[str]] = defaultdict(Counter)
        for record, text in texts:
            found = set(content(words(text), lexicon.style.joining))
            for word in found:
                if record.gender:
                    self.by_gender[word][record.gender] += 1
                for name in record.classes:
                    self.by_class[word][name] += 1


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
    found = words(text)
    if text.endswith(("。",)) or (text.endswith(".") and style.canonical(text) != text):
        return Refusal.FINAL_STOP
    first = found[0].text
    if style.spaced and first.casefold() in style.joining:
        return Refusal.LEADING_ARTICLE
    if style.canonical(text) != text:
        return Refusal.START_CASE
    if text in labels:
        return Refusal.LABEL
    meaning = content(found, style.joining)
    if style.spaced and _doubled(meaning):
        return Refusal.DOUBLED
    if len(set(filled.values)) < len(filled.values):
        return Refusal.DOUBLED
    values = record.all_values()
    spoken = " ".join(texts.values())
    if record.id in filled.values or _contradicts(filled, values, said):
        return Refusal.UNLICENSED_VALUE
    for word in meaning:
        owners = lexicon.owners.get(word)
        if owners and not any(o in values or o.startswith("month:") for o in owners):
            return Refusal.UNLICENSED_VALUE
    slots = "".join(part for part in template if isinstance(part, str))
    for number in _NUMBER.findall(slots):
        if number not in spoken:
            return Refusal.UNLICENSED_NUMBER
    for piece in style.pieces(slots):
        value, _ = lexicon.explained.get(piece, ("", 0))
        if value and value not in values and not value.startswith("month:"):
            return Refusal.UNLICENSED_WORD
    if style.spaced and style.capitals < _FEW_CAPITALS:
        for inner in words(slots)[1:]:
            if inner.text[0].isupper() and not _known(inner.text, lexicon, values, spoken):
                return Refusal.UNLICENSED_WORD
    if record.gender and style.spaced:
        for word in content(words(slots), style.joining):
            if not witnesses.by_gender[word][record.gender]:
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


def _doubled(meaning: list[str]) -> bool:
    counts = Counter(word for word in meaning if len(word) >= _SHORTEST_WORD)
    return any(count > 1 for count in counts.values())
