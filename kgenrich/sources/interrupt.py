"""Ctrl-C while calls are in flight: the first one asks for an orderly end, the second one ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def deferred(stop: Callable[[BaseException], None]) -> Iterator[None]:
    """In here the first interrupt is given to ``stop`` instead of being raised anywhere, so that
    what arrived is not lost half way to the store. Outside of the main thread, and where somebody
    handles interrupts already, nothing changes."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or (
        usual is not signal.default_int_handler
    ):
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop(KeyboardInterrupt())

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
