"""``kgenrich evaluate wikikge``: the ranker on a folder of WikiKGE-10."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import json_option
from kgenrich.cli.tables import print_table


@click.command()
@click.argument("folder", type=click.Path())
@click.option(
    "--names",
    type=click.Path(exists=True, dir_okay=False),
    help="A TSV file (qid, lang, kind, text) with names of the entities in other languages.",
)
@click.option(
    "--encoder",
    type=click.Path(exists=True, dir_okay=False),
    help="Look through these weights instead of the shipped encoder's.",
)
@click.option("--train", is_flag=True, help="Train all models anew on the folder first.")
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    help="Keep what --train makes in this folder, as ranker*.safetensors.",
)
@json_option()
@pass_app
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Score WikiKGE-10: coverage, precision, errors, calibration.

    FOLDER is laid out like the benchmark and may hold any part of its entities. `shipped` is the
    model in the package, trained on four fifths of the benchmark: on those a figure of training.
    `cross-validated` judges each entity by a model that has not seen it, `unseen-language` by one
    that has not seen its language. With --train they are trained on FOLDER first, and `shipped` is
    the one trained on all of it; what the package ships stays as it is.
    """
    from kgenrich.verbs.evaluate import WikikgeOptions, evaluate_wikikge

    figures = app.run(evaluate_wikikge, WikikgeOptions(**given))
    if as_json:
        app.print_json(figures)
    else:
        _print(app, figures)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _print(app: App, result: dict[str, Any]) -> None:
    for task in ("coverage", "precision", "error"):
        by_system = result[task]
        languages = list(next(iter(by_system.values())))
        print_table(
            app.console,
            ["language", *by_system],
            [
                [code, *(_figure(scores[code]["f1"]) for scores in by_system.values())]
                for code in languages
            ],
            title=f"{task.capitalize()}, F1",
        )
    for task, parts in result.get("folds", {}).items():
        app.console.print(
            f"{task} F1 by fold, cross-validated (and over m-nta): "
            + ", ".join(f"{p['cross-validated']:.1f} ({p['gain']:+.1f})" for p in parts)
        )
    _print_calibration(app, result["calibration"])


def _print_calibration(app: App, by_system: dict[str, Any]) -> None:
    parts = {system: found["by_language"] | found["by_kind"] for system, found in by_system.items()}
    print_table(
        app.console,
        ["of", "names", *parts],
        [
            ["all names proposed", "", *(f"{found['ece']:.4f}" for found in by_system.values())],
            *(
                [name, str(part["names"]), *(f"{own[name]['ece']:.4f}" for own in parts.values())]
                for name, part in next(iter(parts.values())).items()
            ),
        ],
        title="Expected calibration error, by language and by kind (label, alias: of being wrong)",
    )
    told = by_system["cross-validated"]
    print_table(
        app.console,
        ["probability", "names", "mean probability", "right"],
        [
            [f"{b['low']:.1f}", str(b["count"]), f"{b['expected']:.3f}", f"{b['right']:.3f}"]
            for b in told["table"]
        ],
        title="Reliability, cross-validated (by language and kind: --json)",
    )
    print_table(
        app.console,
        ["wanted", "cut", "names over it", "right", "of all right names"],
        [
            [
                f"{row['wanted']:.2f}",
                f"{row['cut']:.3f}",
                str(row["names"]),
                f"{row['right']:.3f}",
                f"{row['of_right']:.3f}",
            ]
            for row in told["cuts"]
        ],
        title="Cuts chosen on one half of the entities, figures of the other, cross-validated",
    )
