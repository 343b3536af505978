"""Connections whose answers come to an end: a time-out counts the silence between two bytes, so
that a server which sends a byte now and then could hold a connection for ever."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from functools import cache
from http.client import HTTPResponse
from typing import Any

from requests import Response
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager

WHOLE = 5
"""How many times the time-out a whole answer may take, from its first header to its last byte."""


class Late(Exception):
    """The time is over: for how long nothing came, or for how long the answer had no end."""


class Adapter(HTTPAdapter):
    """An adapter of ``requests`` whose answers raise `Late` while they are read, headers and body
    alike, when nothing comes for the time-out or they take `WHOLE` times that."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        _watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **named: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*args, **named)
        return _watch(manager)


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


class _Answer(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_Stream(sock, self.fp.detach()))


def _watch(manager: PoolManager) -> PoolManager:
    pools = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in pools}
    return manager


@cache
def _watched(pool: type[Any]) -> type[Any]:
    """The pool of connections, direct ones or through a proxy, with answers of ours."""
    if pool.ConnectionCls.response_class is _Answer:
        return pool
    connection = type("Connection", (pool.ConnectionCls,), {"response_class": _Answer})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
