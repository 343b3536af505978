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
@click.option("--trusted", is_flag=True, help="Not somebody new: see `kgenrich review policy`.")
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
    headers = ["name", "reads", "writes", "trust", "invited", "revoked"]
    print_table(app.console, headers, [[row[header] for header in headers] for row in rows])


@command.command()
@click.argument("name")
@click.option("--new", is_flag=True, help="Sample what they decide again.")
@pass_app
def trust(app: App, /, name: str, new: bool) -> None:
    """Trust a person: what they decide is sampled no longer."""
    from kgenrich.verbs.review_policies import trust

    trust(app.workspace, name, new=new)
    click.echo(f"{shown(name)} is {'new' if new else 'trusted'}.")


@command.command()
@options.comma_list("--languages", "-l", metavar="CODES", help="Of these; none: of all others.")
@click.option("--reviewers", type=click.IntRange(0, 2), help="So many people decide.")
@click.option("--votes", type=click.IntRange(1, 9), help="So many accept it; all by default.")
@click.option(
    "--self-review/--no-self-review",
    default=None,
    help="Whether one may accept one's own wording.",
)
@click.option(
    "--sampled",
    type=click.FloatRange(0, 1),
    help="This share of what new reviewers decide waits for a second opinion.",
)
@click.option("--remove", is_flag=True, help="Have none for these languages.")
@options.as_json()
@pass_app
def policy(app: App, /, languages: tuple[str, ...], **given: Any) -> None:
    """How many people decide on a term, by language; without options what holds now.

    With 0 a rule such as `decide accept --over 0.95` may accept terms, and one person is enough;
    with 1 a person has to; with 2 two, who do not see what the other says. Until enough agree
    nothing is exported or published, and where they do not agree others are asked
    (`decide next --states disagreement`).

    For example: kgenrich review policy -l it,ja --reviewers 2 --sampled 0.2
    """
    from kgenrich.verbs.review_policies import (
        ReviewPolicyOptions,
        review_policies,
        set_review_policy,
    )

    told = {name: value for name, value in given.items() if value not in (None, False)}
    if given["self_review"] is False:
        told["self_review"] = False
    if told:
        set_review_policy(app.workspace, ReviewPolicyOptions(languages=languages, **told))
    rows = review_policies(app.workspace)
    app.answer(rows)
    headers = ["language", "reviewers", "votes", "self_review", "sampled"]
    cells = [[str(row[header]) for header in headers] for row in rows]
    print_table(app.console, headers, [[row[0] or "all others", *row[1:]] for row in cells])


@command.command()
@click.option(
    "--share",
    type=click.FloatRange(0, 0.5),
    default=0.05,
    show_default=True,
    help="Of what people are shown; 0: none any more.",
)
@options.languages()
@options.kinds()
@options.sources
@options.limit(default=200, show_default=True, help="At most so many more known terms.")
@options.as_json()
@pass_app
def mix(app: App, /, **given: Any) -> None:
    """Mix known terms into the queue: of what the graph has, hidden, and proposed by the sources.

    People cannot tell them from others. What they say of them measures them and the probabilities
    (`kgenrich evaluate review`), and is never written. A source that costs something is asked only
    if it is named.
    """
    from kgenrich.verbs.known_terms import MixOptions, mix_known

    report = app.run(mix_known, MixOptions(**given))
    click.echo(
        f"{report.share:.0%} of what people see is known; {report.known} known terms, "
        f"{report.added} of them new."
    )


@command.command()
@click.option("--forget", is_flag=True, help="Have probabilities as the sources give them again.")
@options.dry_run(help="Say what would become of probabilities.")
@options.as_json()
@pass_app
def calibrate(app: App, /, **given: Any) -> None:
    """Feed back what people decided: the next `enrich` calibrates its probabilities by it.

    A curve for each language and kind, drawn towards that of the kind and of all where little was
    decided. What was edited was not right as it stood.
    """
    from kgenrich.verbs.calibrate import CalibrateOptions, calibrate

    report = app.run(calibrate, CalibrateOptions(**given))
    if not report.slices:
        click.echo("Nothing is calibrated.")
        return
    names = [*next(iter(report.slices.values()))]
    cells = [
        [slice, f"{of['decided']:.0f}", *(f"{of[name]:.2f}" for name in names[1:])]
        for slice, of in report.slices.items()
    ]
    headers = ["slice", "decided", *(f"{name} becomes" for name in names[1:])]
    print_table(app.console, headers, cells, right=("decided",))
