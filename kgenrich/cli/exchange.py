"""``kgenrich exchange``: terms to where people work, and their answers back."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.exchange.formats import FORMATS

_SHOWN = 50


@click.group()
def command() -> None:
    """Give terms to people who work elsewhere, and take back what they decided.

    What is written has the proposals that are open, with what helps to decide on them; what comes
    back becomes decisions.
    """


_format = click.option(
    "--format",
    type=click.Choice([*FORMATS]),
    help="By default what the name of the file says.",
)


@command.command("export", short_help="Write what is to be decided for people to work on.")
@click.argument("output", metavar="FILE")
@_format
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
@options.comma_list("--ids", metavar="IDS", help="Only these entities.")
@click.option(
    "--states",
    type=click.Choice(["open", "unsure", "discuss", "accepted", "rejected"]),
    multiple=True,
    default=["open"],
    show_default=True,
    help="What is undecided or decided.",
)
@options.limit(help="At most so many units.")
@options.comma_list(
    "--from",
    "from_languages",
    metavar="CODES",
    help="Languages to translate from, the best first; yours and English by default.",
)
@options.reader
@click.option(
    "--compress",
    "compression",
    type=click.Choice(["none", "gz", "zst"]),
    help="By default what the name of the file says.",
)
@options.dry_run(help="Count, but write nothing.")
@click.option("--force", is_flag=True, help="Overwrite a file that is no export of this store.")
@options.as_json(help="Print the counts as JSON.")
@pass_app
def export(app: App, /, **given: Any) -> None:
    """Write what is to be decided, with evidence, for people to work on elsewhere.

    A format that has one language a file gets a file for each: terms.po becomes terms.it.po,
    terms.ja.po. The file - is the standard output.

    For example: kgenrich exchange export terms.po -l it --from en
    """
    from kgenrich.cli.export import run_export
    from kgenrich.verbs.exchange import UnitsOptions, export_units

    run_export(app, export_units, UnitsOptions(**given))


@command.command("import", short_help="Decide as a file says that came back.")
@click.argument("file", metavar="FILE")
@_format
@click.option("--author", help="Who decided; by default whom the file names, else your login name.")
@click.option(
    "--anyway",
    multiple=True,
    metavar="CANDIDATE",
    help="Decide on this one though it changed, or somebody decided, meanwhile.",
)
@click.option(
    "--approved-only", is_flag=True, help="Leave what is not marked as finished, changed or not."
)
@options.dry_run(help="Tell what would be decided, but decide nothing.")
@options.as_json()
@pass_app
def import_(app: App, /, **given: Any) -> None:
    """Decide as a file says that came back.

    What is approved is accepted, what was changed is edited, what is marked as wrong is rejected
    with its reason, and what nobody touched is left. What cannot be applied is told: the entity or
    the source text changed meanwhile, somebody else decided, the target forbids the wording. A file
    that is not whole is not applied at all.
    """
    from kgenrich.verbs.exchange_import import ImportOptions, import_units

    given["format"] = given["format"] or ""
    report = app.run(import_units, ImportOptions(**given))
    if report.rows:
        headers = ["line", "candidate", "entity", "term", "text", "outcome", "why"]
        cells = [
            [
                str(row["line"]),
                row["candidate"][:10],
                row["entity"],
                f"{row['language']} {row['kind']}".strip(),
                row["text"],
                row["outcome"],
                row["why"],
            ]
            for row in report.rows[:_SHOWN]
        ]
        print_table(app.console, headers, cells, right=("line",), curie=app.curie)
        if len(report.rows) > _SHOWN:
            app.errors.print(f"{_SHOWN} of {len(report.rows)} shown: --json has all.")
    for outcome, number in report.counts.items():
        click.echo(f"{number:,} {outcome}")
    if report.dry_run:
        click.echo(f"{report.decided:,} would be decided.")
    else:
        click.echo(f"{report.decided:,} decided, {report.new:,} of them anew.")
        if report.superseded:
            click.echo(f"{report.superseded:,} earlier ones are superseded.")
        if report.action:
            app.errors.print(
                f"Taken back by: kgenrich decide undo {report.action[:8]}", style="dim"
            )


@command.command("working-set", short_help="Keep the tables of an ontology's translators.")
@click.argument("file", metavar="FILE")
@click.option("--language", "-l", required=True, metavar="CODE", help="Language to translate into.")
@click.option(
    "--from",
    "from_language",
    default="en",
    show_default=True,
    metavar="CODE",
    help="From this one.",
)
@options.kinds(help="Kinds of term; labels and definitions by default.")
@click.option(
    "--over",
    "floor",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Candidates of a probability of at least this.",
)
@options.dry_run(help="Count, but write nothing.")
@options.as_json(help="Print the counts as JSON.")
@pass_app
def working_set(app: App, /, **given: Any) -> None:
    """Bring the Babelon table of an ontology's translations up to date.

    hp-fr.babelon.tsv is read, if it is there, and written anew, and beside it
    hp-fr-not-translated.babelon.tsv and hp-fr-changed.babelon.tsv, all of them sorted. What it says
    stays; what was translated from a text that is another one now becomes CANDIDATE.

    For example: kgenrich exchange working-set hp-fr.babelon.tsv -l fr
    """
    from kgenrich.verbs.exchange_working_set import WorkingSetOptions, update_working_set

    report = app.run(update_working_set, WorkingSetOptions(**given))
    for status, number in report.translated.items():
        click.echo(f"{number:,} {status}")
    click.echo(f"{report.not_translated:,} not translated, {report.changed:,} changed.")
    if report.dry_run:
        app.errors.print("Nothing was written.", style="dim")
