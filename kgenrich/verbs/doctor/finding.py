"""What a check finds."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["ok", "warn", "fail"]


class Finding(Struct, frozen=True):
    """A ``check`` and what it found. With ``warn`` something will be missing or slow, with ``fail``
    something cannot work; ``advice`` is what to do about it."""

    check: str
    state: State
    what: str
    advice: str = ""
