"""Reading what a model answered: the schema, the check, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import regex
from msgspec import Struct

from kgenrich.model import TermKind, TermRequest
from kgenrich.sources.llm.spoken import objects, spoken
from kgenrich.sources.plausible import objection, plausible
from kgenrich.text import clean, vote_key

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "known": {"type": "boolean"},
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "quote": {"type": "string"}},
                "required": ["text", "quote"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["known", "answers"],
    "additionalProperties": False,
}
"""The JSON schema of an answer. `read` takes what has more or less than it, as long as it is clear
what was said."""

MOST = {TermKind.LABEL: 6, TermKind.ALIAS: 6, TermKind.DESCRIPTION: 1, TermKind.DEFINITION: 1}
"""Answers that are read, by kind; a model that lists more is guessing."""

# What is told to a model has no angle brackets (`kgenrich.sources.llm.prompt`); a formula may.
_ANGLES = str.maketrans({"‹": "<", "›": ">"})
_LETTER = regex.compile(r"\p{L}|\p{N}")


class Term(Struct, frozen=True):
    """A term that a model gave; ``quote`` is the part of the evidence that it was found in."""

    text: str
    quote: str = ""


class _Said(Struct, frozen=True):
    known: bool
    answers: tuple[Term, ...]


class Reading(Struct, frozen=True):
    """What is left of an answer; with neither terms nor a ``problem`` the model does not know."""

    terms: tuple[Term, ...] = ()
    problem: str = ""


def read(
    request: TermRequest,
    content: str,
    passages: Sequence[str] = (),
    refused: Sequence[str] = (),
    forbidden: Sequence[str] = (),
) -> Reading:
    """Check an answer: form, plausibility, and that what it quotes is in the passages.

    ``refused`` are texts that may not be answered, such as that of the example, ``forbidden``
    those that a glossary forbids.
    """
    said = _final(content)
    if isinstance(said, str):
        return Reading(problem=said)
    if not said.known:
        return Reading()
    if not said.answers:
        return Reading(problem='"known" is true, but there is no answer')
    terms: dict[str, Term] = {}
    problem = ""
    signs = "".join(request.entity.definitions.values())
    angles = _ANGLES if request.kind is TermKind.DEFINITION and set("<>") & set(signs) else {}
    for item in said.answers[: MOST[request.kind]]:
        if any(vote_key(item.text) == vote_key(text) for text in forbidden):
            problem = problem or "a glossary forbids the text"
        elif wrong := _wrong(request, item, passages, refused):
            problem = problem or wrong
        else:
            term = Term(plausible(request, item.text).translate(angles), clean(item.quote))
            terms.setdefault(term.text, term)
    return Reading(tuple(terms.values()), "" if terms else problem)


def _wrong(
    request: TermRequest, item: Term, passages: Sequence[str], refused: Sequence[str]
) -> str:
    if not plausible(request, item.text):
        why = objection(request, item.text.strip()) or "it is no term"
        return f"the text is not a possible {request.kind}: {why}"
    if any(vote_key(item.text) == vote_key(text) for text in refused):
        return "the text is that of the example"
    quote = vote_key(item.quote)
    if quote and not any(quote in vote_key(passage) for passage in passages):
        return "the quote is not in the evidence"
    if quote and request.kind.is_name and vote_key(item.text) not in quote:
        return "the quote does not hold the text"
    return ""


def _final(content: str) -> _Said | str:
    """The answer in what a model wrote, or why there is none: after the thoughts the last object
    of the form, without marks of thought the only one, for one of several may merely have been
    considered."""
    said = spoken(content)
    found = list(objects(said.text))
    fitting = [form for value in found if (form := _form(value)) is not None]
    if not fitting:
        why = "does not have the form that was asked for" if found else "is not one JSON object"
        return f"it {why}"
    # The form itself may be repeated with dots in it.
    last = next(filter(_says_something, reversed(fitting)), fitting[-1])
    others = filter(_says_something, fitting)
    if not said.parted and any(_texts(one) != _texts(last) for one in others):
        return "it holds several different answers"
    return last


def _form(value: Mapping[str, Any]) -> _Said | None:
    """An object as an answer, if it is one. A field that is odd costs itself."""
    known, answers = value.get("known"), value.get("answers")
    items = answers if isinstance(answers, list) else [answers]
    terms = tuple(term for item in items if (term := _term(item)) is not None)
    if answers and not terms:
        return None
    if isinstance(known, str):
        known = {"true": True, "false": False}.get(known.casefold())
    if known is None and not terms:
        return None
    return _Said(bool(terms) if known is None else bool(known), terms)


def _term(item: Any) -> Term | None:
    text = item.get("text") if isinstance(item, dict) else item
    quote = item.get("quote") if isinstance(item, dict) else ""
    if not isinstance(text, str):
        return None
    return Term(text, quote if isinstance(quote, str) else "")


def _says_something(said: _Said) -> bool:
    return not said.known or any(_LETTER.search(term.text) for term in said.answers)


def _texts(said: _Said) -> list[str]:
    return [term.text for term in said.answers] if said.known else []
