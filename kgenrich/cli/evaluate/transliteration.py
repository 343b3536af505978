"""``kgenrich evaluate transliteration``: words whose spelling in another script is known."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from", "source", default="", metavar="CODE", help="The language of the words; else English."
)
@click.option(
    "--to", "target", default="", metavar="CODE", help="That of their spellings; else by script."
)
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trained by a recipe; else those that are shipped.",
)
@options.as_json()
@pass_app
def command(app: App, file: Path, source: str, target: str, weights: Path | None) -> None:
    """Write words in another script and compare with what they are known to be.

    FILE is a TSV file (word, letters in the other script with spaces between, count).
    """
    from kgenrich.adapters.transliteration.transliterator import (
        SHIPPED,
        Transliterator,
        shipped,
        transliterator,
    )
    from kgenrich.evaluate.transliteration import evaluate, languages_of, read_words
    from kgenrich.languages import name

    words = read_words(file)
    if target:
        by = Transliterator.load(weights) if weights else transliterator(source or "en", target)
    else:
        known = [Transliterator.load(weights)] if weights else [shipped(path) for path in SHIPPED]
        by, target = languages_of(words, [of for of in known if not source or of.reading(source)])
    report = evaluate(words, target, by)
    app.answer(report)
    app.console.print(
        f"{report.words:,} words in {name(target)}: {report.best1:.1%} right first,"
        f" {report.best3:.1%} among three, {report.seconds:.1f} s."
    )
