"""Serving the reconciliation API of a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kgenrich.services.address import ServiceAddress, ServiceOptions
from kgenrich.services.serving import serve_app
from kgenrich.verbs.reconcile.reconciler import Reconciler

if TYPE_CHECKING:
    from starlette.applications import Starlette


def serve_reconciliation(
    reconciler: Reconciler,
    options: ServiceOptions,
    started: Callable[[ServiceAddress], None],
) -> None:
    """Answer until the process is told to end. Raises as `serve_app`."""

    def make(address: ServiceAddress) -> Starlette:
        from kgenrich.services.reconcile.app import make_app

        return make_app(reconciler, address)

    serve_app(make, options, started)
