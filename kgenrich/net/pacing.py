"""Politeness towards a server: a steady rate, how long it asks us to wait, how often we try."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.interrupt import asked
from kgenrich.waits import PATIENCE, tell

LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more is left alone, and the same command goes on later."""

LONGEST_BELIEVED = 7 * 86400
"""Seconds; who asks for a wait of more than a week means something else."""

T = TypeVar("T")


class Later(Exception):
    """A request failed in a way that may pass: why, and how long the server asks to wait, as a
    ``Retry-After`` header or in seconds, None where it says nothing; ``last`` is what to raise
    when it did not pass."""

    def __init__(
        self,
        trouble: str,
        wait: str | float | None = None,
        last: type[NetworkError] = NetworkError,
    ) -> None:
        super().__init__(trouble)
        self.wait = wait
        self.last = last


class Rate:
    """Lets callers through at most ``per_minute`` times a minute, evenly, from any thread."""

    def __init__(self, per_minute: float) -> None:
        self._gap = 60.0 / per_minute
        self._next = 0.0
        self._held = 0.0
        self._told = False
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until it is this caller's turn. Raises `SourceStopped` when the process is asked
        to end meanwhile."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
            news = turn - max(now, self._held) > PATIENCE and not self._told
            self._told |= news
        if news:
            tell(f"Requests wait for their turn: {60 / self._gap:g} a minute may be sent.")
        if turn > now and asked.wait(turn - now):
            raise SourceStopped("The run was stopped while a request waited for its turn.")

    def hold(self, seconds: float) -> bool:
        """Let nobody through for that long. Whether that is news: nobody knew of most of it."""
        with self._lock:
            until = time.monotonic() + seconds
            news = until - self._held > PATIENCE
            self._held = max(self._held, until)
            self._next = max(self._next, until)
        return news and seconds > PATIENCE


def retry_after(value: str | None, attempt: int) -> float:
    """Seconds to wait: those of a ``Retry-After`` header, given in seconds or as a date (RFC 9110,
    10.2.3), else 1, 2, 4 ... up to 60 seconds by ``attempt`` (from 0), a little scattered so that
    clients that failed together do not come back together.

    What cannot be meant is taken for nothing: no number, a date that is past, more than a week.
    """
    value = (value or "").strip()
    seconds = -1.0
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        seconds = float(value)
    else:
        with suppress(ValueError, TypeError, OverflowError, IndexError):
            date = parsedate_to_datetime(value)
            date = date.replace(tzinfo=date.tzinfo or UTC)
            seconds = (date - datetime.now(UTC)).total_seconds()
    if 0 <= seconds <= LONGEST_BELIEVED:
        return seconds
    return float(min(60.0, 2.0 ** min(attempt, 6)) * random.uniform(0.75, 1.25))


def persist(ask: Callable[[], T], host: str, retries: int, rate: Rate) -> T:
    """What ``ask`` gives back, which is called up to ``retries`` more times while it raises
    `Later`; nobody is let through ``rate`` meanwhile.

    Raises `NetworkError` when the tries are used up, or the server asks for a wait that is too
    long.
    """
    trouble, last = "", NetworkError
    for attempt in range(retries + 1):
        try:
            return ask()
        except Later as later:
            trouble, wait, last = str(later), later.wait, later.last
        seconds = wait if isinstance(wait, float) else retry_after(wait, attempt)
        if seconds > LONGEST_WAIT:
            raise NetworkError(
                f"{host} asks to come back in {seconds:.0f} seconds ({trouble}); "
                f"{LONGEST_WAIT:.0f} are waited at most."
            )
        if attempt < retries and rate.hold(seconds):
            tell(f"Waiting {seconds:.0f} seconds for {host}: {trouble}.")
    raise last(f"{host} gave no usable answer in {retries + 1} tries: {trouble}.")
