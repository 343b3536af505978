"""``kgenrich evaluate retrieval``: the name encoder on held-out names."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table


@click.command()
@click.argument("terms", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.encoder
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
@options.as_json()
@pass_app
def command(app: App, terms: Path, encoder: str | None, parts: int, pool: int) -> None:
    """Find held-out entities by their English names, given a name in each other language.

    TERMS is a TSV file (qid, lang, kind, text). Entities are held out by a hash of their id.
    """
    from kgenrich.adapters.encoder.name_tables import build_table, read_terms
    from kgenrich.adapters.encoders import open_encoder
    from kgenrich.evaluate.retrieval import evaluate

    names = build_table(read_terms(terms))
    report = evaluate(names, open_encoder(encoder), range(parts), pool)
    app.answer(report)
    rows = [
        [language, str(r.queries), f"{r.mrr:.3f}"]
        + [f"{share:.1f}" for share in (r.hits1, r.ngrams_hits1, r.untrained_hits1)]
        for language, r in report.languages.items()
    ]
    rows.append(["mean", "", "", *(f"{share:.1f}" for share in report.mean_hits1.values())])
    columns = ["language", "queries", "MRR", "Hits@1", "Hits@1 of n-grams", "untrained"]
    print_table(app.console, columns, rows, title=f"Held-out names among {pool} English ones")
