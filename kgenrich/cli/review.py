"""``kgenrich review``: the review page, and who may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.escaping import shown

if TYPE_CHECKING:
    from kgenrich.review.address import ReviewAddress


@click.group(invoke_without_command=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--public",
    "address",
    default="",
    metavar="URL",
    help="Where people reach the page, as https://review.example.org.",
)
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="A proxy in front of it speaks HTTPS with people; needs --public.",
)
@click.option(
    "--tokens", is_flag=True, help="Demand a token here too; elsewhere it always is demanded."
)
@options.comma_list("--readers", metavar="CODES", help="Languages that you read.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Decide on proposals in a browser, with the keyboard.

    The page is for this machine alone unless --host says otherwise. Then everybody needs a token
    (`kgenrich review invite`), and a proxy that speaks HTTPS has to stand in front of it.
    """
    if ctx.invoked_subcommand is not None:
        return
    from kgenrich.review.address import ServeOptions
    from kgenrich.review.serve import serve

    app: App = ctx.obj

    def started(address: ReviewAddress) -> None:
        click.echo(f"Review at {address.url} (Ctrl-C ends it)")

    serve(app.workspace, ServeOptions(**given), started)


@command.command()
@click.argument("name")
@options.comma_list("--languages", "-l", metavar="CODES", help="Those that they write; none: all.")
@options.comma_list("--reads", metavar="CODES", help="Those that they read besides.")
@options.as_json()
@pass_app
def invite(app: App, /, **given: Any) -> None:
    """Make a token with which a person signs in. It is shown once: only its hash is kept."""
    from kgenrich.verbs.reviewers import InviteOptions, invite

    token = invite(app.workspace, InviteOptions(**given))
    app.answer({"name": given["name"], "token": token})
    click.echo(f"The token of {shown(given['name'])}, which nobody can look up later:")
    click.echo(token)


@command.command()
@click.argument("name")
@pass_app
def revoke(app: App, /, name: str) -> None:
    """Have a person's token open nothing any more. What they decided stays."""
    from kgenrich.verbs.reviewers import revoke

    revoke(app.workspace, name)
    click.echo(f"{shown(name)} can sign in no longer.")


@command.command()
@options.as_json()
@pass_app
def people(app: App, /) -> None:
    """Who was invited, what they read and write, and whose token was revoked."""
    from kgenrich.verbs.reviewers import people

    rows = people(app.workspace)
    app.answer(rows)
    headers = ["name", "reads", "writes", "invited", "revoked"]
    print_table(app.console, headers, [[row[header] for header in headers] for row in rows])
