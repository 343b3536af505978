"""Whether a server is there at all, found out by the first request and then by every other."""

from __future__ import annotations

import threading
import time
from collections import Counter

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from kgenrich.errors import NetworkError
from kgenrich.net.transport import Late

CONNECT = 3.05
"""Seconds for the first connection: two lost packets are sent again within them."""

FIRST_TRIES = 3
"""Tries of a request to a server that never gave an answer of use."""

SILENCES = 3
"""Requests in a row that get no answer in time, after which nobody waits any more."""


ABSENT = 20.0
"""Seconds for which a server that answered before may be away, to be started anew."""


class Dead(NetworkError):
    """The server is not there: nothing is asked of it any more in this run."""


class Liveness:
    """What the requests of a session have found out about its hosts; from any thread.

    A host that is not reached by its first request, or later on for `ABSENT` seconds or by all
    tries of one, is dead; so is one that is silent at first, or `SILENCES` times in a row. A
    question that got no answer in time is not put again: whoever worked on it would begin anew.
    """

    def __init__(self) -> None:
        self._alive: set[str] = set()
        self._dead: dict[str, str] = {}
        self._silent: Counter[str] = Counter()
        self._left: dict[str, float] = {}
        self._lock = threading.Lock()

    def timeout(self, host: str, seconds: float) -> float:
        """How long to wait for a connection, at most ``seconds``."""
        return seconds if host in self._alive else min(CONNECT, seconds)

    def check(self, host: str) -> None:
        """Raises `Dead` for a host that is known to be so."""
        if host in self._dead:
            raise Dead(self._dead[host])

    def answered(self, host: str) -> None:
        """It gave an answer of use."""
        with self._lock:
            self._alive.add(host)
            self._silent[host] = 0
            self._left.pop(host, None)

    def failed(
        self, host: str, error: Exception | None, why: str, tries: int
    ) -> type[NetworkError]:
        """A request got no answer of use, at the given one of its ``tries``, from 1; ``error`` is
        None where the server itself says to come later.

        Gives what to raise when all tries fail. Raises `Dead`, or `NetworkError` for a request
        that is not to be put again.
        """
        silent, absent = isinstance(error, Late | requests.ReadTimeout), _is_absent(error)
        with self._lock:
            self._silent[host] = self._silent[host] + 1 if silent else 0
            first = host not in self._alive
            known = silent or absent or tries >= FIRST_TRIES
            now = time.monotonic()
            gone = absent and now - self._left.setdefault(host, now) > ABSENT
            gone |= self._silent[host] >= SILENCES
        if gone or (first and known and error is not None):
            late = "; if it is only slow, a longer timeout helps" if silent else ""
            raise self.dead(host, f"{host} does not answer: {why}{late}.")
        if silent:
            raise NetworkError(f"{host} gave no usable answer: {why}.")
        return Dead if absent or (first and known) else NetworkError

    def dead(self, host: str, sentence: str) -> Dead:
        """From now on the host is dead; the first sentence on why holds."""
        with self._lock:
            return Dead(self._dead.setdefault(host, sentence))


def _is_absent(error: Exception | None) -> bool:
    """Whether there was no connection: no such host, refused, no way, no trust."""
    errors = requests.exceptions
    if isinstance(error, errors.ConnectTimeout | errors.SSLError | errors.ProxyError):
        return True
    cause = error.args[0] if isinstance(error, errors.ConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
