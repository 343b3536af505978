"""Errors that services put inside answers of status 200: a gateway that answers for another one, a
model that failed in the middle, a server that knows no statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import regex
from msgspec import Struct

LONGEST = 200
"""Characters of a server's reason that are told."""

NO_MONEY = 402

# Codes by name and, where a server has none, sentences: which status they stand for. Google's are
# those of google.rpc.Code, others those that OpenAI, Anthropic and LibreTranslate use.
_NAMED = tuple(
    (status, regex.compile(words, regex.IGNORECASE))
    for status, words in {
        NO_MONEY: r"insufficient.(?:quota|balance|funds|credit)|payment.required|credit.balance",
        429: r"rate.?limit|too.?many.?requests|resource.?exhausted|quota|slow.?down|throttl",
        503: r"overloaded|unavailable|\bbusy\b|at capacity|is (?:currently )?loading|try again",
        504: r"timed?.?out|deadline.?exceeded",
        401: r"(?:invalid|incorrect|missing).?api.?key|unauthenticated|unauthori[sz]ed|authenticat",
        403: r"permission.?denied|forbidden",
        404: r"model.{0,80}(?:not.?found|does not exist)",
        400: r"invalid|bad.?request|unsupported|not supported",
    }.items()
)
_THIS_ALONE = regex.compile(r"(?i)flagged|moderation|content.?(?:policy|filter|management)|safety")


class Fault(Struct, frozen=True):
    """What a service says went wrong: the ``status`` that its code stands for, 0 where it names
    none, and its own ``reason``, one bounded line."""

    status: int
    reason: str

    def __str__(self) -> str:
        code = f" {self.status}" if self.status else ""
        return f"answered with the error{code}: {self.reason}"


def fault_in(answer: Mapping[str, Any]) -> Fault | None:
    """The error in an answer, or in each of the choices that a model gives; None for none."""
    if answer.get("error"):
        return _fault(answer["error"])
    if answer.get("object") == "error":
        return _fault(answer)
    errors, choices = answer.get("errors"), answer.get("choices")
    if isinstance(errors, list) and errors:
        return _fault(errors[0])
    choices = choices if isinstance(choices, list) else []
    failed = [choice.get("error") for choice in choices if isinstance(choice, dict)]
    return _fault(failed[0]) if failed and all(failed) else None


def told(text: str) -> str:
    """What a server said, as one bounded line without control characters."""
    line = "".join(c for c in " ".join(text[: 4 * LONGEST].split()) if c.isprintable())
    return line[:LONGEST].rstrip(". ")


def _fault(error: Any) -> Fault:
    values: Mapping[str, Any] = error if isinstance(error, Mapping) else {"message": error}
    if isinstance(inner := values.get("error"), Mapping):
        values = {**values, **inner}
    fields = ("message", "detail", "msg", "description", "info", "reason", "error")
    said = next((text for name in fields if isinstance(text := values.get(name), str)), "")
    if isinstance(more := values.get("metadata"), dict) and isinstance(more.get("raw"), str):
        # A gateway gives the words of the server behind it.
        said = f"{said} ({more['raw']})"
    codes = [values.get(name) for name in ("code", "status", "status_code", "type")]
    named = " ".join(code for code in codes if isinstance(code, str))
    return Fault(_status(codes, f"{named} {said}"), told(said or named) or "it gives no reason")


def _status(codes: list[Any], words: str) -> int:
    if _THIS_ALONE.search(words):
        return 0
    # A lack of money is sent as too many requests.
    if _NAMED[0][1].search(words):
        return NO_MONEY
    for code in codes:
        if isinstance(code, int | str) and regex.fullmatch(r"[45]\d\d(\d{3})?", str(code)):
            # Azure adds three digits of its own.
            return int(str(code)[:3])
    return next((status for status, name in _NAMED if name.search(words)), 0)
