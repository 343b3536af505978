"""Server-sent events: an endless answer, taken up again where it broke (WHATWG, HTML, 9.2)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from msgspec import Struct
from urllib3.exceptions import HTTPError

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.interrupt import asked
from kgenrich.net.pacing import LONGEST_WAIT, retry_after
from kgenrich.net.session import AGAIN, REDIRECTS, Refused, check_url, reason, user_agent
from kgenrich.net.transport import EndlessAdapter, Late
from kgenrich.settings import Network
from kgenrich.waits import PATIENCE, tell

LARGEST = 1 << 20
"""Bytes of one event; a larger one is passed over."""
_PART = 1 << 16
_NO_CONTENT = 204
_LINE = re.compile(rb"\r\n|\n|\r")


class Event(Struct, frozen=True):
    """One event: its ``data``, and the ``id`` from which a server goes on after it, empty where it
    gave none yet."""

    id: str
    data: bytes


class Parser:
    """Events from the bytes of a stream, in whatever parts they come. ``last_id`` is the id of the
    last event, ``retry`` how many seconds the server wants to pass before it is asked again."""

    def __init__(self, last_id: str = "", retry: float = 1.0) -> None:
        self.last_id, self.retry = last_id, retry
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._skips = False

    def feed(self, part: bytes) -> Iterator[Event]:
        """The events that are whole with this part."""
        self._rest += part
        # A line feed that belongs to the carriage return at the end may be still to come.
        held = b"\r" if self._rest.endswith(b"\r") else b""
        *lines, self._rest = _LINE.split(self._rest.removesuffix(held))
        self._rest += held
        for line in lines:
            if line:
                self._read(line)
            elif self._data and not self._skips:
                yield Event(self.last_id, b"\n".join(self._data))
            if not line:
                self._begin()
        if len(self._rest) > LARGEST:
            self._rest, self._skips = b"data", True

    def _begin(self) -> None:
        self._data, self._size, self._skips = [], 0, False

    def _read(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value)
            self._skips |= self._size > LARGEST
            if not self._skips:
                self._data.append(value)
        elif name == b"id" and b"\0" not in value and len(value) < _PART:
            self.last_id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) < 10:
            self.retry = int(value) / 1000


def events(
    network: Network,
    url: str,
    last_id: str = "",
    parameters: Mapping[str, str] | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> Iterator[Event | None]:
    """The events of a stream, from the one after ``last_id``; without one ``parameters`` say from
    where. None stands for signs of life without an event, and for silence. It ends when
    ``is_over``, or when the server says that there is no more.

    A stream that ends, breaks, or is silent for the time-out of the settings is asked for again
    after its last event, after a pause that grows as long as nothing comes. Raises `Refused` for
    what will not pass, and `NetworkError` when nothing came in all tries.
    """
    host = urlsplit(check_url(url)).netloc
    parser, failures = Parser(last_id), 0
    with requests.Session() as http:
        http.headers["User-Agent"] = user_agent(network)
        http.max_redirects = REDIRECTS
        for scheme in ("http://", "https://"):
            http.mount(scheme, EndlessAdapter(is_over))
        while not is_over():
            wait, trouble = None, "it ended the stream"
            try:
                for part in _parts(http, network, url, parser.last_id, parameters):
                    failures = 0
                    yield from parser.feed(part)
                    yield None
            except _Ended:
                return
            except _Later as later:
                wait, trouble = later.wait, str(later)
            except Late as late:
                trouble = str(late)
                yield None
            except (requests.RequestException, HTTPError, OSError) as error:
                trouble = reason(error, network.timeout)
            if is_over():
                return
            # What was cut off in the middle comes again.
            parser = Parser(parser.last_id, parser.retry)
            if (failures := failures + 1) > network.retries + 1:
                raise NetworkError(f"{host} gave no events in {failures} tries: {trouble}.")
            _pause(host, parser.retry, failures, wait, trouble, is_over)


class _Ended(Exception):
    """The server says that there is no more."""


class _Later(Exception):
    """An answer that is no stream, but may be one later."""

    def __init__(self, trouble: str, wait: str | None) -> None:
        super().__init__(trouble)
        self.wait = wait


def _parts(
    http: requests.Session,
    network: Network,
    url: str,
    last_id: str,
    parameters: Mapping[str, str] | None,
) -> Iterator[bytes]:
    """The bytes of one connection as they come."""
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    request: dict[str, Any] = {"headers": headers, "timeout": network.timeout, "stream": True}
    with http.get(url, params=None if last_id else parameters, **request) as answer:
        host, status = urlsplit(url).netloc, answer.status_code
        if status == _NO_CONTENT:
            raise _Ended
        if status in AGAIN:
            raise _Later(f"it answered {status}", answer.headers.get("retry-after"))
        if status != requests.codes.ok:
            raise Refused(f"{host} answered {status}.", status)
        if "event-stream" not in answer.headers.get("content-type", ""):
            raise Refused(f"{host} sent no events: is {url} a stream of them?", status)
        while part := answer.raw.read1(_PART):
            yield part


def _pause(
    host: str,
    retry: float,
    failures: int,
    wait: str | None,
    trouble: str,
    is_over: Callable[[], bool],
) -> None:
    """Wait before the next try, as long as it is not over."""
    seconds = retry * random.uniform(1, 1.25)
    if failures > 1 or wait is not None:
        seconds = max(seconds, retry_after(wait, failures - 1))
    if seconds > LONGEST_WAIT:
        raise NetworkError(f"{host} asks to come back in {seconds:.0f} seconds ({trouble}).")
    if seconds > PATIENCE:
        tell(f"Waiting {seconds:.0f} seconds for events of {host}: {trouble}.")
    while seconds > 0 and not is_over():
        if asked.wait(min(seconds, PATIENCE)):
            raise SourceStopped("The run was stopped while it waited for events.")
        seconds -= PATIENCE
