"""``kgenrich export rdf``: labels, descriptions and aliases as RDF."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from kgenrich.cli.context import App, list_option, pass_app
from kgenrich.cli.export.delivery import (
    deliver,
    filters,
    noted,
    output_options,
    read_states,
    resolve,
    watched,
)
from kgenrich.errors import UsageError

FORMS = {form: form for form in ("nt", "ttl", "nq", "trig")}


@click.command()
@output_options(list(FORMS))
@click.option("--graphs", is_flag=True, help="A named graph for each state (nq, trig).")
@list_option("--states", metavar="STATES", help="asserted,accepted (the default), proposed.")
@click.option("--minimum", type=click.FloatRange(0, 1), help="Proposed terms from this on.")
@click.option(
    "--labels",
    type=click.Choice(["rdfs", "all"]),
    default="rdfs",
    show_default=True,
    help="rdfs:label alone, or skos:prefLabel and schema:name too.",
)
@click.option("--raw-tags", is_flag=True, help="Wikimedia codes instead of BCP 47 tags.")
@click.option("--void", is_flag=True, help="Describe the file in FILE.void.ttl beside it.")
@click.option("--resources", metavar="IRI", help="Where the IRIs of the graphs begin.")
@pass_app
def command(
    app: App,
    output: str,
    form: str | None,
    compress: str | None,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    class_id: str | None,
    graphs: bool,
    states: tuple[str, ...] | None,
    minimum: float | None,
    labels: str,
    raw_tags: bool,
    void: bool,
    resources: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write labels, descriptions and aliases as N-Triples, Turtle, N-Quads or TriG.

    The name says the format: terms.nt, terms.ttl.gz, terms.nq.zst. N-Quads and TriG keep
    asserted, accepted and proposed terms in graphs of their own; the others hold the asserted and
    the accepted ones, and the proposed ones with --minimum.
    """
    from kgenrich.export import files
    from kgenrich.export.rdf import RESOURCES, RdfCounts, RdfOptions, graph_of, serialize
    from kgenrich.export.syntax import QUADS, iri
    from kgenrich.export.void import describe
    from kgenrich.store.story.exports import term_rows

    place = resolve(
        output, form, compress, dry_run, as_json, forms=FORMS, default="nq" if graphs else "nt"
    )
    if graphs and place.form not in QUADS:
        raise UsageError("Named graphs need N-Quads or TriG: name the file .nq or .trig.")
    if void and output == files.STDOUT:
        raise UsageError("--void describes a file: give --output a name.")
    if resources is not None and iri(resources + "x") is None:
        raise UsageError(f"{resources!r} is no beginning of an IRI.")
    everything = place.form in QUADS or minimum is not None
    chosen = read_states(states, ("asserted", "accepted", "proposed")[: 3 if everything else 2])
    store = app.store()
    scope = filters(app, languages, kinds, class_id)
    least = minimum or 0.0
    options = RdfOptions(store.base, place.form, labels == "all", raw_tags, resources or RESOURCES)
    groups = [(state,) for state in chosen] if place.form in QUADS else [chosen]
    parts = (
        (
            graph_of(group[0], options),
            watched(app, term_rows(store, scope, states=group, minimum=least), "writing terms"),
        )
        for group in groups
    )
    counts = RdfCounts(detailed=void)

    def numbers() -> dict[str, Any]:
        return {
            "triples": counts.triples,
            "terms": counts.terms,
            "refused": dict(counts.refused),
        }

    noting = {**noted(scope), "minimum": least, "states": chosen}
    noting |= {"labels": labels, "raw_tags": raw_tags}
    written = deliver(app, "export rdf", place, noting, serialize(parts, options, counts), numbers)
    if void and written is not None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        description = describe(counts, options, written, now)
        files.write(f"{output}.void.ttl", [description])
        if not as_json:
            click.echo(f"described in {output}.void.ttl")
