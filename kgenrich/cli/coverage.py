"""``kgenrich coverage``: what each language has, inherits and lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app
from kgenrich.cli.naming import reader_option
from kgenrich.cli.tables import format_option, print_rows, stacked

if TYPE_CHECKING:
    from kgenrich.store.facts.coverage import CoverageRow
    from kgenrich.store.story.pending_terms import Pending

HEADERS = (
    "language",
    "kind",
    "class",
    "entities",
    "explicit",
    "inherited",
    "missing",
    "accepted",
    "proposed",
    "share",
    "impact",
)
_SHOWN = 30


@click.command()
@languages_option()
@list_option("--kinds", "-k", metavar="KINDS", help="label,description (the default) or alias.")
@click.option("--class", "classes", multiple=True, metavar="ID", help="Only this class, as Q5.")
@click.option("--by-class", is_flag=True, help="Each of the largest classes by itself.")
@click.option("--top", type=click.IntRange(1), default=10, help="How many classes.")
@click.option("--limit", type=click.IntRange(1), help="At most so many rows.")
@reader_option
@format_option
@pass_app
def command(
    app: App,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    classes: tuple[str, ...],
    by_class: bool,
    top: int,
    limit: int | None,
    reader: str | None,
    form: str,
    as_json: bool,
) -> None:
    """Count the terms that each language has, inherits and lacks.

    Explicit terms are in the language itself; inherited ones are shown in their place by the
    language's fallback chain or `mul`. `share` is both together. Of the missing ones some may
    have been accepted, others have proposals that wait. The rows come by impact: the sitelinks
    of all entities whose term is missing.
    """
    from msgspec.structs import replace

    from kgenrich.cli.engine import read_kinds
    from kgenrich.cli.naming import class_named, names, reader_language
    from kgenrich.cli.unharvested import warn
    from kgenrich.languages import check
    from kgenrich.model import Scope
    from kgenrich.store.facts.coverage import coverage
    from kgenrich.store.story.pending_terms import Pending, pending

    form = "json" if as_json else form
    named = check(languages) if languages else app.settings.languages
    store = app.store()
    warn(app, named)
    rows = coverage(
        store,
        Scope(named, read_kinds(kinds)),
        classes=[id for one in classes if (id := class_named(store, one))],
        by_class=by_class,
        limit=top if by_class else None,
    )
    if not named:
        # Hundreds of languages inherit something; who wants to see them names them.
        rows = [row for row in rows if row.explicit]
    rows.sort(key=lambda row: (-row.missing_links, -row.missing))
    total = len(rows)
    if limit is None and form == "table" and not named:
        limit = _SHOWN
    rows = rows[:limit]
    labels = names(store, {row.class_id for row in rows} - {""}, reader_language(reader))
    wanted = Scope(tuple({row.language for row in rows}), read_kinds(kinds))
    waiting = {
        (class_id, *term): counts
        for class_id in {row.class_id for row in rows}
        for term, counts in pending(store, replace(wanted, class_id=class_id or None)).items()
    }
    told = [
        _told(
            row,
            labels if form == "table" else {},
            waiting.get((row.class_id, row.language, row.kind), Pending()),
        )
        for row in rows
    ]
    headers = [h for h in HEADERS if h != "class" or classes or by_class]
    if form == "table":
        by_state = {"explicit", "inherited"} if "class" in headers else {"share"}
        narrow = {"entities", *by_state} if app.console.width < 100 else set()
        hidden = narrow if waiting else {"accepted", "proposed"}
        headers = [h for h in headers if h not in hidden]
    if form == "table":
        room = app.console.width - 18 * ("class" in headers) - 20 * ("proposed" in headers)
        if room >= 92:
            headers.insert(headers.index("missing"), "")
        elif room < 68 and "entities" in headers:
            headers.remove("entities")
    print_rows(app, headers, told, form)
    if form == "table":
        if not rows:
            app.errors.print("Nothing is covered yet: harvest a graph first.")
        elif total > len(rows):
            app.errors.print(f"{total - len(rows)} more rows: see --limit and --languages.")


def _told(row: CoverageRow, labels: dict[str, str], waiting: Pending) -> dict[str, Any]:
    whole = max(row.entities, 1)
    return {
        "language": row.language,
        "kind": str(row.kind),
        "class": f"{row.class_id} {labels.get(row.class_id, '')}".strip(),
        "entities": row.entities,
        "explicit": row.explicit,
        "inherited": row.inherited,
        "missing": row.missing,
        "accepted": waiting.accepted,
        "proposed": waiting.proposed,
        "share": (row.explicit + row.inherited) / whole,
        "impact": row.missing_links,
        "": stacked([row.explicit / whole, row.inherited / whole], 12),
    }
