"""``kgenrich decide alike``: alike proposals decided together, after a sample was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.escaping import shown

if TYPE_CHECKING:
    from kgenrich.verbs.alike import AlikeOptions, Sample


@click.command()
@click.argument("candidate", default="")
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
@click.option("--accept", is_flag=True, help="Accept them all.")
@click.option("--reject", "reason", default="", metavar="REASON", help="Reject them all for this.")
@click.option("--yes", is_flag=True, help="Do not ask after the sample.")
@click.option("--author", help="Who decides; your login name by default.")
@click.option("--comment", default="", help="Why.")
@options.reader
@options.dry_run(help="Say what would be decided.")
@options.as_json()
@pass_app
def command(
    app: App, /, candidate: str, accept: bool, yes: bool, reader: str, **given: Any
) -> None:
    """Decide on alike proposals together: of one language and kind, for entities of the same
    classes, resting on the same sources; descriptions in the same words.

    Without CANDIDATE the largest groups. With one a sample of what is like it, and then all of it
    is accepted, or rejected for a reason, as one action (`kgenrich decide undo`). What something
    speaks against is left out.
    """
    from kgenrich.verbs.alike import AlikeOptions, accept_alike, groups, reject_alike, sample
    from kgenrich.verbs.arguments import reader_language
    from kgenrich.verbs.decide import author_named
    from kgenrich.verbs.review import ReviewOptions

    readers, author = (reader_language(reader),), author_named(given.pop("author"))
    decided = {name: given.pop(name) for name in ("reason", "comment", "dry_run")}
    if accept and decided["reason"]:
        raise click.UsageError("Either --accept or --reject.")
    if not candidate:
        found = groups(app.workspace, ReviewOptions(**given), readers, author)
        app.answer(found)
        headers = ["candidate", "proposals", "language", "kind", "class", "sources", "text"]
        cells = [
            [
                one.candidate[:10],
                str(one.number),
                one.language,
                str(one.kind),
                ", ".join(name.text for name in one.classes),
                ", ".join(one.sources),
                one.text,
            ]
            for one in found
        ]
        print_table(app.console, headers, cells, right=("proposals",))
        return
    chosen = AlikeOptions(**given, **decided, candidate=candidate, author=author)
    seen = sample(app.workspace, chosen, readers)
    if not app.as_json:
        _show(app, seen)
    if not (accept or chosen.reason or app.as_json):
        accept, chosen = _asked(chosen, seen.group.number)
    elif (accept or chosen.reason) and not yes:
        click.confirm(f"Decide on all {seen.group.number}?", abort=True, err=True)
    if not (accept or chosen.reason):
        app.answer(seen)
        return
    from msgspec.structs import replace

    from kgenrich.cli.decide import print_report

    verb = accept_alike if accept else reject_alike
    print_report(app, app.run(verb, replace(chosen, stamp=seen.stamp)))


def _show(app: App, seen: Sample) -> None:
    group = seen.group
    classes = ", ".join(shown(one.text) for one in group.classes)
    of = f" of {classes}" if classes else ""
    click.echo(
        f"{group.number} {group.language} {group.kind} proposals{of}, resting on "
        f"{', '.join(map(shown, group.sources))}; {len(seen.shown)} of them:"
    )
    headers = ["entity", "text", "p"]
    cells = [
        [f"{one.entity} {one.label.text}", one.text.text, f"{one.probability:.2f}"]
        for one in seen.shown
    ]
    print_table(app.console, headers, cells, fold=("entity", "text"), curie=app.curie)


def _asked(chosen: AlikeOptions, number: int) -> tuple[bool, AlikeOptions]:
    """What a key says: whether all are accepted, else with the reason for which they are
    rejected."""
    from msgspec.structs import replace

    from kgenrich.cli.decide_next import typed
    from kgenrich.model import RejectReason

    click.echo(f"a accept all {number}, r reject all, any other key: leave them > ", nl=False)
    key = typed()
    click.echo(shown(key))
    if key != "r":
        return key == "a", chosen
    reasons = [*RejectReason]
    for place, reason in enumerate(reasons, 1):
        click.echo(f"  {place} {reason.meaning}")
    click.echo("Why? ", nl=False)
    key = typed()
    click.echo(shown(key))
    is_one = key.isdecimal() and 0 < int(key) <= len(reasons)
    return False, replace(chosen, reason=str(reasons[int(key) - 1])) if is_one else chosen
