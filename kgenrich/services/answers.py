"""Answers in JSON, or as a call of a function of whoever asks (JSONP)."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from starlette.responses import Response

from kgenrich.errors import UsageError

_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,99}")


def answered(told: Any, callback: str | None = None) -> Response:
    """What is told; as JSONP where a ``callback`` is named. Raises `UsageError` for one that is no
    name of a function."""
    body = msgspec.json.encode(told)
    if callback is None:
        return Response(body, media_type="application/json")
    if not _CALLBACK.fullmatch(callback):
        raise UsageError("The callback is no name of a function.")
    # Lines end in JavaScript where they do not in JSON, and the comment keeps other formats off.
    safe = body.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")
    script = b"/**/" + callback.encode() + b"(" + safe.replace(b"<", b"\\u003c") + b");"
    return Response(script, media_type="application/javascript; charset=utf-8")
