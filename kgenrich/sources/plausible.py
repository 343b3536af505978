"""Whether a text that came from outside can be a term at all.

Web pages and language models are not trusted: what they send is a candidate only if it looks like
a name, a short description or a definition, and never because it says so. What is usual in the
definitions that the entity has, a new one may have as well.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

import regex

from kgenrich.languages import base
from kgenrich.model import TermKind, TermRequest
from kgenrich.text import clean

LONGEST = 250
MOST_WORDS = {TermKind.LABEL: 20, TermKind.ALIAS: 20, TermKind.DESCRIPTION: 30}
LONGER, SHORTER = 3, 8
"""How many times as long, and as short, as the other definitions of an entity one may be. Chinese
takes a third of the characters of English."""

_BREAK = regex.compile(r"[\r\n\u2028\u2029\u0085]")
_SPACE = regex.compile(r"\s")
_MARKUP = regex.compile(r"<[^<>]{1,200}>|\[\[|\]\]|\{\{|\}\}|```|^\s*[{\[]\s*\"|https?://|www\.\w")
_HIDDEN = regex.compile(
    r"[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
# What is not assigned yet may be a letter of a later Unicode than the one installed.
_LETTER = regex.compile(r"[\p{L}\p{N}\p{Cn}]")
_CHATTER = regex.compile(
    r"(?i)\b(?:as an ai|language model|i(?:'|’)m sorry|i am sorry|i cannot|i can(?:'|’)t|"
    r"here is the|the (?:answer|translation|name) (?:is|would be)|ignore (?:all|any|the|previous)|"
    r"disregard (?:all|any|the|previous)|system prompt|previous instructions|"
    r"i do not know|i don(?:'|’)t know|translated as|no translation)\b"
    r"|^(?:unknown|none|null|n/?a|undefined|not found|string|name|answer)$"
)


# What models of translation leave behind, by what it is.
_DEBRIS = {
    "it holds the mark of an unknown word": regex.compile(r"[\u2047\ufffd]|(?i:\[unk\])"),
    "it holds pieces of words": regex.compile(r"▁|@@(?=\s|$)|(?<!\S)##\p{L}|\p{Ll}Ġ"),
    "it holds a token of a model": regex.compile(
        r"__[a-z]{2,3}(?:_[A-Za-z]+)?__|(?<!\S)(?:[a-z]{3}_[A-Z][a-z]{3}|[a-z]{2}_[A-Z]{2})(?!\S)"
        r"|>>\w{2,12}<<|\[/?(?:PAD|CLS|SEP|MASK|BOS|EOS|INST)\]"
    ),
    "it repeats itself": regex.compile(
        r"(?i)(?<!\S)(\S+)(?:\s+\1){3}(?!\S)|(?<!\S)(\S+(?:\s+\S+){1,7})(?:\s+\2){2}(?!\S)"
        r"|(\p{L})\3{5}|([\p{L}\p{M}]{2,8})(?:[\s・-]?\4){3}"
    ),
}
# The end of a sentence, with what may close behind it.
_STOP = regex.compile(r"[.!?…。．！？।॥؟۔։።။]\s*[\p{Pe}\p{Pf}\"'”’»]*$")
_WITHOUT_STOPS = ("th", "lo")
_TWICE = regex.compile(r"(?i)(?<![\p{L}\p{M}])([\p{L}\p{M}]{2,})[\s・·]+\1(?![\p{L}\p{M}])")
_DOUBLED = regex.compile(r"(?i)([\p{L}\p{M}]{2,})[\s・·,-]*\1")


def objection(request: TermRequest, text: str) -> str:
    """Why the text cannot be a term of the kind that is asked for, in a few words; empty if it
    can. Nothing is said of whether it is right."""
    kind = request.kind
    if not text or not _LETTER.search(text):
        return "it has no letters"
    if kind is TermKind.DEFINITION:
        return _objection_to_prose(request, text)
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if _BREAK.search(text):
        return "it has several lines"
    if _HIDDEN.search(text):
        return "it has invisible characters"
    if _MARKUP.search(text):
        return "it holds markup or an address"
    entity = request.entity
    own = {*entity.labels.values(), *chain.from_iterable(entity.aliases.values())}
    if _CHATTER.search(text) and text not in own:
        return "it is talk, not a term"
    for why, debris in _DEBRIS.items():
        if debris.search(text) and not any(map(debris.search, own)):
            return why
    if len(text.split()) > MOST_WORDS[kind]:
        return f"it has more than {MOST_WORDS[kind]} words"
    outgrown = len(text) > 60 and len(text) > 4 * max(map(len, own), default=len(text))
    if kind.is_name and outgrown:
        return "it is far longer than the names in other languages"
    return ""


def _objection_to_prose(request: TermRequest, text: str) -> str:
    own = request.entity.definitions.values()
    if _HIDDEN.search(_SPACE.sub(" ", text)):
        return "it has invisible characters"
    unusual = {
        "it has several lines": _BREAK,
        "it holds markup or an address": _MARKUP,
        **_DEBRIS,
    }
    for why, sign in unusual.items():
        if sign.search(text) and not any(map(sign.search, own)):
            return why
    if _CHATTER.match(text):
        return "it is talk, not a term"
    lengths = [len(one) for one in own]
    if lengths and len(text) > LONGER * max(lengths) + LONGEST:
        return "it is far longer than the definitions in other languages"
    if lengths and len(text) * SHORTER < min(lengths):
        return "it is far shorter than the definitions in other languages"
    is_open = base(request.language) not in _WITHOUT_STOPS and not _STOP.search(text)
    if is_open and lengths and all(map(_STOP.search, own)):
        return "its last sentence has no end"
    return ""


def translation_objection(request: TermRequest, text: str, codes: Collection[str]) -> str:
    """What speaks against a name that a translator gave, beside `objection`; empty for nothing. It
    was asked with these ``codes`` of languages: one of them is no name, nor is a word that comes
    twice where in no other language it does."""
    if not request.kind.is_name:
        return ""
    entity = request.entity
    own = {*entity.labels.values(), *chain.from_iterable(entity.aliases.values())}
    if text in codes and text.casefold() not in map(str.casefold, own):
        return "it is the code of a language"
    if _TWICE.search(text) and not any(map(_DOUBLED.search, own)):
        return "a word comes twice"
    return ""


def plausible(request: TermRequest, text: str) -> str:
    """The text as it may be stored, or nothing if it cannot be a term. A definition keeps its lines
    and its full stop."""
    if request.kind is TermKind.DEFINITION:
        prose = "\n".join(map(clean, text.strip().splitlines()))
        return "" if _HIDDEN.search(_SPACE.sub(" ", text)) or objection(request, prose) else prose
    if _BREAK.search(text.strip()) or _HIDDEN.search(text.strip()):
        return ""
    tidy = clean(text)
    if request.kind is TermKind.DESCRIPTION:
        tidy = tidy.removesuffix(".") if not tidy.endswith("..") else tidy
    return "" if objection(request, tidy) else tidy
