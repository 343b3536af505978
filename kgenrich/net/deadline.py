"""A last moment for whole answers: a time-out counts the silence between two bytes, so that a
server which sends a byte now and then could hold a connection for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol

IDLE = 5.0
"""Seconds after which the thread ends when there is nothing to watch."""


class Stoppable(Protocol):
    """A response whose reading can be ended from another thread (urllib3's)."""

    def shutdown(self) -> None: ...


class Deadline:
    """Ends the reading of responses that take longer than ``seconds``; one thread for all of them,
    and none while there are none."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._changed = threading.Condition()
        # In the order in which they are due, for all are given the same time.
        self._open: dict[int, tuple[float, Stoppable]] = {}
        self._numbers = count()
        self._running = False

    @contextmanager
    def watch(self, response: Stoppable) -> Iterator[None]:
        """Read the response in here. Raises ``TimeoutError`` when it took too long, in the place of
        what the broken reading raised."""
        due = time.monotonic() + self.seconds
        with self._changed:
            number = next(self._numbers)
            self._open[number] = due, response
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, daemon=True).start()
            elif len(self._open) == 1:
                self._changed.notify()
        try:
            yield
        except Exception as error:
            if time.monotonic() >= due:
                raise TimeoutError from error
            raise
        finally:
            with self._changed:
                self._open.pop(number, None)
        if time.monotonic() >= due:
            # What was read may be only a part.
            raise TimeoutError

    def _run(self) -> None:
        with self._changed:
            while True:
                if not self._open and not self._changed.wait(IDLE):
                    self._running = False
                    return
                if not self._open:
                    continue
                number, (due, response) = next(iter(self._open.items()))
                left = due - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                del self._open[number]
                try:
                    response.shutdown()
                except (OSError, ValueError, RuntimeError):
                    continue
