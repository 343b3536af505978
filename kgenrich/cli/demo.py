"""``kgenrich demo``: the whole path on the shipped items, offline, command by command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from kgenrich.cli.context import App, pass_app

LANGUAGES = "it,fr,de,ru,ar,ja,zh"
STORY = "Q5"


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("kgenrich-demo"),
    show_default=True,
    help="Where the files go.",
)
@pass_app
def command(app: App, output: Path) -> None:
    """Harvest the shipped items, enrich seven languages, decide, export.

    Each step is an ordinary command, shown before it runs, so that you can type it yourself.
    Everything stays in one folder; running it again changes nothing.
    """
    from kgenrich.resources import resource
    from kgenrich.settings import read_file
    from kgenrich.trust import trust

    items = resource("config/demo/items.json.gz")
    corpus = resource("config/demo/corpus.jsonl.gz")
    output.mkdir(parents=True, exist_ok=True)
    settings = output / "kgenrich.toml"
    settings.write_text(_settings(output / "demo.db", corpus), encoding="utf-8")
    # It is ours, so that commands typed in the folder take it too.
    trust(settings, read_file(settings)[0])
    for note, arguments in _steps(items, output):
        _run(app, note, settings, arguments)
    app.console.print("\nWhat to type next", style="bold")
    click.echo(
        f"""\
  export KGENRICH_CONFIG={settings}
  kgenrich decide list --languages it        the review queue
  kgenrich show Q22582218 --languages it,ar  another item's story
  kgenrich evaluate heldout -l it,ja         how good is it, on these items?
  kgenrich harvest ids Q42 Q1                live Wikidata (asks for a contact first)
  kgenrich --help                            everything else"""
    )


def _settings(store: Path, corpus: Path) -> str:
    # A TOML basic string and a JSON string agree in everything that a path can hold.
    return (
        f"store = {json.dumps(str(store.resolve()))}\n\n"
        "[sources.local-search]\n"
        f"corpus = {json.dumps(str(corpus))}\n"
        'licence = "CC-BY-SA-3.0"\n'
    )


def _steps(items: Path, output: Path) -> list[tuple[str, list[str]]]:
    languages = ["--languages", LANGUAGES]
    return [
        ("Read real Wikidata items into the store", ["harvest", "dump", str(items)]),
        ("What is missing?", ["coverage", *languages]),
        ("Which terms are wanted most?", ["gaps", "--language", "ja", "--limit", "5"]),
        ("Let the sources propose", ["enrich", *languages]),
        (
            "Accept what is nearly certain; the rest waits for people",
            ["decide", "accept", *languages, "--over", "0.95"],
        ),
        ("What is there now: proposed and accepted stand apart", ["coverage", *languages]),
        ("The story of one item", ["show", STORY, "--languages", "de,ru,zh"]),
        (
            "Write RDF with a graph for each state of a term",
            ["export", "rdf", "--graphs", *languages, "--output", str(output / "terms.nq.gz")],
        ),
        (
            "Write where each new term comes from",
            ["export", "provenance", "--output", str(output / "provenance.ttl")],
        ),
        (
            "Write edits for QuickStatements",
            ["export", "quickstatements", "--output", str(output / "edits.tsv")],
        ),
    ]


def _run(app: App, note: str, settings: Path, arguments: list[str]) -> None:
    from kgenrich.cli.main import cli

    app.console.print(f"\n{note}", style="bold")
    line = "$ kgenrich " + " ".join(map(_shown, arguments))
    app.console.print(line, style="cyan", soft_wrap=True)
    globally = ["--config", str(settings), *(["--quiet"] if app.quiet else [])]
    cli.main([*globally, *arguments], prog_name="kgenrich", standalone_mode=False)


def _shown(argument: str) -> str:
    return os.path.relpath(argument) if os.path.isabs(argument) else argument  # noqa: PTH117
