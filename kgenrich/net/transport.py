"""Connections whose answers come to an end: a time-out counts the silence between two bytes, so
that a server which sends a byte now and then could hold a connection for ever."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPResponse
from typing import Any

from requests import Response
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager

WHOLE = 5
"""How many times the time-out a whole answer may take, from its first header to its last byte."""

TICK = 0.5
"""Seconds between two looks at whether an endless answer is over."""


class Late(Exception):
    """The time is over: for how long nothing came, or for how long the answer had no end."""


class Adapter(HTTPAdapter):
    """An adapter of ``requests`` whose answers raise `Late` while they are read, headers and body
    alike, when nothing comes for the time-out or they take `WHOLE` times that."""

    answer: type[_Answer]

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        _watch(self.poolmanager, self.answer)

    def proxy_manager_for(self, *args: Any, **named: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*args, **named)
        return _watch(manager, self.answer)


class EndlessAdapter(Adapter):
    """One whose answers have no end but when ``is_over``, which is looked at every `TICK`: they
    raise `Late` then, and when nothing comes for the time-out."""

    def __init__(self, is_over: Callable[[], bool]) -> None:
        def stream(sock: Any, raw: io.RawIOBase) -> _Stream:
            return _EndlessStream(sock, raw, is_over)

        self.answer = type("_EndlessAnswer", (_Answer,), {"stream": staticmethod(stream)})
        super().__init__()


def leave_redirect(response: Response, **_: Any) -> None:
    """A hook: nobody reads what comes with a redirect, which may be anything."""
    if response.is_redirect:
        response.raw.close()


class _Stream(io.RawIOBase):
    """What arrives at a socket for one answer."""

    def __init__(self, sock: Any, raw: io.RawIOBase) -> None:
        self._sock, self._raw = sock, raw
        self._silence: float = sock.gettimeout()
        self._due = time.monotonic() + WHOLE * self._silence

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._due - time.monotonic()
        if left > 0:
            self._sock.settimeout(min(left, self._silence))
            with suppress(TimeoutError):
                return self._raw.readinto(buffer)
        if left > self._silence:
            raise Late(f"no answer within {self._silence:g} seconds")
        raise Late(f"no end of the answer within {WHOLE * self._silence:g} seconds")

    def close(self) -> None:
        self._raw.close()
        super().close()


class _EndlessStream(_Stream):
    """What arrives at a socket as long as it is not over."""

    def __init__(self, sock: Any, raw: io.RawIOBase, is_over: Callable[[], bool]) -> None:
        super().__init__(sock, raw)
        self._is_over = is_over

    def readinto(self, buffer: Any, /) -> int | None:
        due = time.monotonic() + self._silence
        while not self._is_over():
            left = due - time.monotonic()
            if left <= 0:
                raise Late(f"nothing for {self._silence:g} seconds")
            self._sock.settimeout(min(left, TICK))
            # Not by the file of the socket, which takes no more after one time-out.
            with suppress(TimeoutError):
                return int(self._sock.recv_into(buffer))
        raise Late("the time is over")


class _Answer(HTTPResponse):
    stream: Callable[[Any, io.RawIOBase], _Stream] = _Stream

    def __init__(self, sock: Any, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(self.stream(sock, self.fp.detach()))


Adapter.answer = _Answer


def _watch(manager: PoolManager, answer: type[_Answer]) -> PoolManager:
    pools = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: _watched(pool, answer) for scheme, pool in pools}
    return manager


@lru_cache(maxsize=16)
def _watched(pool: type[Any], answer: type[_Answer]) -> type[Any]:
    """The pool of connections, direct ones or through a proxy, with answers of ours."""
    if pool.ConnectionCls.response_class is answer:
        return pool
    connection = type("Connection", (pool.ConnectionCls,), {"response_class": answer})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
