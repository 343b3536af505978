"""``kgenrich check``: judge the names that the graph already has."""

from __future__ import annotations

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app


@click.command()
@languages_option()
@list_option("--sources", "-s", metavar="NAMES", help="Only these; see `kgenrich sources list`.")
@click.option("--class", "class_id", metavar="ID", help="Only entities of this class, as Q5.")
@click.option("--limit", type=click.IntRange(1), help="At most so many entities.")
@click.option(
    "--over",
    type=click.FloatRange(0, 1),
    help="Report names that are wrong at least so probably.  [default: 0.24]",
)
@click.option("--strict", is_flag=True, help="Report every name that is not surely right (0.11).")
@click.option("--batch", type=click.IntRange(1), default=200, show_default=True, hidden=True)
@click.option("--dry-run", is_flag=True, help="Report, but put nothing into the review queue.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def command(
    app: App,
    languages: tuple[str, ...] | None,
    sources: tuple[str, ...] | None,
    class_id: str | None,
    limit: int | None,
    over: float | None,
    strict: bool,
    batch: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Judge the names that the graph has: how probably each is wrong, why, and the better name.

    The sources are asked as if the entity had no name in the language. Better names go into the
    review queue: for a label, the label that replaces it; for an alias, one more alias. Aliases
    are judged where translation or a language model answers; where only the graph and local
    search do, labels alone are, by what these would call the entity.

    Run again at any time: what is known is not asked twice, and a check that was stopped goes on.
    """
    import msgspec

    from kgenrich.cli.engine import FITTED, make_sources, make_validator, read_languages
    from kgenrich.cli.naming import class_named
    from kgenrich.cli.tables import print_table
    from kgenrich.consensus.learned_ranker import load_model
    from kgenrich.consensus.name_judgement import FIND, SURE
    from kgenrich.enrich.check import check_graph
    from kgenrich.errors import UsageError
    from kgenrich.model import Scope
    from kgenrich.progress import Progress
    from kgenrich.store.facts.graph import StoreGraph

    if strict and over is not None:
        raise UsageError("--strict and --over are two ways to say the same: give one.")
    settings = app.settings
    chosen = read_languages(settings, languages)
    least = over if over is not None else (SURE if strict else FIND)
    store = app.store()
    class_id = class_named(store, class_id)
    usable, unusable = make_sources(settings, StoreGraph(store), chosen, sources, cache=FITTED)
    if unusable:
        off = ", ".join(unusable)
        app.errors.print(f"Off: {off}. `kgenrich sources list` says why.", style="dim")
    with app.progress() as bars:
        task = bars.add_task("checking", total=limit, note="fitting the sources")

        class Bar(Progress):
            def update(self, done: int | None = None, note: str = "") -> None:
                bars.update(task, completed=done, note=note)

        counts, doubtful = check_graph(
            store,
            usable,
            load_model(),
            make_validator(settings, store),
            Scope(chosen, class_id=class_id),
            settings.digest(),
            over=least,
            limit=limit,
            batch=batch,
            dry_run=dry_run,
            progress=Bar(),
        )
    shown = [
        (found, finding)
        for found in doubtful
        for finding in found.findings
        if finding.wrong >= least
    ]
    if as_json:
        rows = [
            {
                "entity": found.entity.id,
                "language": found.language,
                "kind": "label" if finding.primary else "alias",
            }
            | msgspec.to_builtins(finding)
            for found, finding in shown
        ]
        app.print_json(
            {"before": counts.before, "judged": counts.judged, "over": least, "names": rows}
        )
        return
    print_table(
        app.console,
        ["entity", "language", "kind", "name", "wrong", "better", "why"],
        [
            [
                found.entity.id,
                found.language,
                "label" if finding.primary else "alias",
                finding.text,
                f"{finding.wrong:.2f}",
                finding.better,
                "; ".join(finding.reasons),
            ]
            for found, finding in shown
        ],
        title=f"{len(shown)} of {counts.judged} names are doubtful",
    )
    if counts.before:
        app.console.print(
            f"{counts.before} entities were checked before the stop: the better names found there "
            "are in the review queue."
        )
    if counts.proposals and not dry_run:
        app.console.print(
            f"{counts.proposals} better names are in the review queue ({counts.new} new): "
            "`kgenrich decide list --kinds label,alias`."
        )
