"""``kgenrich evaluate wikikge``: the ranker on a folder of WikiKGE-10."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import formatted, print_table


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
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Score WikiKGE-10: coverage, precision, errors, calibration.

    FOLDER is laid out like the benchmark and may hold any part of its entities. `shipped` is the
    model in the package, trained on four fifths of the benchmark: on those a figure of training.
    `cross-validated` judges each entity by a model that has not seen it, `unseen-language` by one
    that has not seen its language. With --train they are trained on FOLDER first, and `shipped` is
    the one trained on all of it; what the package ships stays as it is.
    """
    from kgenrich.verbs.evaluate import WikikgeOptions, evaluate_wikikge

    _print(app, app.run(evaluate_wikikge, WikikgeOptions(**given)))


def _print(app: App, result: dict[str, Any]) -> None:
    for task in ("coverage", "precision", "error"):
        systems = result[task]
        rows = [
            {"language": code, **{system: of[code]["f1"] for system, of in systems.items()}}
            for code in next(iter(systems.values()))
        ]
        cells = formatted(rows, language="", **dict.fromkeys(systems, ".1f"))
        title = f"{task.capitalize()}, F1"
        print_table(app.console, ["language", *systems], cells, title=title)
    for task, parts in result.get("folds", {}).items():
        app.console.print(
            f"{task} F1 by fold, cross-validated (and over m-nta): "
            + ", ".join(f"{p['cross-validated']:.1f} ({p['gain']:+.1f})" for p in parts)
        )
    _print_other_names(app, result["other_names"])
    systems = result["calibration"]
    parts = {name: system["by_language"] | system["by_kind"] for name, system in systems.items()}
    print_table(
        app.console,
        ["of", "names", *parts],
        [
            ["all names proposed", "", *(f"{system['ece']:.4f}" for system in systems.values())],
            *(
                [name, str(part["names"]), *(f"{of[name]['ece']:.4f}" for of in parts.values())]
                for name, part in next(iter(parts.values())).items()
            ),
        ],
        title="Expected calibration error, by language and by kind (label, alias: of being wrong)",
    )
    judged = systems["cross-validated"]
    print_table(
        app.console,
        ["probability", "names", "mean probability", "right"],
        formatted(judged["table"], low=".1f", count="", expected=".3f", right=".3f"),
        title="Reliability, cross-validated (by language and kind: --json)",
    )
    print_table(
        app.console,
        ["wanted", "cut", "names over it", "right", "of all right names"],
        formatted(judged["cuts"], wanted=".2f", cut=".3f", names="", right=".3f", of_right=".3f"),
        title="Cuts chosen on one half of the entities, figures of the other, cross-validated",
    )


def _print_other_names(app: App, by_language: dict[str, dict[str, int]]) -> None:
    if by_language:
        columns = [*next(iter(by_language.values()))]
        print_table(
            app.console,
            ["language", *(column.replace("_", " ") for column in columns)],
            [[code, *map(str, of.values())] for code, of in by_language.items()],
            title="Names written as in another language, or by the transliterator",
        )
