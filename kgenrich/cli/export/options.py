"""What the commands of ``kgenrich export`` share: options, and telling what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import (
    dry_run_option,
    json_option,
    kinds_option,
    languages_option,
    options,
)

if TYPE_CHECKING:
    from kgenrich.verbs.delivery import ExportReport

RDF_FORMATS = ("nt", "ttl", "nq", "trig")


def output_options(formats: Sequence[str]) -> Callable[[Any], Any]:
    """Where an export goes, in which format, and what of the store is in it."""
    by_name = "By default what the name of the file says."
    return options(
        click.option("--output", "-o", required=True, metavar="FILE", help="A file, or -."),
        click.option("--format", type=click.Choice(formats), help=by_name),
        click.option(
            "--compress", "compression", type=click.Choice(["none", "gz", "zst"]), help=by_name
        ),
        languages_option(),
        kinds_option(),
        click.option("--class", "class_id", metavar="ID", help="Only this class, as Q5."),
        dry_run_option("Count, but write nothing."),
        json_option("Print the counts as JSON."),
        pass_app,
    )


raw_tags_option = click.option(
    "--raw-tags", is_flag=True, help="Wikimedia codes instead of BCP 47 tags."
)


def print_report(app: App, report: ExportReport, as_json: bool) -> None:
    """Tell what was written; what goes to the standard output is the export itself."""
    aside = report.path == "-"
    if as_json:
        app.print_json(report, err=aside)
        return
    rows = ", ".join(f"{n:,} {name}" for name, n in report.counts.items())
    if report.dry_run:
        click.echo(f"{rows} would be written.")
    elif not aside:
        click.echo(f"{rows} written to {report.path} ({report.bytes:,} bytes)")
        click.echo(f"sha256 {report.sha256}")
    elif not app.quiet:
        click.echo(f"{rows} written, sha256 {report.sha256}", err=True)
    for reason, count in sorted((report.refused or {}).items()):
        if not app.quiet:
            click.echo(f"{count:,} left out: {reason}", err=True)
