"""A small HTTP server on the loopback that says whether the clock is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from kgenrich.errors import KgenrichError, UsageError

_HERE = "127.0.0.1"
_SILENCE = 10
"""Seconds after which nobody is waited for."""


class Page(NamedTuple):
    """What is answered: a ``body`` of a media type, and a status of HTTP."""

    body: bytes
    type: str
    status: int = 200


@contextmanager
def answering(port: int, pages: Mapping[str, Callable[[], Page]]) -> Iterator[int]:
    """Within, pages are answered by their paths at a port of this machine (0: any that is free),
    which is given. Raises `UsageError` where it is taken."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _SILENCE
        server_version, sys_version = "kgenrich", ""

        def do_GET(self) -> None:
            page = Page(f"There are {', '.join(pages)}.\n".encode(), "text/plain", 404)
            try:
                if make := pages.get(self.path):
                    page = make()
            except KgenrichError as error:
                page = Page(f"{error}\n".encode(), "text/plain", 503)
            self.send_response(page.status)
            self.send_header("Content-Type", page.type)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, *args: object) -> None:
            pass

    try:
        server = ThreadingHTTPServer((_HERE, port), Handler)
    except OSError as error:
        raise UsageError(f"Port {port} cannot be listened at: {error.strerror}.") from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
