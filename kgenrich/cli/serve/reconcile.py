"""``kgenrich serve reconcile``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app

if TYPE_CHECKING:
    from kgenrich.services.address import ServiceAddress


@click.command()
@options.service
@options.comma_list("--readers", metavar="CODES", help="Languages of answers, best first.")
@pass_app
def command(app: App, /, readers: tuple[str, ...], **given: Any) -> None:
    """Tell OpenRefine and others which entities of the store names stand for.

    It speaks the reconciliation API, version 0.2 and 1.0-draft. Names are found in every language
    and script, with words in any order and with a letter wrong; a score is the chance, in percent,
    that the entity is meant. The index lies beside the store (FILE.names) and is brought up to
    date at the start.

    It is for this machine alone; pages in its browsers may read the answers, as the API demands.
    """
    from kgenrich.services.address import ServiceOptions, read_address
    from kgenrich.services.reconcile.serve import serve_reconciliation
    from kgenrich.verbs.reconcile.reconciler import open_reconciler

    def started(address: ServiceAddress) -> None:
        click.echo(f"Reconciliation at {address.url}/ (Ctrl-C ends it)")
        click.echo(f"The same in version 1.0-draft: {address.url}/draft")

    where = ServiceOptions(**given)
    read_address(where, where.port)
    with app.progress.bars:
        reconciler = open_reconciler(app.workspace, readers)
    serve_reconciliation(reconciler, where, started)
