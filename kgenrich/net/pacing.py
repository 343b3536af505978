"""Politeness towards a server: a steady rate, how long it asks us to wait, how often we try, how
long an answer may take."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from kgenrich.errors import NetworkError

if TYPE_CHECKING:
    from urllib3 import HTTPResponse

LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more is left alone, and the same command goes on later."""

T = TypeVar("T")


class Later(Exception):
    """A request failed in a way that may pass: why, and how long the server asks to wait, as a
    ``Retry-After`` header or in seconds, None where it says nothing."""

    def __init__(self, trouble: str, wait: str | float | None = None) -> None:
        super().__init__(trouble)
        self.wait = wait


class Rate:
    """Lets callers through at most ``per_minute`` times a minute, evenly, from any thread."""

    def __init__(self, per_minute: float) -> None:
        self._gap = 60.0 / per_minute
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until it is this caller's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            time.sleep(turn - now)

    def hold(self, seconds: float) -> None:
        """Let nobody through for that long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


def retry_after(value: str | None, attempt: int) -> float:
    """Seconds to wait: those of a ``Retry-After`` header, given in seconds or as a date (RFC 9110,
    10.2.3), else 1, 2, 4 ... up to 60 seconds by ``attempt`` (from 0), a little scattered so that
    clients that failed together do not come back together.
    """
    value = (value or "").strip()
    with suppress(ValueError):
        return max(0.0, float(value))
    with suppress(ValueError):
        date = parsedate_to_datetime(value)
        date = date.replace(tzinfo=date.tzinfo or UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    return float(min(60.0, 2.0**attempt) * random.uniform(0.75, 1.25))


def persist(ask: Callable[[], T], host: str, retries: int, rate: Rate) -> T:
    """What ``ask`` gives back, which is called up to ``retries`` more times while it raises
    `Later`; nobody is let through ``rate`` meanwhile.

    Raises `NetworkError` when the tries are used up, or the server asks for a wait that is too
    long.
    """
    trouble = ""
    for attempt in range(retries + 1):
        try:
            return ask()
        except Later as later:
            trouble, wait = str(later), later.wait
        seconds = wait if isinstance(wait, float) else retry_after(wait, attempt)
        if seconds > LONGEST_WAIT:
            raise NetworkError(f"{host} asks to come back in {seconds:.0f} seconds ({trouble}).")
        if attempt < retries:
            rate.hold(seconds)
    raise NetworkError(f"{host} gave no usable answer in {retries + 1} tries: {trouble}.")


@contextmanager
def deadline(response: HTTPResponse, seconds: float) -> Iterator[None]:
    """Read a whole answer in here: a time-out counts the silence between two bytes, so that a
    server which sends a byte now and then could hold a connection for ever.

    Raises ``TimeoutError`` when it took longer than ``seconds``, in the place of what the broken
    reading raised.
    """

    def stop() -> None:
        with suppress(OSError, ValueError, RuntimeError):
            response.shutdown()

    due = time.monotonic() + seconds
    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if time.monotonic() >= due:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
    if time.monotonic() >= due:
        # What was read may be only a part.
        raise TimeoutError
