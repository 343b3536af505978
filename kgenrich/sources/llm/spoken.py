"""What a model finally said: its text without what it merely thought, and the JSON objects in it.

A server should part the thoughts of a model from its answer; where it does not, the marks of the
many chat templates are known by their kind: brackets around one word for thinking, with a slash or
``end`` where the thoughts are over, and channels, of which only ``final`` is an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import regex
from msgspec import Struct

LONGEST = 50_000
"""Characters of an answer that are read: the last ones, for thoughts come first."""

_TRIES = 200
"""Braces at which an object is looked for."""

_MARK = regex.compile(
    r"""(?ix)
    (?P<over> <\|?channel\|?> \s* final \b [^<{]* (?:<\|constrain\|>[^<{]*)? (?:<\|message\|>)?
            | <channel\|> | assistantfinal | \.\.\.done\ thinking\. )
    | (?P<begun> <\|?channel\|?> | ^\s*analysis(?=\w) )
    | [<\[◁⟨] (?P<word> [^\s<>\[\]◁▷⟨⟩{}"]{0,24}?
        (?:think|thought|reason|analys|reflect|scratch) [^\s<>\[\]◁▷⟨⟩{}"]{0,24} ) [>\]▷⟩]
    """
)
_OVER = regex.compile(r"(?i)/|(?<![a-z])end(?![a-z])")


class Spoken(Struct, frozen=True):
    """The ``text`` of an answer without thoughts; ``parted`` that a mark stood before it, so that
    nothing in it was merely thought."""

    text: str
    parted: bool


def spoken(content: str) -> Spoken:
    """What stands after the last thoughts, up to others that have no end.

    >>> spoken("Perhaps Doug?</think> Douglas").text.strip()
    'Douglas'
    """
    content = content[-LONGEST:]
    start, end, parted = 0, None, False
    for mark in _MARK.finditer(content):
        if mark["over"] or (mark["word"] and _OVER.search(mark["word"])):
            start, end, parted = mark.end(), None, True
        elif end is None:
            end = mark.start()
    return Spoken(content[start:end], parted)


def _nested(depth: int) -> str:
    """The pattern of an object that holds objects up to a depth. Without going back, so that any
    text is read in linear time."""
    inner = rf"|{_nested(depth - 1)}" if depth else ""
    return rf'\{{(?:[^{{}}"]|{_STRING}{inner})*+\}}'


_STRING = r'"(?:[^"\\]|\\.)*+"'
_OBJECT = regex.compile(_nested(4), regex.DOTALL)
_COMMENT = regex.compile(rf"({_STRING})|//[^\n]*|/\*.*?\*/", regex.DOTALL)
_COMMA = regex.compile(rf"({_STRING})|,(?=\s*[}}\]])", regex.DOTALL)
_ESCAPE = regex.compile(r'(\\["\\/bfnrtu])|\\(.)', regex.DOTALL)


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, one after the other, without those within others.

    Line breaks in strings, commas at the end, comments and needless backslashes are forgiven.
    Nothing is completed: what is cut off could only be guessed.
    """
    place = 0
    for _ in range(_TRIES):
        if (found := _OBJECT.search(text, place)) is None:
            return
        value = _loaded(found[0])
        place = found.start() + 1 if value is None else found.end()
        if value is not None:
            yield value


def _loaded(text: str) -> dict[str, Any] | None:
    with suppress(ValueError, RecursionError):
        return dict(json.loads(text, strict=False))
    text = _COMMA.sub(r"\1", _COMMENT.sub(r"\1", text))
    text = _ESCAPE.sub(lambda found: found[1] or found[2], text)
    with suppress(ValueError, RecursionError):
        return dict(json.loads(text, strict=False))
    return None
