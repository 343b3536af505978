"""``kgenrich evaluate alignment``: entity alignment on DBP15K-style folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgenrich.cli.context import App, pass_app

if TYPE_CHECKING:
    from kgenrich.adapters.alignment.dbp15k import PairedGraphs
    from kgenrich.adapters.encoder.name_encoder import Encoder


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
@click.option("--encoder", metavar="NAME", help="A file of weights or a Hugging Face model.")
@click.option(
    "--adapter",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="On the encoder.",
)
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
@click.option("--translated", is_flag=True, help="Use translated_ent_name as the names.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def command(
    app: App,
    folder: Path,
    seeds: str,
    names_only: bool,
    encoder: str | None,
    adapter: Path | None,
    ranking: str | None,
    unmatched: float | None,
    translated: bool,
    as_json: bool,
) -> None:
    """Score entity alignment on a folder in the layout of DBP15K.

    Ranks are true ranks (1 only is Hits@1) with the mean rank for ties, among the test entities.
    An entity's name is the end of its URI. With --names-only --seeds train the encoder is first
    adapted to the known pairs, as the shipped recipes of seeds do it, and the adapter thrown away.
    """
    from dataclasses import replace
    from typing import Any

    from kgenrich.adapters.alignment.align import AlignSettings
    from kgenrich.adapters.alignment.dbp15k import read_folder
    from kgenrich.adapters.alignment.match_calibration import Calibration
    from kgenrich.adapters.encoder.training_names import TrainingNames
    from kgenrich.adapters.encoders import open_encoder
    from kgenrich.cli.tables import print_table
    from kgenrich.evaluate.alignment import evaluate, evaluate_unmatched

    graphs = read_folder(folder, translated=translated, names_only=names_only)
    base = open_encoder(encoder, adapter)
    order: Any = ranking or ("cosine" if names_only else "sinkhorn")
    settings = AlignSettings(names_only=names_only, ranking=order)
    known: Any = seeds
    with app.progress() as progress:
        task = progress.add_task("align", total=None, note="")
        if names_only and seeds == "train":
            base = _adapted(graphs, base, adapter, lambda step: progress.update(task, note=step))
        report = evaluate(
            graphs,
            base,
            known,
            settings,
            TrainingNames.load() if encoder is None else None,
            lambda step: progress.update(task, note=step),
        )
        if unmatched:
            progress.update(task, note="entities without a partner")
            found = evaluate_unmatched(graphs, base, Calibration.load(), unmatched, known, settings)
            report = replace(report, unmatched=found)
    report.settings.update(
        {
            "seed_pairs": seeds,
            "names_only": names_only,
            "ranking": order,
            "encoder": base.name,
            "translated": translated,
        }
    )
    if as_json:
        app.print_json(report.as_json())
        return
    rows = [
        [title, str(r.queries), *(f"{value:.1f}" for value in (r.hits1, r.hits10, 100 * r.mrr))]
        for title, r in (("all", report.all), ("unseen names", report.unseen))
        if r
    ]
    columns = ["part", "pairs", "Hits@1", "Hits@10", "MRR"]
    print_table(app.console, columns, rows, title=f"{folder.name}, {report.seconds:.0f} seconds")
    app.console.print(
        f"What the code of Hou et al. (2022) calls Hits@1 is Hits@2: {report.all.authors_hits1:.1f}"
    )
    if report.unmatched:
        part = report.unmatched
        app.console.print(
            f"With {part.share:.0%} of the partners away: precision {part.precision:.1f}, "
            f"recall {part.recall:.1f}, F1 {part.f1:.1f} ({part.seeds} seeds)"
        )


def _adapted(
    graphs: PairedGraphs, base: Encoder, adapter: Path | None, tick: Callable[[str], None]
) -> Encoder:
    """The encoder adapted to the known pairs. Raises `UsageError` where that makes no sense."""
    from kgenrich.adapters.encoder.name_encoder import NameEncoder
    from kgenrich.errors import UsageError

    if adapter is not None:
        raise UsageError("Names learn from one adapter: leave out --adapter or --seeds train.")
    if not isinstance(base, NameEncoder):
        raise UsageError(
            "Only an encoder of the shipped kind learns from known pairs by names alone: leave out "
            "--encoder, --names-only or --seeds train."
        )
    try:
        from kgenrich.adapters.alignment.seed_training import PLAN, adapted_to
    except ImportError as error:
        raise UsageError(
            "Learning from known pairs needs the extra: pip install 'kgenrich[neural]'."
        ) from error
    return adapted_to(
        graphs,
        base,
        lambda step, loss: tick(f"adapter, step {step} of {PLAN.steps}, loss {loss:.2f}"),
    )
