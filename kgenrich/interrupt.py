"""Signals that ask the process to end, SIGTERM and SIGHUP as Ctrl-C does: the first for an orderly
end, the second ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = [
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None
]

asked = threading.Event()
"""Set when the process was asked to end: whoever waits for something else waits no longer."""


class Stopped(KeyboardInterrupt):
    """A signal asked for an end; ``number`` says which."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def raise_on_signals() -> None:
    """Have each of the signals raise `Stopped` in the main thread; one that is ignored (``nohup``)
    stays so."""
    for number in _SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _first)


def _first(number: int, frame: FrameType | None) -> None:
    for other in _SIGNALS:
        if signal.getsignal(other) is _first:
            signal.signal(other, signal.SIG_DFL)
    asked.set()
    raise Stopped(number)


@contextmanager
def deferred(stop: Callable[[BaseException], None]) -> Iterator[None]:
    """In here what the first signal raises is given to ``stop`` instead, so that what arrived is
    not lost half way to the store. Outside of the main thread nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = {number: now for number in _SIGNALS if callable(now := signal.getsignal(number))}

    def restore() -> None:
        for number, handler in usual.items():
            if signal.getsignal(number) is first:
                signal.signal(number, handler)

    def first(number: int, frame: FrameType | None) -> None:
        restore()
        try:
            usual[number](number, frame)
        except KeyboardInterrupt as error:
            stop(error)
            asked.set()

    asked.clear()
    for number in usual:
        signal.signal(number, first)
    try:
        yield
    finally:
        restore()
