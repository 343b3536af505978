"""Passwords in the addresses of databases and servers: what is shown, told and kept has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

MASK = "***"

_URL = re.compile(r"\s*[\w+.-]+:/")
_OTHER = r"(?<![\w+.-])(?!https?:)([\w+.-]+:/+)"
"""The beginning of an address that is none of the web."""
_SECRET = re.compile(r"pass(?!file)|pwd|secret|token|scram|(?<!ssl)key$", re.IGNORECASE)
"""In the name of a parameter (libpq: 32.1.2) or a setting. A ``passfile`` and an ``sslkey`` are
paths; ``key_env`` is the name of a variable."""


def mask(text: str) -> str:
    """The text, an address or a sentence with one in it, without passwords: those before the host,
    with whatever characters, and those among the parameters of a URL or of a connection string.

    >>> mask("no postgresql://me:p@ss/word@db.example.org/kg?sslpassword=x&sslmode=require here")
    'no postgresql://me:***@db.example.org/kg?sslpassword=***&sslmode=require here'
    >>> mask("host=db user=me password='a b'")
    'host=db user=me password=***'
    """
    # Nobody but the writer knows where an address with spaces in it ends.
    any_, end = (".", "[^&]") if _URL.match(text) else (r"\S", r"[^\s&]")
    text = re.sub(rf"(?s){_OTHER}([^\s:/?#@]*):{any_}*@", rf"\1\2:{MASK}@", text)
    # An address of the web may have an @ in its path.
    text = re.sub(r"(https?://[^\s:/?#@]*):[^\s/]*@", rf"\1:{MASK}@", text, flags=re.IGNORECASE)
    # Without a host, the password stands where the port would be.
    text = re.sub(rf"{_OTHER}([^\s:/?#@\[]*):(?!\d+\b|\*)[^\s/?#]+", rf"\1\2:{MASK}", text)
    return re.sub(rf"(?s)([\w%+.-]+)(\s*=\s*)('(?:[^'\\]|\\.)*'|{end}*)", _masked, text)


def masked(value: Any, name: str = "") -> Any:
    """A setting as it may be shown, tables and lists in depth."""
    if isinstance(value, Mapping):
        return {inner: masked(one, inner) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one, name) for one in value]
    if isinstance(value, str):
        return MASK if value and _SECRET.search(name) else mask(value)
    return value


def _masked(found: re.Match[str]) -> str:
    name, between, _ = found.groups()
    return f"{name}{between}{MASK}" if _SECRET.search(unquote(name)) else found[0]
