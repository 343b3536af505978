"""Serving the review page: where, for whom, and until it is stopped."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from functools import partial

from kgenrich.errors import InputError
from kgenrich.listening import listen
from kgenrich.review.address import ReviewAddress, ServeOptions, read_address
from kgenrich.verbs.arguments import reader_language
from kgenrich.verbs.reviewers import Reviewer, reviewer_of
from kgenrich.verbs.workspace import Workspace

_MISSING = "The review page needs the extra `review`: pip install 'kgenrich[review]'."


def serve(
    workspace: Workspace, options: ServeOptions, started: Callable[[ReviewAddress], None]
) -> None:
    """Serve the page until the process is told to end; ``started`` is called once people can
    come. Raises `UsageError` for an address that cannot be, `InputError` without the extra."""
    try:
        import uvicorn

        from kgenrich.review.app import make_app
    except ModuleNotFoundError as error:
        raise InputError(_MISSING) from error
    workspace.store  # noqa: B018  A store that is not there is told before anybody comes.
    read_address(options, options.port)
    listener = listen(options.host, options.port)
    with listener:
        address = read_address(options, listener.getsockname()[1])
        is_local = not (options.behind_proxy or options.tokens)
        local = Reviewer(getpass.getuser(), _reads(options)) if is_local else None
        app = make_app(workspace, address, partial(reviewer_of, workspace), local)
        config = uvicorn.Config(
            app,
            log_level="warning",
            server_header=False,
            proxy_headers=options.behind_proxy,
            forwarded_allow_ips="127.0.0.1,::1" if options.behind_proxy else "",
            limit_concurrency=200,
            timeout_keep_alive=15,
            h11_max_incomplete_event_size=32 * 1024,
            lifespan="off",
            ws="none",
        )
        started(address)
        uvicorn.Server(config).run(sockets=[listener])


def _reads(options: ServeOptions) -> tuple[str, ...]:
    return options.readers or tuple(dict.fromkeys((reader_language(), "en")))
