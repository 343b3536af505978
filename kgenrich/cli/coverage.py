"""``kgenrich coverage``: what each language has, inherits and lacks."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import format_option, print_rows, stacked

_COUNTS = ("entities", "explicit", "inherited", "other_script", "missing", "accepted", "proposed")
_HEADERS = ("language", "kind", "class", *_COUNTS, "share", "impact")
_SHOWN = 30


@click.command()
@options.languages()
@options.kinds(help="label, description, alias, definition; without: those of the target.")
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="ID",
    help="Only this class, as Q5.",
)
@options.types()
@options.origin()
@click.option("--by-class", is_flag=True, help="Each of the largest classes by itself.")
@click.option("--top", type=click.IntRange(1), default=10, help="How many classes.")
@options.limit(help="At most so many rows.")
@options.reader
@format_option
@pass_app
def command(app: App, /, form: str, limit: int | None, **given: Any) -> None:
    """Count the terms that each language has, inherits and lacks.

    Explicit terms are in the language itself; inherited ones are shown in their place by the
    language's fallback chain or `mul`. `share` is both together. Labels that are inherited from
    `mul` alone, in another script than the language's, are counted apart (`other_script`, where
    there are any). Of the missing ones some may have been accepted, others have proposals that
    wait. The rows come by impact: the sitelinks of all entities whose term is missing.
    """
    from kgenrich.verbs.coverage import CoverageOptions, coverage

    named = given["languages"] or app.settings.languages
    if limit is None and form == "table" and not named:
        limit = _SHOWN
    rows = app.run(coverage, CoverageOptions(limit=limit, **given))
    by_class = given["classes"] or given["by_class"]
    apart = any(row["other_script"] for row in rows)
    unused = {"class": not by_class, "other_script": not apart}
    headers = [h for h in _HEADERS if not unused.get(h)]
    if form == "table":
        headers = _fitting(headers, app.console.width, rows)
        for row in rows:
            row["class"] = f"{row['class']} {row['label']}".strip()
            whole = max(row["entities"], 1)
            row[""] = stacked([row[name] / whole for name in ("explicit", "inherited")], 12)
    print_rows(app, headers, rows, form)
    if form == "table":
        if not rows:
            app.errors.print("Nothing is covered yet: harvest a graph first.")
        elif rows.total > len(rows):
            app.errors.print(f"{rows.total - len(rows)} more rows: see --limit and --languages.")


def _fitting(headers: list[str], width: int, rows: list[dict[str, Any]]) -> list[str]:
    """The columns that the terminal has room for, with a bar where there is much."""
    waiting = any(row["accepted"] or row["proposed"] for row in rows)
    by_state = {"explicit", "inherited"} if "class" in headers else {"share"}
    narrow = {"entities", *by_state} if width < 100 else set()
    apart = "other_script" in headers
    hidden = set() if waiting else {"accepted", "proposed"}
    hidden |= narrow if waiting or apart else set()
    headers = [h for h in headers if h not in hidden]
    room = width - 18 * ("class" in headers) - 20 * ("proposed" in headers) - 14 * apart
    if room >= 92:
        headers.insert(headers.index("missing"), "")
    elif room < 68 and "entities" in headers:
        headers.remove("entities")
    return headers
