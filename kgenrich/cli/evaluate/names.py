"""``kgenrich evaluate names``: names of a file of terms, held out and proposed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import formatted, print_table


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.comma_list("--from", "from_languages", metavar="CODES", help="Names that are shown.")
@options.comma_list("--to", "to_languages", metavar="CODES", help="Names that are asked for.")
@click.option(
    "--classes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file with a list of classes by the id of an entity.",
)
@options.sources
@click.option(
    "--items",
    type=click.IntRange(1),
    default=400,
    show_default=True,
    help="Ask for at most so many names in each language.",
)
@click.option(
    "--fold",
    type=click.IntRange(0, 19),
    default=0,
    show_default=True,
    help="Which twentieth of the entities is held out.",
)
@click.option("--details", type=click.Path(dir_okay=False), help="Write every outcome as JSONL.")
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Take names away from a file of terms, propose them anew, compare.

    FILE is a TSV file with a header (qid, lang, kind, text). A twentieth of the entities, chosen by
    a hash of the id, loses its names in all languages that are asked for; the sources learn from
    the rest. Right is a name that is one of the entity's in the language, label or alias, in lower
    case and without punctuation.

    Beside all sources together stand the parts alone: copies of the first name, names in other
    languages, phrases, transliterations, and dictionaries.
    """
    from kgenrich.verbs.evaluate_names import NamesOptions, evaluate_names

    _print(app, app.run(evaluate_names, NamesOptions(**given)))


def _print(app: App, report: dict[str, Any]) -> None:
    systems = report["systems"]
    languages = report["languages"]
    rows = [
        {"language": code, **{system: of[code]["top1"] for system, of in systems.items()}}
        for code in languages
    ]
    print_table(
        app.console,
        ["language", *systems],
        formatted(rows, language="", **dict.fromkeys(systems, ".3f")),
        title=f"A right name first; mean of all {report['mean']['top1']:.3f}",
    )
    for title, by_name in (("language", languages), ("slice", report["slices"])):
        print_table(
            app.console,
            [title, "asked", "first", "among 3", "ECE", ">= 0.5", ">= 0.9", ">= 0.95"],
            [_row(name, of) for name, of in by_name.items()],
            title="All sources; from a probability on: share answered, of that right",
        )


def _row(name: str, of: dict[str, Any]) -> list[str]:
    cuts = [
        f"{cut['answered']:.0%}" + (f" {cut['right']:.0%}" if cut["answers"] else "")
        for cut in of["thresholds"]
    ]
    figures = f"{of['top1']:.3f}", f"{of['top3']:.3f}", f"{of['ece']:.3f}"
    return [name, str(of["asked"]), *figures, *cuts]
