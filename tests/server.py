"""A small HTTP server on the loopback that answers as it is told, badly if so told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request: its method, path, parameters (of the address and of a form), headers, time."""

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    at: float
    body: bytes = b""


class Reply(NamedTuple):
    """An answer. ``pause`` seconds pass before it, ``drip`` seconds after each byte of its body
    (``drip_head``: of its headers); ``cut`` breaks it off in the middle, ``mute`` before it. The
    parts of a ``stream`` are sent as they come, in place of the body."""

    body: bytes | str | Any = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    type: str = "application/json"
    pause: float = 0.0
    cut: bool = False
    drip: float = 0.0
    drip_head: float = 0.0
    mute: bool = False
    stream: Iterable[bytes] | None = None

    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


Answer = Callable[[Asked], Reply]


class Server:
    """Answers every request with ``answer``, or with the replies of a list, the last one again
    and again. ``asked`` remembers the requests, ``most_at_once`` how many were in flight."""

    def __init__(self, answer: Answer | Iterable[Reply]) -> None:
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self._answer = answer if callable(answer) else _in_turn(list(answer))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10
            # Headers and body are two writes, which wait for each other otherwise.
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ConnectionError, TimeoutError):
                    self.close_connection = True

            def do_GET(self) -> None:
                outer._serve(self)

            def do_HEAD(self) -> None:
                outer._serve(self)

            def do_POST(self) -> None:
                outer._serve(self)

            def do_PATCH(self) -> None:
                outer._serve(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        parameters = dict(parse_qsl(parts.query))
        length = min(int(handler.headers.get("Content-Length") or 0), 1 << 20)
        body = handler.rfile.read(length)
        if len(body) < length:  # The client was killed while it asked: nothing was asked.
            handler.close_connection = True
            return
        parameters.update(parse_qsl(body.decode("utf-8", "replace")))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, parts.path, parameters, headers, time.monotonic(), body)
        with self._lock:
            self.asked.append(asked)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            reply = self._answer(asked)
        try:
            time.sleep(reply.pause)
            if reply.mute:
                handler.close_connection = True
                return
            data = reply.data()
            out = handler.wfile
            if reply.drip_head:
                handler.wfile = _Dripping(out, reply.drip_head)
            if "Date" in reply.headers:
                handler.send_response_only(reply.status)
            else:
                handler.send_response(reply.status)
            handler.send_header("Content-Type", reply.type)
            if reply.stream is not None:
                _send_stream(handler, reply)
                return
            if "Content-Length" not in reply.headers:
                handler.send_header("Content-Length", str(len(data)))
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            if asked.method == "HEAD":
                return
            handler.wfile = _Dripping(out, reply.drip) if reply.drip else out
            handler.wfile.write(data[: len(data) // 2] if reply.cut else data)
            handler.close_connection = handler.close_connection or reply.cut
        finally:
            with self._lock:
                self._now -= 1


def _send_stream(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.close_connection = True
    for part in reply.stream or ():
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.flush()
    if not reply.cut:
        handler.wfile.write(b"0\r\n\r\n")


class _Dripping:
    """Lets bytes through one by one."""

    def __init__(self, out: Any, seconds: float) -> None:
        self._out, self._seconds = out, seconds

    def write(self, data: bytes) -> None:
        for byte in data:
            self._out.write(bytes([byte]))
            time.sleep(self._seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


def _in_turn(replies: list[Reply]) -> Answer:
    def forever() -> Iterator[Reply]:
        yield from replies
        while True:
            yield replies[-1]

    turn = forever()
    return lambda asked: next(turn)
