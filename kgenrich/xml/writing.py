"""Texts as they stand in XML that is written, and read again as they were."""

from __future__ import annotations

from collections.abc import Mapping

_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_VALUE = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def text(value: str) -> str:
    """The content of an element. What no XML can hold is not looked for.

    >>> text("a < b\\r")
    'a &lt; b&#13;'
    """
    return _escaped(value, _TEXT)


def _escaped(value: str, marks: Mapping[str, str]) -> str:
    # Few texts have any: to look for them is faster than `str.translate`.
    for mark, written in marks.items():
        if mark in value:
            value = value.replace(mark, written)
    return value


def attributes(values: Mapping[str, str]) -> str:
    """Attributes by name, those that are empty left out, each with a space before it.

    >>> attributes({"id": "a", "name": "", "xml:lang": 'x"'})
    ' id="a" xml:lang="x&quot;"'
    """
    return "".join(
        f' {name}="{_escaped(text(value), _VALUE)}"' for name, value in values.items() if value
    )


def element(name: str, value: str, /, **given: str) -> str:
    """An element with a text."""
    return f"<{name}{attributes(given)}>{text(value)}</{name}>"
