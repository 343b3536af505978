"""``kgenrich evaluate retrieval``: the name encoder on held-out names."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("terms", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoder", metavar="NAME", help="A file of weights or a Hugging Face model.")
@click.option(
    "--parts",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="Hundredths of the entities held out: those that the recipe held out are the first 5.",
)
@click.option(
    "--pool", type=click.IntRange(2), default=2000, show_default=True, help="English candidates."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def command(
    app: App, terms: Path, encoder: str | None, parts: int, pool: int, as_json: bool
) -> None:
    """Find held-out entities by their English names, given a name in each other language.

    TERMS is a TSV file (qid, lang, kind, text). Entities are held out by a hash of their id.
    """
    from statistics import mean

    from kgenrich.adapters.encoder.name_tables import build, read_terms
    from kgenrich.adapters.encoders import open_encoder
    from kgenrich.cli.tables import print_table
    from kgenrich.evaluate.retrieval import evaluate

    names = build(read_terms(terms))
    results = evaluate(names, open_encoder(encoder), range(parts), pool)
    systems = ("encoder", "ngrams", "untrained")
    means = {name: round(mean(getattr(r, name).hits1 for r in results), 2) for name in systems}
    if as_json:
        by_language = {
            r.language: {
                "hits@1": r.encoder.hits1,
                "hits@10": r.encoder.hits10,
                "mrr": r.encoder.mrr,
                "queries": r.encoder.queries,
                "ngrams_hits@1": r.ngrams.hits1,
                "untrained_hits@1": r.untrained.hits1,
            }
            for r in results
        }
        app.print_json({"mean_hits@1": means, "languages": by_language})
        return
    rows = [
        [r.language, str(r.encoder.queries), f"{r.encoder.mrr:.3f}"]
        + [f"{getattr(r, name).hits1:.1f}" for name in systems]
        for r in results
    ]
    rows.append(["mean", "", "", *(f"{means[name]:.1f}" for name in systems)])
    columns = ["language", "queries", "MRR", "Hits@1", "Hits@1 of n-grams", "untrained"]
    print_table(app.console, columns, rows, title=f"Held-out names among {pool} English ones")
