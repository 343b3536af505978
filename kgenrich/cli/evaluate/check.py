"""``kgenrich evaluate check``: are broken labels found, and right ones left alone?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import formatted, print_table


@click.command()
@options.languages()
@options.sources
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=1_000,
    show_default=True,
    help="Use at most so many labels of each language.",
)
@click.option(
    "--over",
    type=click.FloatRange(0, 1),
    default=0.24,
    show_default=True,
    help="Doubtful are names that are wrong at least so probably.",
)
@click.option("--details", type=click.Path(dir_okay=False), help="Write every label as JSONL.")
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Break labels of the graph on purpose and check them beside the right ones.

    Each label is broken in every way that it can be: a slip of the hand, the label of another
    language or of another entity, a wrong code page, another script. Right labels that are called
    doubtful are false alarms, as far as the labels of the graph are right.

    A source whose calls are kept (a service, a model) is asked only when --sources names it.
    """
    from kgenrich.verbs.evaluate import EvaluateCheckOptions, evaluate_check

    _print(app, app.run(evaluate_check, EvaluateCheckOptions(**given)), given["over"])


def _print(app: App, report: Mapping[str, Mapping[str, Any]], over: float) -> None:
    kinds = list(next(iter(report.values()))["kinds"])
    rows = [
        {"language": language, **cell}
        | {f"of {kind}": of_kind["found_share"] for kind, of_kind in cell["kinds"].items()}
        for language, cell in report.items()
    ]
    print_table(
        app.console,
        ["language", "labels", "false alarms", "broken", "found", *kinds],
        formatted(
            rows,
            **dict.fromkeys(["language", "labels"], ""),
            false_alarms=".1%",
            broken="",
            found_share=".0%",
            **dict.fromkeys([f"of {kind}" for kind in kinds], ".0%"),
        ),
        title=f"Labels called doubtful: wrong with a probability of {over} or more",
    )
