"""Reading what a model answered: the schema, the check, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec
import regex
from msgspec import Struct

from kgenrich.model import TermKind, TermRequest
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
"""The JSON schema of an answer; `read` checks the same."""

MOST = {TermKind.LABEL: 6, TermKind.ALIAS: 6, TermKind.DESCRIPTION: 1}
"""Answers that are read, by kind; a model that lists more is guessing."""

_THOUGHT = regex.compile(r"(?s)<think(?:ing)?>.*?</think(?:ing)?>")
_LONGEST = 50_000


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """A term that a model gave; ``quote`` is the part of the evidence that it was found in."""

    text: str
    quote: str = ""


class _Said(Struct, forbid_unknown_fields=True):
    known: bool
    answers: list[Term]


class Reading(Struct, frozen=True):
    """What is left of an answer; with neither terms nor a ``problem`` the model does not know."""

    terms: tuple[Term, ...] = ()
    problem: str = ""


def read(
    request: TermRequest, content: str, passages: Sequence[str] = (), refused: Sequence[str] = ()
) -> Reading:
    """Check an answer: form, plausibility, and that what it quotes is in the passages.

    ``refused`` are texts that may not be answered, such as that of the example.
    """
    value = _json(content)
    if value is None:
        return Reading(problem="it is not one JSON object")
    try:
        said = msgspec.convert(value, _Said)
    except msgspec.ValidationError as error:
        return Reading(problem=f"it does not have the form that was asked for ({error})")
    if not said.known:
        return Reading()
    if not said.answers:
        return Reading(problem='"known" is true, but there is no answer')
    terms: dict[str, Term] = {}
    problem = ""
    for item in said.answers[: MOST[request.kind]]:
        if wrong := _wrong(request, item, passages, refused):
            problem = problem or wrong
        else:
            term = Term(plausible(request, item.text), clean(item.quote))
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
    if quote and request.kind is not TermKind.DESCRIPTION and vote_key(item.text) not in quote:
        return "the quote does not hold the text"
    return ""


def _json(content: str) -> Any:
    """The JSON object in an answer, also where talk or a fence stands around it; else None."""
    content = _THOUGHT.sub("", content[:_LONGEST]).strip()
    for brace in islice(regex.finditer(r"\{", content), 20):
        with suppress(ValueError, RecursionError):
            return json.JSONDecoder().raw_decode(content, brace.start())[0]
    return None
