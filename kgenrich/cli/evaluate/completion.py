"""``kgenrich evaluate completion``: adapters against the frozen encoder on DBP-5L."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--encoder", metavar="NAME", help="A file of weights or a Hugging Face model.")
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def command(
    app: App,
    folder: Path,
    encoder: str | None,
    steps: int,
    inner: int,
    seed: int,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Complete triples of DBP-5L: adapters trained here against the frozen encoder.

    Entities are their names and neighbourhoods. Heads and tails, filtered ranks, all entities of
    the language as candidates. With --output a run that was interrupted goes on from its last
    checkpoint, and adapters trained before are used again, as long as options and data are the
    same.
    """
    import time

    from kgenrich.adapters import encoders
    from kgenrich.adapters.completion import dbp5l
    from kgenrich.adapters.training.recipe import Plan, SetModel
    from kgenrich.adapters.training.run_folder import Run, digest
    from kgenrich.cli.tables import print_table
    from kgenrich.evaluate.completion import evaluate

    began = time.monotonic()
    check = max(1, steps // 8)
    kept = check if output else 0
    plan = Plan(steps=steps, seed=seed, check=check, patience=3, checkpoint=kept)
    model = SetModel(inner=inner, batch=512, rate=4e-3, temperature=0.05)
    run, trained = None, True
    if output:
        recipe = {"kind": "completion", "encoder": encoder or "names", "model": model, "plan": plan}
        run = Run(output, recipe, digest([*dbp5l.files_of(folder), *encoders.files_of(encoder)]))
        if force:
            run.begin(force=True)
        trained = run.finished() is None
    with app.progress() as progress:
        task = progress.add_task("completion", total=None, note="")
        results = evaluate(
            folder,
            encoders.open_encoder(encoder),
            model,
            plan,
            lambda step: progress.update(task, note=step),
            run,
        )
    if output:
        app.errors.print(
            f"The adapters were written to {output}."
            if trained
            else f"The adapters are those of {output}; --force trains anew."
        )
    if as_json:
        by_language = {
            r.language: {
                system: {"mrr": m.mrr, "hits@1": m.hits1, "hits@10": m.hits10, "queries": m.queries}
                for system, m in (("base", r.base), ("adapters", r.adapters))
            }
            for r in results
        }
        app.print_json({"languages": by_language, "seconds": round(time.monotonic() - began, 1)})
        return
    rows = [
        [r.language, str(r.base.queries)]
        + [f"{v:.1f}" for m in (r.base, r.adapters) for v in (100 * m.mrr, m.hits1, m.hits10)]
        for r in results
    ]
    columns = ["language", "queries", "base MRR", "Hits@1", "Hits@10"]
    columns += ["adapters MRR", "Hits@1", "Hits@10"]
    print_table(app.console, columns, rows, title="Completion, heads and tails, filtered")
