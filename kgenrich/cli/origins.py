"""``kgenrich origins``: who says what is in the store."""

from __future__ import annotations

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import format_option, print_rows


@click.command()
@format_option
@pass_app
def command(app: App, /, form: str) -> None:
    """List who says what is in the store: wikis, files, endpoints.

    Where a licence is empty it is unknown: --licence of `kgenrich harvest` names it. `kgenrich
    harvest forget` takes an origin out.
    """
    from kgenrich.verbs.origins import COLUMNS, OriginsOptions, origins

    print_rows(app, list(COLUMNS), app.run(origins, OriginsOptions()), form)
