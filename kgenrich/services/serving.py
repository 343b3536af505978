"""Serving an application until the process is told to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kgenrich.errors import InputError
from kgenrich.listening import listen
from kgenrich.services.address import ServiceAddress, ServiceOptions, read_address

if TYPE_CHECKING:
    from starlette.applications import Starlette

_MISSING = "This service needs the extra `review`: pip install 'kgenrich[review]'."


def serve_app(
    make: Callable[[ServiceAddress], Starlette],
    options: ServiceOptions,
    started: Callable[[ServiceAddress], None],
) -> None:
    """Serve what ``make`` makes for an address; ``started`` is called once it can be asked.

    Raises `UsageError` for an address that cannot be, `InputError` without the extra.
    """
    try:
        import python_multipart  # noqa: F401
        import uvicorn
    except ModuleNotFoundError as error:
        raise InputError(_MISSING) from error
    read_address(options, options.port)
    with listen(options.host, options.port) as listener:
        address = read_address(options, listener.getsockname()[1])
        config = uvicorn.Config(
            make(address),
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=100,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=128 * 1024,
            lifespan="off",
            ws="none",
        )
        started(address)
        uvicorn.Server(config).run(sockets=[listener])
