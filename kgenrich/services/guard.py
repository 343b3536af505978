"""What every request has to pass: the right host, few bytes; and what every answer allows: pages
of other sites may read it (CORS), nothing in it is run."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1024 * 1024
"""Bytes of a request's body."""
_LONGEST_QUERY = 64 * 1024
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept-Language, Content-Type",
    "Access-Control-Max-Age": "86400",
}


class TooLarge(Exception):
    """A body is larger than any question."""


def refused(message: str, status: int) -> Response:
    """An answer that says what was wrong."""
    return JSONResponse({"status": "error", "message": message}, status)


class Guard:
    """Middleware. ``hosts`` are the names by which the service may be asked for."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._answer(scope)
        if answer is not None:
            await answer(scope, receive, _with_headers(send))
            return
        try:
            await self._app(scope, _bounded(receive), _with_headers(send))
        except TooLarge:
            await refused("The request is too large.", 413)(scope, receive, _with_headers(send))

    def _answer(self, scope: Scope) -> Response | None:
        """What is said without asking the service."""
        if Headers(scope=scope).get("host", "") not in self._hosts:
            return refused("This address is not one of the service.", 421)
        if len(scope["query_string"]) > _LONGEST_QUERY:
            return refused("The address is too long: send it with POST.", 414)
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return refused("There is nothing to do so with.", 405)
        return None


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise TooLarge
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
