"""``kgenrich evaluate heldout``: how good the proposals are on your own graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import formatted, print_table


@click.command()
@options.languages()
@options.kinds(help="label, description, alias, definition; without: those of the target.")
@options.sources
@options.minimum(
    default=0.5, show_default=True, help="Count proposals of at least this probability as answers."
)
@click.option(
    "--folds",
    type=click.IntRange(2, 50),
    default=5,
    show_default=True,
    help="Hide one part out of so many.",
)
@click.option("--all-folds", is_flag=True, help="Hide each part in turn: slower, less noise.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=50_000,
    show_default=True,
    help="Use at most so many entities.",
)
@click.option("--ranker", default="", help="learned (the default), pool or vote.")
@click.option("--details", type=click.Path(dir_okay=False), help="Write every outcome as JSONL.")
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw the reliability as SVG.")
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Hide terms that the graph has, enrich, compare.

    Hidden once by items and once by whole clusters (class and country or year), which keeps
    bot-written series from flattering the figures. Right means equal to the label or an alias,
    or to the description, in lower case and without punctuation.

    Thresholds to decide by are chosen on one half of what was hidden and reported on the other.

    A source whose calls are kept (a service, a model) is asked only when --sources names it; its
    answers stay in the store and are not paid for again.
    """
    from kgenrich.verbs.evaluate import HeldoutOptions, evaluate_heldout

    _print(app, app.run(evaluate_heldout, HeldoutOptions(**given)), given["minimum"])


def _print(app: App, report: Mapping[str, Mapping[str, Mapping[str, Any]]], minimum: float) -> None:
    """Figures by language, kind and way of hiding; thresholds; reliability over all languages."""
    from kgenrich.evaluate.heldout.report import ALL

    rows = [
        {"language": language, "kind": kind, "hidden": hidden, **cell}
        for language, by_kind in report.items()
        for kind, items in by_kind.items()
        for hidden, cell in (("items", items), ("clusters", items["clusters"]))
    ]
    names = ["language", "kind", "hidden"]
    answered = [row if row["answered"] else row | {"precision": None} for row in rows]
    print_table(
        app.console,
        [*names, "asked", "answered", "precision", "recall", "F1", "ECE"],
        formatted(
            answered,
            **dict.fromkeys([*names, "requested", "answered"], ""),
            **dict.fromkeys(["precision", "recall", "f1"], ".2f"),
            ece=".3f",
        ),
        title=f"Held-out terms; answered = probability of {minimum} or more",
    )
    shares = [f"{cut['wanted']:.0%} right" for cut in rows[0]["thresholds"]]
    print_table(
        app.console,
        [*names, *shares],
        [[*(row[name] for name in names), *map(_threshold, row["thresholds"])] for row in rows],
        title="The probability from which so many are right, chosen on one half of what was"
        " hidden; what it answers of the other half, and what is right of that",
    )
    every = [row for row in rows if row["language"] == ALL]
    print_table(
        app.console,
        ["slice", "kind", "hidden", "proposals", "0.9 or more", "of them right", "ECE"],
        formatted(
            [
                {"name": name, "kind": row["kind"], "hidden": row["hidden"], **cell}
                | ({} if cell["sure"] else {"sure_right": None})
                for row in every
                for name, cell in row["slices"].items()
            ],
            **dict.fromkeys(["name", "kind", "hidden", "proposed", "sure"], ""),
            sure_right=".2f",
            ece=".3f",
        ),
        title="Slices of the proposals, over all languages",
    )
    for row in rows:
        if row["language"] == ALL:
            bins = [cut | {"to": cut["low"] + 0.1} for cut in row["reliability"]]
            print_table(
                app.console,
                ["probability", "proposals", "mean probability", "right"],
                [
                    [f"{low}-{high}", *others]
                    for low, high, *others in formatted(
                        bins, low=".1f", to=".1f", count="", expected=".2f", right=".2f"
                    )
                ],
                title=f"Reliability of every {row['kind']}, {row['hidden']} hidden",
            )


def _threshold(row: Mapping[str, Any]) -> str:
    if row["probability"] is None:
        return "none"
    right = f"{row['right']:.0%}" if row["answered"] else "–"
    return f"{row['probability']:.2f} {row['share']:.0%} {right}"
