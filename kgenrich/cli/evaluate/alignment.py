"""``kgenrich evaluate alignment``: entity alignment on DBP15K-style folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--seeds",
    type=click.Choice(["none", "train"]),
    default="none",
    show_default=True,
    help="Use the known pairs, or none; names alone learn from them by an adapter.",
)
@click.option("--names-only", is_flag=True, help="Compare names, without the graph.")
@options.encoder
@options.adapter
@click.option(
    "--ranking",
    type=click.Choice(["sinkhorn", "csls", "cosine"]),
    help="By default sinkhorn, and cosine for names alone.",
)
@click.option(
    "--unmatched",
    type=click.FloatRange(0, 0.9),
    metavar="SHARE",
    help="Also take away this share of the partners: precision, recall, F1.",
)
@click.option(
    "--overlap",
    type=click.FloatRange(0, 1),
    multiple=True,
    metavar="SHARE",
    help="Also examine the probabilities where this share has a partner. Repeatable.",
)
@click.option("--translated", is_flag=True, help="Use translated_ent_name as the names.")
@options.as_json()
@pass_app
def command(app: App, /, folder: Path, **given: Any) -> None:
    """Score entity alignment on a folder in the layout of DBP15K.

    Ranks are true ranks (1 only is Hits@1) with the mean rank for ties, among the test entities.
    An entity's name is the end of its URI. With --names-only --seeds train the encoder is first
    adapted to the known pairs, as the shipped recipes of seeds do it, and the adapter thrown away.
    """
    from kgenrich.evaluate.alignment import AlignmentOptions, evaluate_folder

    with app.progress.bars:
        report = evaluate_folder(folder, AlignmentOptions(**given), app.progress)
    app.answer(report)
    rows = [
        [title, str(r.queries), *(f"{value:.1f}" for value in (r.hits1, r.hits10, 100 * r.mrr))]
        for title, r in (("all", report), ("unseen names", report.unseen))
        if r
    ]
    columns = ["part", "pairs", "Hits@1", "Hits@10", "MRR"]
    print_table(app.console, columns, rows, title=f"{folder.name}, {report.seconds:.0f} seconds")
    app.console.print(
        f"What the code of Hou et al. (2022) calls Hits@1 is Hits@2: {report.authors_hits1:.1f}"
    )
    if report.unmatched:
        part = report.unmatched
        app.console.print(
            f"With {part.share:.0%} of the partners away: precision {part.precision:.1f}, "
            f"recall {part.recall:.1f}, F1 {part.f1:.1f} ({part.seeds} seeds)"
        )
    if report.overlaps:
        rows = [
            [
                f"{part.share:.0%}",
                f"{part.estimated:.1%}",
                *(
                    "-" if value is None else f"{value:.1f}"
                    for value in (
                        part.calibration_error,
                        part.matches,
                        part.precision,
                        part.recall,
                    )
                ),
            ]
            for part in report.overlaps
        ]
        columns = ["overlap", "estimated", "calibration error", "per 1,000", "precision", "recall"]
        print_table(app.console, columns, rows, title="Matches of at least 0.5")
