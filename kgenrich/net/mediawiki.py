"""The Action API of MediaWiki, whose errors arrive inside answers of status 200."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from kgenrich.errors import NetworkError
from kgenrich.net.pacing import Later, retry_after
from kgenrich.net.session import Answer, Session, Unanswered, check_url, is_page

MOST_VALUES = 50
"""Values of one parameter in one call, without special rights (MediaWiki's ``LIMIT_SML1``)."""

LATER = frozenset({"maxlag", "ratelimited", "readonly", "internal_api_error_DBQueryError"})
"""Errors that pass: the servers lag behind, or we asked too often."""

_BUSY = frozenset({429})
_UNCERTAIN = "internal_api_error"
"""How the codes begin of errors in the middle of what was to be done."""
_THROTTLED = "actionthrottledtext"
"""The message by which Wikibase says that we edit too often."""


class ApiError(NetworkError):
    """The API refused; ``code`` is its own name for the reason, ``messages`` are the names of what
    it says of it."""

    def __init__(self, sentence: str, code: str, messages: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.messages = messages


class _Message(Struct):
    name: str = ""


class _Error(Struct):
    code: str = ""
    info: str = ""
    text: str = ""
    lag: float = 0.0
    messages: list[_Message] = []


class _Errors(Struct):
    # Format version 1 and 2 give one ``error``; other error formats a list of ``errors``.
    error: _Error | None = None
    errors: list[_Error] = []


_errors = msgspec.json.Decoder(_Errors)


class MediaWiki:
    """One wiki's ``api.php``; ``keys`` are headers that nobody else may see."""

    def __init__(self, session: Session, api: str, keys: Mapping[str, str] | None = None) -> None:
        self.api = check_url(api)
        self._session = session
        self._keys = keys

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
            self._check(answer)
            if lacks is not None and (missing := lacks(answer.body)):
                raise Later(f"its answer lacks {missing}")
            return None

        return self._session.request(
            "GET", self.api, params=complete, keys=self._keys, check=check
        ).body

    def post(self, parameters: Mapping[str, str]) -> bytes:
        """Do something, once: it is sent again only after an answer that says that it was not done
        and may be later. Raises as `get` does, and `Unanswered` where nobody knows whether it was
        done."""
        complete = {"format": "json", "formatversion": "2", "maxlag": "5", **parameters}

        def check(answer: Answer) -> float | None:
            try:
                self._check(answer)
            except Later as later:
                if _UNCERTAIN in str(later):
                    raise Unanswered(f"{urlsplit(self.api).netloc}: {later}.") from later
                raise
            except ApiError as error:
                if error.code.startswith(_UNCERTAIN):
                    raise Unanswered(str(error)) from error
                raise
            except NetworkError as error:
                raise Unanswered(str(error)) from error
            return None

        return self._session.request(
            "POST",
            self.api,
            data=urlencode(complete).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            keys=self._keys or {},
            check=check,
            again=_BUSY,
            once=True,
        ).body

    def _check(self, answer: Answer) -> None:
        host = urlsplit(self.api).netloc
        if is_page(answer):
            raise NetworkError(f"{host} sent a web page instead of data: is {self.api} its API?")
        try:
            errors = _errors.decode(answer.body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NetworkError(f"{host} sent an answer that is cut off or no JSON.") from error
        problem = errors.error or (errors.errors[0] if errors.errors else None)
        if problem is None:
            return
        messages = tuple(message.name for message in problem.messages if message.name)
        reason = " ".join((problem.info or problem.text).split())[:200].rstrip(".")
        if problem.code in LATER or _THROTTLED in messages:
            wait = max(retry_after(answer.headers.get("retry-after"), 0), min(problem.lag, 60.0))
            raise Later(f"it is too busy ({problem.code}): {reason}", wait)
        # The message says more than the code where that only says that it did not work.
        named = ", ".join(dict.fromkeys((problem.code, *messages)))
        raise ApiError(f"{host} refused ({named}): {reason}.", problem.code, messages)
