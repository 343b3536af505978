"""``kgenrich decide``: people and policies accept, reject and edit proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli import ask_again, decide_alike, options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.escaping import shown

if TYPE_CHECKING:
    from kgenrich.verbs.decide import DecideOptions, DecideReport
    from kgenrich.verbs.workspace import Workspace

_SHOWN = 50
_FULL = ["candidate", "entity", "description", "language", "kind", "text", "p", "votes", "why"]
_COMPACT = ["candidate", "entity", "term", "text", "p"]
_WIDE = 120
"""From so many columns on the table has votes and reasons."""


@click.group()
def command() -> None:
    """Accept, reject or edit proposals, singly or by policy; every decision is kept, and can be
    taken back.

    A candidate is named by its id, or the first digits of it, as `decide list` prints them.
    """


command.add_command(decide_alike.command, "alike")
command.add_command(ask_again.command, "ask-again")

_filters = options.together(
    options.languages(),
    options.kinds(),
    options.class_id(help="Only this class, as Q5 or skos:Concept."),
    options.types(help="Only entities of these types: item, property, ..."),
    click.option("--over", type=click.FloatRange(0, 1), help="Probability at least this."),
    click.option("--under", type=click.FloatRange(0, 1), help="Probability below this."),
    click.option(
        "--from-kinds",
        type=click.IntRange(1, 4),
        default=1,
        help="Supported by at least so many kinds of source.",
    ),
    options.limit(help="At most so many."),
)
_authored = options.together(
    click.option("--author", help="Who decides; your login name by default."),
    click.option("--comment", default="", help="Why."),
    options.dry_run(help="Say what would be {done}."),
    options.as_json(),
    pass_app,
)
_candidates = click.argument("candidates", nargs=-1)
_despite = options.comma_list(
    "--despite",
    metavar="CODES",
    help="A policy takes what these speak against too: W-script, W-qualifier, W-copy, W-foreign.",
)
_anyway = click.option("--anyway", is_flag=True, help="Also where the entity was changed since.")


@command.command("list")
@_filters
@click.option(
    "--all", "every", is_flag=True, help="Decided and unlikely ones too, and those objected to."
)
@click.option("--offset", type=click.IntRange(0), default=0, help="Pass so many.")
@options.reader
@options.as_json()
@pass_app
def list_proposals(app: App, /, limit: int | None, **given: Any) -> None:
    """The review queue: open proposals, the best of each request, most linked entities first.

    Those of a probability under 0.5 are left out unless --over, --under or --all say otherwise.
    --json has all rows unless there is a --limit.

    `objections` are what speaks against them now: the graph may have changed since. Votes and
    reasons are in a wide terminal, in --json and in `kgenrich show`.
    """
    from kgenrich.verbs.decide import QueueOptions, queue

    limit = limit or (None if app.as_json else _SHOWN)
    rows = queue(app.workspace, QueueOptions(limit=limit, **given))
    if app.as_json:
        app.print_json(rows)
    else:
        wide = app.console.width >= _WIDE
        headers = [*(_FULL if wide else _COMPACT)]
        headers += ["objections"] if any(row["codes"] for row in rows) else []
        headers += ["decision"] if any(row["decision"] for row in rows) else []
        told = [_cells(row, wide) for row in rows]
        cells = [[one[header] for header in headers] for one in told]
        fold = () if wide else ("entity", "term", "text")
        print_table(app.console, headers, cells, fold=fold, curie=app.curie)
        if rows and not wide:
            app.errors.print(
                f"Votes and reasons: --json, kgenrich show ENTITY, or {_WIDE} columns.", style="dim"
            )
    if rows.total > len(rows):
        app.errors.print(f"{len(rows)} of {rows.total} shown: --limit, --offset")


@command.command("next")
@options.languages()
@options.kinds()
@options.class_id(help="Only this class, as Q5 or skos:Concept.")
@click.option(
    "--over",
    "floor",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Probability at least this.",
)
@click.option("--source", default="", metavar="NAME", help="Only what rests on this source.")
@click.option("--code", default="", metavar="CODE", help="Only with this objection: W-script.")
@click.option("--links", type=click.IntRange(0), default=0, help="Sitelinks at least.")
@click.option(
    "--states",
    type=click.Choice(["open", "second", "unsure", "discuss", "disagreement"]),
    multiple=True,
    default=["open"],
    show_default=True,
    help="What others were unsure of, too, want to discuss, or disagree about.",
)
@click.option("--author", help="Who decides; your login name by default.")
@options.comma_list("--readers", metavar="CODES", help="Languages that you read; en by default.")
@pass_app
def decide_next(app: App, /, **given: Any) -> None:
    """One proposal after the other, one key each.

    a accepts, 1 to 9 accept another candidate, e edits, r rejects and asks why, u leaves it as
    unsure, d with a note for others, s skips it, z takes the last decision back, ? shows the keys,
    q ends.
    """
    from kgenrich.cli.decide_next import Session, demand_terminal
    from kgenrich.verbs.arguments import reader_language
    from kgenrich.verbs.decide import author_named
    from kgenrich.verbs.review import ReviewOptions

    demand_terminal()
    author = author_named(given.pop("author"))
    readers = given.pop("readers") or (reader_language(),)
    Session(app, ReviewOptions(**given), author, readers).run()


@command.command()
@_candidates
@_filters
@_anyway
@_despite
@_authored
def accept(app: App, /, **given: Any) -> None:
    """Accept candidates by id, or all open ones that a policy admits.

    What the entities are now counts: a policy leaves out what speaks against that, and names in
    another script, with a bracket, or as another language says them, which somebody should look at
    (--despite).

    Which probability is enough on your graph says `kgenrich evaluate heldout`.

    For example: kgenrich decide accept --kinds label --over 0.95 --from-kinds 3
    """
    from kgenrich.verbs.decide import DecideOptions, accept

    print_report(app, app.run(accept, DecideOptions(**given)))


@command.command()
@_candidates
@_filters
@click.option("--reason", default="", help="A code, as `kgenrich decide reasons` lists them.")
@_authored
def reject(app: App, /, **given: Any) -> None:
    """Reject candidates by id, or all open ones that a policy admits."""
    from kgenrich.verbs.decide import DecideOptions, reject

    print_report(app, app.run(reject, DecideOptions(**given)))


@command.command()
@click.argument("candidate")
@click.argument("text")
@_anyway
@_authored
def edit(app: App, /, candidate: str, **given: Any) -> None:
    """Accept a candidate in another wording."""
    from kgenrich.verbs.decide import DecideOptions, edit

    print_report(app, app.run(edit, DecideOptions(candidates=(candidate,), **given)))


@command.command()
@_candidates
@_authored
def reopen(app: App, /, **given: Any) -> None:
    """Have decided candidates open again."""
    from kgenrich.model import Verdict
    from kgenrich.verbs.decide import DecideOptions, leave_open

    def verb(workspace: Workspace, options: DecideOptions) -> DecideReport:
        return leave_open(workspace, Verdict.REOPEN, options)

    print_report(app, app.run(verb, DecideOptions(**given)), "reopened")


@command.command()
@click.argument("action", default="")
@click.option("--author", help="Whose last action; your login name by default.")
@options.as_json()
@pass_app
def undo(app: App, /, **given: Any) -> None:
    """Take back an action: your last one, or one by name, as `decide log` lists them.

    A policy's decisions are one action of whoever ran it. What held before holds again, and what
    others have decided on since stays. Undoing is an action too, which can be taken back.
    """
    from kgenrich.verbs.undoing import UndoOptions, undo

    report = app.run(undo, UndoOptions(policies=True, **given))
    click.echo(
        f"{report.taken_back} taken back, {report.restored} earlier ones hold again "
        f"({report.undone[:8]})."
    )
    if report.overtaken:
        click.echo(f"{report.overtaken} stay: others have decided since.")


@command.command()
@click.option("--author", help="Only this one's.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="So many.")
@options.as_json()
@pass_app
def log(app: App, /, **given: Any) -> None:
    """What was decided by whom, the last first, a line an action."""
    from kgenrich.verbs.undoing import ActionsOptions, list_actions

    rows = app.run(list_actions, ActionsOptions(**given))
    headers = ["action", "at", "decisions", "what", "author"]
    cells = [
        [row["action"][:8], row["at"][:16], str(row["decisions"]), _said(row), row["author"]]
        for row in rows
    ]
    print_table(app.console, headers, cells, right=("decisions",))


def _said(row: dict[str, Any]) -> str:
    """What an action decided, in a cell: the last of its decisions."""
    more = " …" if row["decisions"] > 1 else ""
    comment = f" ({row['comment']})" if row["comment"] else ""
    taken_back = f", taking back {row['undoes'][:8]}" if row["undoes"] else ""
    return f"{row['verdict']} {row['text']}{more}{comment}{taken_back}"


@command.command()
def reasons() -> None:
    """The codes of reasons to reject."""
    from kgenrich.model import RejectReason

    for reason in RejectReason:
        click.echo(f"{reason:<14}{reason.meaning}")


def _cells(row: dict[str, Any], wide: bool) -> dict[str, str]:
    """A proposal as the tables of the review queue have it; where they are not ``wide`` the
    description stands beside the label."""
    text, replaces = row["text"], row["replaces"]
    named = f"{row['entity']} {row['label']}".strip()
    return {
        "candidate": row["candidate"][:10],
        "entity": ": ".join(filter(None, (named, "" if wide else row["description"]))),
        "language": row["language"],
        "kind": row["kind"],
        "term": f"{row['language']} {row['kind']}",
        "text": f"{text} instead of {replaces}" if replaces else text,
        "p": f"{row['probability']:.2f}",
        "votes": " ".join(f"{kind} {count}" for kind, count in row["votes"].items()),
        "why": row["reasons"][0] if row["reasons"] else "",
        "objections": " ".join(row["codes"]),
        "description": row["description"],
        "decision": _told(row["decision"]),
    }


def _told(decision: dict[str, Any] | None) -> str:
    """What a decision that holds says, in a cell."""
    if decision is None:
        return ""
    reason = decision.get("reason")
    return f"{decision['verdict']} by {decision['author']}" + (f" ({reason})" if reason else "")


def print_report(app: App, report: DecideReport, done: str = "decided") -> None:
    """What was ``done``: named candidates one by one, those of a policy as a number."""
    from kgenrich.consensus.validators import meaning

    if report.policy:
        if report.superseded:
            click.echo(f"supersedes {report.superseded} earlier ones.")
    else:
        for row, decision in report.made:
            candidate = row.stored.proposal.candidate
            codes = f" ({', '.join(row.codes)})" if row.codes else ""
            instead = f" instead of {shown(row.replaces)}" if row.replaces else ""
            click.echo(
                f"{decision.verdict} {shown(app.curie(candidate.entity))} {candidate.language} "
                f"{candidate.kind}: {shown(decision.text)}{instead}{codes}"
            )
        for one in report.replaced:
            click.echo(f"supersedes {shown(one.text)} ({one.verdict} by {shown(one.author)})")
    for reason, count in sorted(report.left_out.items()):
        click.echo(f"{count} left out: {reason} {meaning(reason)}".rstrip())
    if report.dry_run:
        click.echo(f"{report.decided} would be {done}.")
    else:
        click.echo(f"{report.decided} {done}, {report.new} of them anew.")
        if report.waiting:
            click.echo(f"{report.waiting} wait for what others say.")
        if report.action:
            app.errors.print(
                f"Taken back by: kgenrich decide undo {report.action[:8]}", style="dim"
            )
    if report.policy and report.replacing:
        click.echo(f"{report.replacing} take the place of a label that the graph has.")
