"""``kgenrich align``: match the entities of two graphs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgenrich.cli.context import App, pass_app

if TYPE_CHECKING:
    from kgenrich.adapters.alignment.graph_arrays import Graph
    from kgenrich.adapters.encoder.name_tables import Ints


@click.command()
@click.argument("left")
@click.argument("right", required=False)
@click.option("--output", "-o", required=True, metavar="FILE", help="*.sssom.tsv or *.nt, or -.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["sssom", "nt"]),
    help="By default nt for *.nt and sssom for all else.",
)
@click.option(
    "--seeds",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Known pairs: a TSV of two ids.",
)
@click.option("--no-seeds", is_flag=True, help="Leave out the known pairs of a folder.")
@click.option(
    "--minimum",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Write matches of at least this probability.",
)
@click.option("--names-only", is_flag=True, help="Compare names, without the graph.")
@click.option("--encoder", metavar="NAME", help="A file of weights or a Hugging Face model.")
@click.option(
    "--adapter",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="On the encoder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def command(
    app: App,
    left: str,
    right: str | None,
    output: str,
    form: str | None,
    seeds: Path | None,
    no_seeds: bool,
    minimum: float,
    names_only: bool,
    encoder: str | None,
    adapter: Path | None,
    as_json: bool,
) -> None:
    """Match the entities of two graphs, with the probability of each match.

    LEFT and RIGHT are RDF files or stores (a path or URL); @it behind one takes only the names in
    that language (and those that are valid in all), so two editions of one store can be matched; an
    entity without any is left out. A single folder in the layout of DBP15K holds both graphs, and
    its known pairs are the seeds (--seeds FILE gives others, --no-seeds none). Entities that seem
    to have no partner are not written.
    """
    from time import monotonic

    from kgenrich.adapters.alignment.dbp15k import is_folder, read_folder
    from kgenrich.adapters.alignment.graph_building import read_pairs
    from kgenrich.adapters.alignment.match_calibration import match_graphs
    from kgenrich.adapters.encoders import open_encoder
    from kgenrich.cli.bar import Bar
    from kgenrich.errors import UsageError
    from kgenrich.export.files import write
    from kgenrich.export.mappings import Mapping, same_as, sssom

    if seeds and no_seeds:
        raise UsageError("Give --seeds or --no-seeds, not both.")
    pairs: Ints | None = None
    if right is None:
        if not is_folder(Path(left)):
            raise UsageError("Give two graphs, or one folder in the layout of DBP15K.")
        graphs = read_folder(Path(left), names_only=names_only)
        one, other = graphs.left, graphs.right
        pairs = graphs.seeds if len(graphs.seeds) and not no_seeds else None
    else:
        one, other = _open(app, left), _open(app, right)
    for name, graph in ((left, one), (right or left, other)):
        place, language = _parts(_shown(name))
        named = f"name in {language}" if language else "name"
        if not len(graph):
            raise UsageError(f"No entity in {place} has a {named}.")
        if graph.nameless:
            every = len(graph) + graph.nameless
            app.errors.print(
                f"{graph.nameless} of {every} entities in {place} have no {named} and are left out."
            )
    if seeds is not None:
        pairs = read_pairs(seeds, one, other)
    began = monotonic()
    with app.progress() as progress:
        matches = match_graphs(
            one,
            other,
            open_encoder(encoder, adapter),
            pairs,
            names_only=names_only,
            minimum=minimum,
            progress=Bar(progress),
        )
    mappings = sorted(
        Mapping(one.ids[a], one.names[a], other.ids[b], other.names[b], probability, is_seed)
        for a, b, probability, is_seed in matches
    )
    form = form or ("nt" if output.endswith((".nt", ".nt.gz", ".nt.zst")) else "sssom")
    lines = (
        same_as(mappings)
        if form == "nt"
        else sssom(mappings, f"{_shown(left)} - {_shown(right or left)}")
    )
    write(output, (line.encode() for line in lines))
    counts = {
        "left": len(one),
        "right": len(other),
        "seeds": 0 if pairs is None else len({*map(tuple, pairs.tolist())}),
        "matches": len(mappings),
        "seconds": round(monotonic() - began, 1),
    }
    if as_json and output != "-":
        app.print_json(counts)
    else:
        told = ", ".join(f"{name} {value}" for name, value in counts.items())
        app.errors.print(told if output == "-" else f"{told}. Written to {output}.")


def _open(app: App, source: str) -> Graph:
    """A graph from ``PATH``, ``PATH@language`` or a database URL."""
    from kgenrich.adapters.alignment.graph_building import graph_of_entities, graph_of_triples
    from kgenrich.harvest.files import Input
    from kgenrich.harvest.rdf import FORMATS, format_of
    from kgenrich.store.facts.graph import StoreGraph
    from kgenrich.store.opening import open_store

    place, language = _parts(source)
    if "://" not in place and any(f".{ending}" in place.lower() for ending in FORMATS):
        from pyoxigraph import parse

        from kgenrich.errors import InputError

        with Input(place) as file:
            try:
                triples = parse(file, format=format_of(place))  # type: ignore[arg-type]
                return graph_of_triples(triples, language)
            except SyntaxError as error:
                raise InputError(f"{place} is broken: {error.msg}.") from error
    settings = app.settings.model_copy(update={"store": place})
    store = open_store(settings.store_url(), base=app.settings.base)
    try:
        return graph_of_entities(StoreGraph(store).entities(), language, app.settings.base)
    finally:
        store.close()


def _shown(source: str) -> str:
    """A source as it may be shown: the URL of a database without its password."""
    return re.sub(r"(://[^:/@]*):[^/]*@", r"\1@", source)


def _parts(source: str) -> tuple[str, str]:
    """``PATH@language`` as the path and the code of the language."""
    from kgenrich.languages import wikimedia

    place, at, language = source.rpartition("@")
    return (place, wikimedia(language)) if at and place and "/" not in language else (source, "")
