"""A last moment for whole answers: a time-out counts the silence between two bytes, so that a
server which sends a byte now and then could hold a connection for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol


class Stoppable(Protocol):
    """A response whose reading can be ended from another thread (urllib3's)."""

    def shutdown(self) -> None: ...


@contextmanager
def deadline(response: Stoppable, seconds: float) -> Iterator[None]:
    """Read the response in here. Raises ``TimeoutError`` when it took longer than ``seconds``, in
    the place of what the broken reading raised."""

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
