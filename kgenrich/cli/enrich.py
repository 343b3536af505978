"""``kgenrich enrich``: let the sources propose missing terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app

if TYPE_CHECKING:
    from kgenrich.sources.base import Source


@click.command()
@languages_option()
@list_option("--kinds", "-k", metavar="KINDS", help="label,description (the default) or alias.")
@list_option("--sources", "-s", metavar="NAMES", help="Only these; see `kgenrich sources list`.")
@click.option("--class", "class_id", metavar="ID", help="Only entities of this class, as Q5.")
@click.option("--limit", type=click.IntRange(1), help="At most so many entities.")
@click.option("--minimum", type=click.FloatRange(0, 1), help="Drop proposals under this.")
@click.option("--ranker", help="learned (the default), pool, or vote: M-NTA as published.")
@click.option("--batch", type=click.IntRange(1), default=200, show_default=True, hidden=True)
@click.option(
    "--max-calls",
    multiple=True,
    metavar="[NAME=]N",
    help="At most so many calls of each source, or of one.",
)
@click.option(
    "--max-cost",
    multiple=True,
    metavar="[NAME=]X",
    help="At most so much money for each source, or for one.",
)
@click.option(
    "--unharvested",
    is_flag=True,
    help="Also in languages that no harvest took: what is proposed may exist in the graph.",
)
@click.option("--dry-run", is_flag=True, help="Ask and count, but store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def command(
    app: App,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    sources: tuple[str, ...] | None,
    class_id: str | None,
    limit: int | None,
    minimum: float | None,
    ranker: str | None,
    batch: int,
    max_calls: tuple[str, ...],
    max_cost: tuple[str, ...],
    unharvested: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Propose the missing terms of each language, with evidence and a probability.

    The most linked entities come first. Run again at any time: what is known is not asked twice,
    and a run that was stopped goes on.
    """
    from kgenrich.cli.engine import (
        FITTED,
        make_consensus,
        make_sources,
        read_kinds,
        read_languages,
        read_limits,
    )
    from kgenrich.cli.naming import class_named
    from kgenrich.cli.unharvested import sentence, warn
    from kgenrich.enrich.run import enrich
    from kgenrich.errors import UsageError
    from kgenrich.model import Scope
    from kgenrich.progress import Progress
    from kgenrich.store.facts.graph import StoreGraph

    settings = app.settings
    chosen = read_languages(settings, languages)
    wanted_kinds = read_kinds(kinds)
    store = app.store()
    if unharvested:
        warn(app, chosen)
    elif told := sentence(app, chosen):
        raise UsageError(f"{told} Harvest first, or enrich all the same with --unharvested.")
    class_id = class_named(store, class_id)
    usable, unusable = make_sources(
        settings, StoreGraph(store), chosen, sources, read_limits(max_calls, max_cost), FITTED
    )
    if unusable:
        names = ", ".join(unusable)
        app.errors.print(f"Off: {names}. `kgenrich sources list` says why.", style="dim")
    least = settings.consensus.minimum_probability if minimum is None else minimum
    with app.progress() as bars:
        task = bars.add_task("enriching", total=limit, note="fitting the sources")

        class Bar(Progress):
            def update(self, done: int | None = None, note: str = "") -> None:
                bars.update(task, completed=done, note=note)

        counts, collector = enrich(
            store,
            usable,
            make_consensus(settings, wanted_kinds, ranker, store, least),
            Scope(chosen, wanted_kinds, class_id),
            settings.digest(),
            limit=limit,
            batch=batch,
            dry_run=dry_run,
            progress=Bar(),
        )
    result: dict[str, Any] = {
        "dry_run": dry_run,
        "entities": counts.entities,
        "requests": counts.requests,
        "answered": counts.answered,
        "proposals": counts.proposals,
        "new": counts.new,
        "sources": {
            source.name: {
                "asked": collector.asked.get(source.name, 0),
                "remembered": collector.remembered.get(source.name, 0),
                "failed": sum(
                    n for (name, _), n in collector.failures.items() if name == source.name
                ),
                "stopped": collector.stopped.get(source.name, ""),
                **_spent(source),
            }
            for source in usable
        },
    }
    if as_json:
        app.print_json(result)
    else:
        verb = "would be stored" if dry_run else f"stored ({counts.new} of them new)"
        click.echo(
            f"{counts.requests} missing terms of {counts.entities} entities asked for; "
            f"{counts.answered} answered; {counts.proposals} proposals {verb}."
        )
        for name, spent in result["sources"].items():
            if spent.get("calls"):
                app.errors.print(f"{name}: {spent['calls']} calls, cost {spent['cost']:.6g}")
        for (name, reason), count in sorted(collector.failures.items()):
            app.errors.print(f"{name}: {count} requests failed: {reason}")
        for name, reason in collector.stopped.items():
            app.errors.print(f"{name} was stopped: {reason}", style="bold")
        if counts.proposals and not dry_run:
            click.echo("Next: kgenrich decide list, or kgenrich decide accept --over 0.95")


def _spent(source: Source) -> dict[str, float]:
    """What a source that counts its calls has spent in this run."""
    budget = getattr(source, "budget", None)
    return {} if budget is None else {"calls": budget.calls, "cost": round(budget.cost, 9)}
