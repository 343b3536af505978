"""``kgenrich evaluate completion``: adapters against the frozen encoder on DBP-5L."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@options.encoder
@click.option("--steps", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--inner", type=click.IntRange(1), default=256, show_default=True, help="Bottleneck.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the adapters in this folder, and use those that it has.",
)
@click.option("--force", is_flag=True, help="Train anew, even what is finished or begun.")
@options.as_json()
@pass_app
def command(app: App, /, folder: Path, **given: Any) -> None:
    """Complete triples of DBP-5L: adapters trained here against the frozen encoder.

    Entities are their names and neighbourhoods. Heads and tails, filtered ranks, all entities of
    the language as candidates. With --output a run that was interrupted goes on from its last
    checkpoint, and adapters trained before are used again, as long as options and data are the
    same.
    """
    from kgenrich.evaluate.completion import CompletionOptions, evaluate_folder

    with app.progress.bars:
        report = evaluate_folder(folder, CompletionOptions(**given), app.progress)
    app.answer(report)
    rows = [
        [language, str(r.base.queries)]
        + [f"{v:.1f}" for m in (r.base, r.adapters) for v in (100 * m.mrr, m.hits1, m.hits10)]
        for language, r in report.languages.items()
    ]
    columns = ["language", "queries", "base MRR", "Hits@1", "Hits@10"]
    columns += ["adapters MRR", "Hits@1", "Hits@10"]
    print_table(app.console, columns, rows, title="Completion, heads and tails, filtered")
