"""Who is asking: the cookie, the token behind it, and what proves that a form is ours.

The cookie holds the token itself, so nothing is kept here and a revoked token ends at once. The
proof in each form is made from it: another site can neither read nor guess it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import blake2b
from hmac import compare_digest
from secrets import token_urlsafe

from msgspec import Struct
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from kgenrich.verbs.reviewers import Reviewer

COOKIE = "kgenrich-review"
_LIFE = 90 * 24 * 3600
_FREE_FAILURES = 3
_LONGEST_WAIT = 300.0
_REMEMBERED = 10_000


class Visitor(Struct, frozen=True):
    """Who is asking, with the key of the cookie; ``reviewer`` is None for one who has to sign
    in."""

    key: str
    reviewer: Reviewer | None = None

    @property
    def proof(self) -> str:
        """What a form of this visitor carries."""
        return blake2b(b"form", key=self.key.encode()[:64], digest_size=16).hexdigest()

    def is_own(self, proof: str) -> bool:
        """Whether a form was made for this visitor."""
        return bool(self.key) and compare_digest(proof.encode(), self.proof.encode())


class Access:
    """Tells visitors: by their tokens (``find`` gives the reviewer of one), or, where the page is
    for the user of this machine alone, as this ``local`` one."""

    def __init__(
        self, find: Callable[[str], Reviewer | None], local: Reviewer | None, *, secure: bool
    ) -> None:
        self._find = find
        self._local = local
        self._secure = secure
        self._failures: dict[str, tuple[int, float]] = {}

    def visitor(self, request: HTTPConnection) -> Visitor:
        """Who is asking."""
        key = request.cookies.get(COOKIE, "")[:200]
        if self._local is not None:
            return Visitor(key or token_urlsafe(24), self._local)
        return Visitor(key, self._find(key) if key else None)

    def remember(self, response: Response, key: str) -> None:
        """Have the browser keep the key."""
        response.set_cookie(
            COOKIE, key, _LIFE, httponly=True, samesite="strict", secure=self._secure
        )

    def forget(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)

    def wait(self, request: Request) -> float:
        """For how many seconds no token of this client is looked at: it gave wrong ones, each of
        which doubles the time."""
        count, last = self._failures.get(_client(request), (0, 0.0))
        if count < _FREE_FAILURES:
            return 0.0
        wait = min(2.0 ** (count - _FREE_FAILURES), _LONGEST_WAIT)
        return max(last + wait - time.monotonic(), 0.0)

    def sign_in(self, request: Request, token: str) -> Reviewer | None:
        """The reviewer of a token; a wrong one is counted."""
        reviewer = self._find(token) if token else None
        client = _client(request)
        if reviewer is not None:
            self._failures.pop(client, None)
            return reviewer
        if len(self._failures) >= _REMEMBERED:
            self._failures.pop(next(iter(self._failures)))
        count, _ = self._failures.pop(client, (0, 0.0))
        self._failures[client] = count + 1, time.monotonic()
        return None


def _client(request: Request) -> str:
    return request.client.host if request.client else ""
