"""The Action API of MediaWiki, whose errors arrive inside answers of status 200."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from kgenrich.errors import NetworkError
from kgenrich.net.pacing import Later, retry_after
from kgenrich.net.session import Answer, Session, check_url, is_page

MOST_VALUES = 50
"""Values of one parameter in one call, without special rights (MediaWiki's ``LIMIT_SML1``)."""

LATER = frozenset({"maxlag", "ratelimited", "readonly", "internal_api_error_DBQueryError"})
"""Errors that pass: the servers lag behind, or we asked too often."""


class ApiError(NetworkError):
    """The API refused; ``code`` is its own name for the reason."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class _Error(Struct):
    code: str = ""
    info: str = ""
    text: str = ""
    lag: float = 0.0


class _Errors(Struct):
    # Format version 1 and 2 give one ``error``; other error formats a list of ``errors``.
    error: _Error | None = None
    errors: list[_Error] = []


_errors = msgspec.json.Decoder(_Errors)


class MediaWiki:
    """One wiki's ``api.php``."""

    def __init__(self, session: Session, api: str) -> None:
        self.api = check_url(api)
        self._session = session

    def get(
        self, parameters: Mapping[str, str], lacks: Callable[[bytes], str] | None = None
    ) -> bytes:
        """The JSON of an answer without an error in it.

        ``maxlag=5`` is sent with every request, so that we wait while the servers catch up.
        ``lacks`` says what a good answer would have and this one has not, empty for nothing; it
        is asked for again, as one that did not come.
        Raises `ApiError` when the API refuses and `NetworkError` when it cannot be understood.
        """
        complete = {"format": "json", "formatversion": "2", "maxlag": "5", **parameters}

        def check(answer: Answer) -> float | None:
            wait = self._check(answer)
            if wait is None and lacks is not None and (missing := lacks(answer.body)):
                raise Later(f"its answer lacks {missing}")
            return wait

        return self._session.request("GET", self.api, params=complete, check=check).body

    def _check(self, answer: Answer) -> float | None:
        host = urlsplit(self.api).netloc
        if is_page(answer):
            raise NetworkError(f"{host} sent a web page instead of data: is {self.api} its API?")
        try:
            errors = _errors.decode(answer.body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NetworkError(f"{host} sent an answer that is cut off or no JSON.") from error
        problem = errors.error or (errors.errors[0] if errors.errors else None)
        if problem is None:
            return None
        if problem.code in LATER:
            return max(retry_after(answer.headers.get("retry-after"), 0), min(problem.lag, 60.0))
        reason = " ".join((problem.info or problem.text).split())[:200].rstrip(".")
        raise ApiError(f"{host} refused ({problem.code}): {reason}.", problem.code)
