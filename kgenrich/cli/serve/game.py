"""``kgenrich serve game``."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from kgenrich.services.address import ServiceAddress


@click.command()
@options.service
@options.languages()
@options.kinds()
@click.option(
    "--secret",
    metavar="TEXT",
    envvar="KGENRICH_GAME_SECRET",
    help="The path at which the game is answered; a new one each time by default.",
)
@pass_app
def command(
    app: App,
    /,
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    secret: str | None,
    **given: Any,
) -> None:
    """Give open proposals to players of Wikidata's Distributed Game, and take their answers.

    Tiles show the item, the proposed term and why. Who says yes makes the edit under the own name,
    by the game's site; here it is accepted by "NAME (Distributed Game)", or rejected, unless
    somebody has decided. The game's site has to reach it: put a proxy in front, with --public.
    """
    from kgenrich.languages import valid_codes
    from kgenrich.services.address import ServiceOptions
    from kgenrich.services.serving import serve_app

    path = secret or token_urlsafe(18)
    codes = valid_codes(languages) if languages else ()
    app.workspace.store  # noqa: B018  A store that is not there is told before anybody comes.

    def make(address: ServiceAddress) -> Starlette:
        from kgenrich.services.game.app import Game, make_app

        return make_app(Game(app.workspace, codes, kinds), path, address)

    def started(address: ServiceAddress) -> None:
        click.echo(f"Distributed Game at {address.url}/{path} (Ctrl-C ends it)")

    serve_app(make, ServiceOptions(**given), started)
