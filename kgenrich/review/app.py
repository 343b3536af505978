"""The application: which address leads to what, and what every page knows."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from importlib.resources import files

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kgenrich.errors import KgenrichError, UsageError
from kgenrich.review import actions, alike, entrance, pages
from kgenrich.review.access import Access
from kgenrich.review.address import ReviewAddress
from kgenrich.review.guard import Guard
from kgenrich.review.page import Site, refuse
from kgenrich.verbs.reviewers import Reviewer
from kgenrich.verbs.workspace import Workspace

_TYPES = {"review.css": "text/css", "review.js": "text/javascript", "icon.svg": "image/svg+xml"}


def make_app(
    workspace: Workspace,
    address: ReviewAddress,
    find: Callable[[str], Reviewer | None],
    local: Reviewer | None,
) -> Starlette:
    """The review page of a workspace at an address. ``find`` tells the reviewer of a token;
    ``local`` is the one who needs none."""
    static = {
        name: files("kgenrich.review").joinpath("static", name).read_bytes() for name in _TYPES
    }
    stamps = {name: blake2b(data, digest_size=6).hexdigest() for name, data in static.items()}

    def serve_static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in static:
            return Response("There is no such file.", 404)
        # Its address changes with its content.
        return Response(
            static[name],
            media_type=_TYPES[name],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    app = Starlette(
        routes=[
            Route("/", pages.queue),
            Route("/next", pages.next_item),
            Route("/item/{candidate}", pages.item),
            Route("/item/{candidate}", actions.decide, methods=["POST"]),
            Route("/alike", alike.overview),
            Route("/alike/{candidate}", alike.one_group),
            Route("/alike/{candidate}", alike.decide_group, methods=["POST"]),
            Route("/undo", actions.undo, methods=["POST"]),
            Route("/reopen/{candidate}", actions.reopen, methods=["POST"]),
            Route("/log", pages.log),
            Route("/people", pages.people),
            Route("/settings", entrance.settings),
            Route("/settings", entrance.save_settings, methods=["POST"]),
            Route("/sign-in", entrance.sign_in),
            Route("/sign-in", entrance.enter, methods=["POST"]),
            Route("/sign-out", entrance.leave, methods=["POST"]),
            Route("/static/{stamp}/{name}", serve_static),
        ],
        middleware=[Middleware(Guard, hosts=address.hosts)],
        exception_handlers={KgenrichError: _told, 404: _missing},
    )
    app.state.site = Site(workspace, Access(find, local, secure=address.secure), stamps)
    return app


def _told(request: Request, error: Exception) -> Response:
    """A mistake of whoever asks, or a fault that has a sentence."""
    return refuse(request, str(error), 400 if isinstance(error, UsageError) else 409)


def _missing(request: Request, error: Exception) -> Response:
    return refuse(request, "", 404)
