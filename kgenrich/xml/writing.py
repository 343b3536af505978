"""Texts as they stand in XML that is written, and read again as they were."""

from __future__ import annotations

from collections.abc import Mapping

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = _TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def text(value: str) -> str:
    """The content of an element. What no XML can hold is not looked for.

    >>> text("a < b\\r")
    'a &lt; b&#13;'
    """
    return value.translate(_TEXT)


def attributes(values: Mapping[str, str]) -> str:
    """Attributes by name, those that are empty left out, each with a space before it.

    >>> attributes({"id": "a", "name": "", "xml:lang": 'x"'})
    ' id="a" xml:lang="x&quot;"'
    """
    return "".join(
        f' {name}="{value.translate(_VALUE)}"' for name, value in values.items() if value
    )


def element(name: str, value: str, /, **given: str) -> str:
    """An element with a text."""
    return f"<{name}{attributes(given)}>{text(value)}</{name}>"
