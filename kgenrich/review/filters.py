"""The filter of the queue in the address of a page: what can be shared and survives a reload."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from urllib.parse import urlencode

from starlette.requests import Request

from kgenrich.errors import UsageError
from kgenrich.verbs.review import ReviewOptions
from kgenrich.verbs.workspace import read_options

_LISTS = ("languages", "kinds", "states")
_TEXTS = {"class": "class_id", "source": "source", "code": "code", "find": "find"}
_NUMBERS = {"floor": float, "links": int}
NAMES = (*_LISTS, *_TEXTS, *_NUMBERS)
"""The parameters of a filter."""


def query_of(request: Request) -> dict[str, str]:
    """The parameters of an address that narrow the queue, as they are written there."""
    given = {name: request.query_params.get(name, "").strip() for name in NAMES}
    lists = {name: ",".join(request.query_params.getlist(name)).strip(",") for name in _LISTS}
    return {name: value for name, value in (given | lists).items() if value}


def options_of(query: Mapping[str, str], writes: tuple[str, ...] = ()) -> ReviewOptions:
    """The filter of these parameters; without languages those that the reviewer ``writes``.
    Raises `UsageError` for a wrong one."""
    options: dict[str, object] = {
        name: tuple(query[name].split(",")) for name in _LISTS if name in query
    }
    options |= {field: query[name] for name, field in _TEXTS.items() if name in query}
    for name, kind in _NUMBERS.items():
        if name in query:
            try:
                options[name] = kind(query[name])
            except ValueError as error:
                raise UsageError(f"{query[name]!r} is no number for {name}.") from error
    if writes:
        asked = query.get("languages", "").split(",") if "languages" in query else writes
        options["languages"] = tuple(code for code in asked if code in writes) or writes
    return read_options(ReviewOptions, **options)


def linked(query: Mapping[str, str], **changes: str) -> str:
    """The query with some parameters changed, empty ones left out."""
    return urlencode({name: value for name, value in {**query, **changes}.items() if value})


_OPTIONS = {
    "languages": "-l",
    "kinds": "-k",
    "class": "--class",
    "source": "--source",
    "code": "--code",
    "states": "--states",
    "floor": "--over",
}


def again_command(query: Mapping[str, str]) -> str:
    """The command that asks the sources again for what a filter leaves undecided.

    >>> again_command({"languages": "it", "class": "Q5", "find": "x y"})
    'kgenrich decide ask-again -l it --class Q5'
    """
    told = (f" {flag} {quote(query[name])}" for name, flag in _OPTIONS.items() if name in query)
    return "kgenrich decide ask-again" + "".join(told)
