"""HTTP for everybody: who we are, how often we ask, when we ask again, how much we read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count, islice
from json import dumps
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, urlsplit

import requests
from msgspec import Struct
from urllib3.exceptions import HTTPError

from kgenrich import __version__
from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.liveness import Dead, Liveness
from kgenrich.net.pacing import Later, Rate, persist
from kgenrich.net.transport import Adapter, Late, leave_redirect
from kgenrich.settings import Network

LATE = 0
"""Stands for the status of an answer that is late."""

AGAIN = frozenset({LATE, 408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same question may be put again."""

REDIRECTS = 5
"""How many times an address may lead to another one."""

T = TypeVar("T")
R = TypeVar("R")


class Refused(NetworkError):
    """The server answered with a status that will not change by asking again; ``body`` is what it
    said."""

    def __init__(self, sentence: str, status: int, body: bytes = b"") -> None:
        super().__init__(sentence)
        self.status = status
        self.body = body


class Unanswered(NetworkError):
    """What was sent once may have arrived: there is no answer that says so, or not."""


class Answer(Struct, frozen=True):
    """A whole answer: its status, headers (names in any case) and bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def user_agent(network: Network) -> str:
    """Who is asking. Raises `UsageError` when nobody can be named: operators of public servers
    block clients whose owner they cannot reach (Wikimedia's User-Agent policy)."""
    contact = " ".join(network.contact.split())
    if not contact:
        raise UsageError(
            "Servers want to know whom to reach, and no contact is set: set KGENRICH_NETWORK__"
            'CONTACT, or contact = "you@example.org" under [network] in kgenrich.toml.'
        )
    return f"kgenrich/{__version__} ({contact}) python-requests/{requests.__version__}"


def check_url(url: str) -> str:
    """The URL, if it is one of a web server; raises `UsageError` otherwise."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"{url!r} is no address of a web server (http://... or https://...).")
    if "@" in parts.netloc:
        # Addresses are shown and stored; passwords must be neither.
        raise UsageError(
            f"An address holds no user or password: give http(s)://{parts.hostname}/..."
        )
    return url


class Session:
    """Speaks to one server politely; safe to use from several threads.

    At most ``network.concurrency`` requests are in flight, ``network.requests_per_minute`` are
    begun, answers over ``network.max_answer_bytes`` are refused, and what may succeed later is
    tried ``network.retries`` more times. ``secret`` is blotted out of whatever comes back: a server
    may repeat what it was sent. With ``liveness`` a server that is not there is left after seconds.
    Raises `UsageError` when no contact is set.
    """

    def __init__(
        self, network: Network, *, secret: str = "", liveness: Liveness | None = None
    ) -> None:
        self.network = network
        self._liveness = liveness
        self._agent = user_agent(network)
        self._blots = spellings(secret)
        self._rate = Rate(network.requests_per_minute)
        self._slots = threading.BoundedSemaphore(network.concurrency)
        self._http = requests.Session()
        self._http.headers["User-Agent"] = self._agent
        self._http.max_redirects = REDIRECTS
        self._http.hooks["response"].append(leave_redirect)
        adapter = Adapter(pool_maxsize=network.concurrency)
        self._http.mount("http://", adapter)
        self._http.mount("https://", adapter)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        keys: Mapping[str, str] | None = None,
        check: Callable[[Answer], float | None] | None = None,
        again: Container[int] = AGAIN,
        once: bool = False,
    ) -> Answer:
        """Ask, and ask again as long as that is polite and may help.

        ``keys`` are headers that must not travel on to another host: with them no redirect is
        followed. ``check`` looks at an answer of status 200 and gives back how many seconds to
        wait before asking again, None if it is good, or raises. ``again`` are the statuses after
        which it is asked again; 0 among them stands for answers that are late. Raises
        `NetworkError` in one sentence.
        """
        host = urlsplit(check_url(url)).netloc
        body: dict[str, Any] = {"params": params, "data": data, "json": json}
        body["headers"] = {**(headers or {}), **(keys or {})}
        if keys is not None:
            # An entry of ~/.netrc must not take their place.
            body |= {"allow_redirects": False, "auth": _as_is}
        life, number, timeout = self._liveness, count(1), self.network.timeout

        def later(
            why: str, wait: str | float | None = None, error: Exception | None = None
        ) -> Later:
            last = life.failed(host, error, why, next(number)) if life else NetworkError
            return Later(why, wait, last)

        def ask() -> Answer:
            with self._slots:
                self._rate.wait()
                if life is not None:
                    life.check(host)
                    body["timeout"] = life.timeout(host, timeout), timeout
                try:
                    answer = self._once(method, url, body)
                except NetworkError as error:
                    # What was asked for may be done all the same.
                    if once:
                        raise Unanswered(str(error)) from error
                    raise
                except (requests.TooManyRedirects, ValueError) as error:
                    raise NetworkError(f"{host} leads to no other address: {error}.") from error
                except (requests.RequestException, HTTPError, Late) as error:
                    why = reason(error, self.network.timeout)
                    if once:
                        raise Unanswered(f"{host} gave no answer: {why}.") from error
                    if isinstance(error, Late | requests.ReadTimeout) and LATE not in again:
                        raise Refused(f"{host} gave {why}.", LATE) from error
                    raise later(why, error=error) from error
            if once and answer.status >= 500:
                raise Unanswered(f"{host} answered {answer.status}{excerpt(answer)}.")
            if answer.status in again:
                header = answer.headers.get("retry-after")
                raise later(f"it answered {answer.status}{excerpt(answer)}", header)
            if life is not None:
                life.answered(host)
            if answer.status != 200:
                sentence = f"{host} answered {answer.status}{excerpt(answer)}."
                raise Refused(sentence, answer.status, answer.body)
            if check is not None and (wait := check(answer)) is not None:
                raise Later("it is too busy", wait)
            return answer

        try:
            return persist(ask, host, self.network.retries, self._rate)
        except Dead as dead:
            raise life.dead(host, str(dead)) if life else dead from dead

    def _once(self, method: str, url: str, request: Mapping[str, Any]) -> Answer:
        most = self.network.max_answer_bytes
        request = {"timeout": self.network.timeout, **request}
        with self._http.request(method, url, **request, stream=True) as response:
            body = bytearray()
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > most:
                    host = urlsplit(url).netloc
                    raise NetworkError(f"{host} sent more than {most:,} bytes; nothing was kept.")
            text = bytes(body)
            for spelling in self._blots:
                text = text.replace(spelling, b"[key]")
            return Answer(response.status_code, response.headers, text)

    def map(self, ask: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
        """``ask`` every thing with as many in flight as is polite; answers in order."""
        with ThreadPoolExecutor(self.network.concurrency) as pool:
            rest = iter(things)
            waiting: list[Future[R]] = [
                pool.submit(ask, thing) for thing in islice(rest, self.network.concurrency)
            ]
            try:
                while waiting:
                    result = waiting.pop(0).result()
                    waiting += [pool.submit(ask, thing) for thing in islice(rest, 1)]
                    yield result
            finally:
                for future in waiting:
                    future.cancel()


def spellings(secret: str) -> list[bytes]:
    """The ways in which a key may come back in data: as it is, in JSON, in an address."""
    if not secret:
        return []
    written = (secret, dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret))
    return sorted({text.encode() for text in written}, key=len, reverse=True)


def _as_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def reason(error: Exception, timeout: float) -> str:
    """Why there was no answer, in a few words."""
    if isinstance(error, Late):
        return str(error)
    errors = requests.exceptions
    reasons = {
        requests.Timeout: f"no answer within {timeout:g} seconds",
        errors.SSLError: "its certificate could not be verified",
        errors.ProxyError: "the proxy could not be reached",
        errors.ChunkedEncodingError: "the connection broke in the middle of the answer",
        errors.ContentDecodingError: "the answer was compressed wrongly",
        requests.ConnectionError: "it could not be reached",
        HTTPError: "what it sent was no answer",
    }
    named = (words for kind, words in reasons.items() if isinstance(error, kind))
    return next(named, type(error).__name__)


def excerpt(answer: Answer) -> str:
    """The beginning of what a server said with an error, unless it is a web page."""
    if is_page(answer):
        return " with a web page"
    text = " ".join(answer.body[:400].decode("utf-8", "replace").split())
    text = "".join(c for c in text if c.isprintable())[:160].rstrip(".")
    return f": {text}" if text else ""


def is_page(answer: Answer) -> bool:
    """Whether a web page came where data was expected."""
    return "html" in answer.headers.get("content-type", "") or answer.body[:64].lstrip()[
        :5
    ].lower() in (b"<!doc", b"<html")
