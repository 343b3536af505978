"""A service that is served in a thread, as programs reach it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette

from kgenrich.services.address import ServiceAddress, ServiceOptions, read_address


@contextmanager
def served(make: Callable[[ServiceAddress], Starlette], **options: Any) -> Iterator[str]:
    """The address of a service."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = make(read_address(ServiceOptions(port=port, **options), port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
