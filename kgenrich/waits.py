"""Waits that are told: for a lock, for another run, for a server that asks for peace."""

from __future__ import annotations

import time
from weakref import WeakSet

from kgenrich.progress import Progress

PATIENCE = 2.0
"""Seconds that nobody needs to know of."""

_listeners: WeakSet[Progress] = WeakSet()


def tell_waits(progress: Progress) -> None:
    """Have waits of this process told as remarks, as long as the progress is in use."""
    _listeners.add(progress)


def tell(text: str) -> None:
    """Say what is waited for, and how long."""
    for listener in list(_listeners):
        listener.remark(text)


class Wait:
    """A wait that goes on step by step; once it is longer than `PATIENCE`, its text is told."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._begun = time.monotonic()

    def step(self) -> float:
        """Seconds since it began."""
        seconds = time.monotonic() - self._begun
        if self._text and seconds >= PATIENCE:
            tell(self._text)
            self._text = ""
        return seconds
