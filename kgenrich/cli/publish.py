"""``kgenrich publish``: send what people decided to a wiki or another graph, and undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.lazy import OrderedGroup
from kgenrich.cli.tables import print_table
from kgenrich.escaping import shown

if TYPE_CHECKING:
    from kgenrich.verbs.publish import SentReport
    from kgenrich.verbs.workspace import Rows

_SHOWN = 50


@click.group(cls=OrderedGroup)
def command() -> None:
    """Send accepted terms to a wiki as edits that can be undone.

    Nothing is sent unless the settings name a target ([publish]) and you say `run`. Only what
    people decided whose recorded languages cover the term and what it was made from is planned:
    `kgenrich review invite NAME --languages it --reads en` records them.

    \b
    kgenrich publish plan -l it     what would be edited, as a batch
    kgenrich publish run BATCH      send it; the same again goes on where it was
    kgenrich publish status         how far batches are
    kgenrich publish revert BATCH   undo what still is as it was written

    Who signs in stands in the environment: KGENRICH_WIKI_TOKEN (OAuth 2), or KGENRICH_WIKI_USER and
    KGENRICH_WIKI_PASSWORD (a bot password).
    """


_batch = click.argument("batch")


@command.command()
@options.languages()
@options.kinds()
@options.class_id(help="Only this class, as Q5 or skos:Concept.")
@options.types(help="Only entities of these types: item, property, ...")
@options.limit(help="At most so many edits, one an entity.")
@click.option("--summary", default="", metavar="TEXT", help="Words before the tool's own summary.")
@click.option(
    "--allow-licence",
    "allowed",
    multiple=True,
    metavar="LICENCE",
    help="Let evidence under this licence count (or: unknown).",
)
@click.option("--author", help="Who plans; your login name by default.")
@click.option(
    "--output",
    "-o",
    default="",
    metavar="FILE",
    help="Write it there too: .jsonl (requests to the API) or .tsv (QuickStatements).",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is no export of this store.")
@options.dry_run(help="Show what would be planned, and keep nothing.")
@options.as_json()
@pass_app
def plan(app: App, /, **given: Any) -> None:
    """Make a batch of edits, one an entity, of what people decided.

    Left out, and counted, is what a policy decided, what was decided by people whose languages are
    not recorded or do not cover it, what the target has no place for, and what is in a batch
    already. Nothing is sent.
    """
    from kgenrich.verbs.publish import PlanOptions, plan

    report = app.run(plan, PlanOptions(**given))
    headers = ["entity", "term", "text", "replaces", "decided_by"]
    rows = [{**row, "term": f"{row['language']} {row['kind']}"} for row in report.rows[:_SHOWN]]
    if rows:
        headers = [h for h in headers if any(row[h] for row in rows)]
        cells = [[str(row[h]) for h in headers] for row in rows]
        titles = [header.replace("_", " ") for header in headers]
        print_table(app.console, titles, cells, curie=app.curie)
    if len(report.rows) > _SHOWN:
        app.errors.print(f"{_SHOWN} of {len(report.rows)} terms shown: --json has all")
    for reason, count in report.refused.items():
        click.echo(f"left out: {count:,} {reason}")
    edits = f"{report.terms:,} terms in {report.edits:,} edits"
    if report.dry_run or not report.batch:
        click.echo(f"would plan {edits}" if report.edits else "there is nothing to publish")
        return
    click.echo(f"batch {report.batch}: {edits}")
    if report.path:
        click.echo(f"written to {shown(report.path)}")
    click.echo(
        f"kgenrich publish run {report.batch} sends it to {report.target or 'no target yet'}"
    )


@command.command()
@_batch
@options.limit(help="At most so many edits.")
@options.dry_run(help="Show what is left to be sent, and send nothing.")
@options.as_json()
@pass_app
def run(app: App, /, **given: Any) -> None:
    """Send what is left of a batch; stopped at any moment, the same command goes on.

    Each entity is read first: a term that it has got meanwhile is not written again, and one whose
    place somebody else has filled goes back to the review queue with the reason. When the wiki
    says no (blocked, protected, a filter), the run stops with its words, and ends with code 1.
    """
    from kgenrich.verbs.publish import BatchOptions, run

    _tell(app, app.run(run, BatchOptions(**given), code=_code))


@command.command()
@click.argument("batch", default="")
@options.limit(help="At most so many batches.")
@options.as_json()
@pass_app
def status(app: App, /, batch: str, limit: int | None) -> None:
    """How far batches are; of a named one, every term and what became of it."""
    from kgenrich.verbs.publish import StatusOptions, status

    more = {} if limit is None else {"limit": limit}
    rows = app.run(status, StatusOptions(batch=batch, **more))
    if batch:
        _print_terms(app, rows)
        return
    headers = ["batch", "at", "edits", "left", "undoes", "target", "states"]
    cells = [
        [
            ", ".join(f"{count:,} {state}" for state, count in row[header].items())
            if header == "states"
            else str(row[header])
            for header in headers
        ]
        for row in rows
    ]
    print_table(app.console, headers, cells)


@command.command()
@_batch
@options.limit(help="At most so many edits.")
@options.dry_run(help="Show what would be taken back, and send nothing.")
@options.as_json()
@pass_app
def revert(app: App, /, **given: Any) -> None:
    """Undo a batch, as far as what it wrote still is as it was written.

    What was not sent yet never will be. A label, description or alias that somebody has changed
    since stays as it is; one that replaced another gives way to that again.
    """
    from kgenrich.verbs.publish import BatchOptions, revert

    _tell(app, app.run(revert, BatchOptions(**given), code=_code))


def _tell(app: App, report: SentReport) -> None:
    if report.dry_run:
        _print_terms(app, report.rows)
        click.echo(f"would send {report.left:,} edits")
        return
    if report.reverts and not report.batch:
        click.echo(f"nothing of batch {report.reverts} was sent: there is nothing to take back")
    else:
        name = f"batch {report.batch}"
        name += f", undoing {report.reverts}" if report.reverts else ""
        told = ", ".join(f"{count:,} {state}" for state, count in report.terms.items())
        click.echo(f"{name}: terms {told}; edits left {report.left:,}")
    if report.stopped:
        click.echo(f"Stopped: {shown(report.stopped)}", err=True)
        raise click.exceptions.Exit(1)


def _code(report: SentReport) -> int:
    return 1 if report.stopped else 0


def _print_terms(app: App, rows: Rows) -> None:
    headers = ["entity", "term", "before", "after", "state", "revision", "reason"]
    told = [{**row, "term": f"{row['language']} {row['kind']}"} for row in rows]
    headers = [h for h in headers if h == "entity" or any(row[h] for row in told)]
    cells = [[str(row[h]) if row[h] else "" for h in headers] for row in told]
    print_table(app.console, headers, cells, curie=app.curie)
