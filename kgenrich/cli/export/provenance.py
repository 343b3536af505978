"""``kgenrich export provenance``: the story of accepted and proposed terms."""

from __future__ import annotations

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
@list_option("--states", metavar="STATES", help="accepted, proposed; both by default.")
@click.option("--minimum", type=click.FloatRange(0, 1), default=0.0, help="Proposed from this on.")
@click.option("--raw-tags", is_flag=True, help="Wikimedia codes instead of BCP 47 tags.")
@click.option("--resources", metavar="IRI", help="Where the IRIs of the story begin.")
@pass_app
def command(
    app: App,
    output: str,
    form: str | None,
    compress: str | None,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    class_id: str | None,
    states: tuple[str, ...] | None,
    minimum: float,
    raw_tags: bool,
    resources: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write who proposed and who decided each term, from what, when and how, as PROV-O."""
    from kgenrich.export.counts import ExportCounts
    from kgenrich.export.provenance import serialize
    from kgenrich.export.rdf import RESOURCES, RdfOptions
    from kgenrich.export.syntax import iri
    from kgenrich.store.story.exports import provenance_rows
    from kgenrich.store.story.runs import runs

    place = resolve(output, form, compress, dry_run, as_json, forms=FORMS, default="nt")
    chosen = read_states(states, ("accepted", "proposed"))
    if "asserted" in chosen:
        raise UsageError("Asserted terms have no story: use accepted, proposed.")
    if resources is not None and iri(resources + "x") is None:
        raise UsageError(f"{resources!r} is no beginning of an IRI.")
    store = app.store()
    scope = filters(app, languages, kinds, class_id)
    rows = provenance_rows(store, scope, states=chosen, minimum=minimum)
    options = RdfOptions(
        store.base, place.form, raw_tags=raw_tags, resources=resources or RESOURCES
    )
    known = {run.id: run for run in runs(store, 1_000_000)}
    counts = ExportCounts()
    deliver(
        app,
        "export provenance",
        place,
        {**noted(scope), "minimum": minimum, "states": chosen},
        serialize(watched(app, rows, "writing stories"), known, options, counts),
        lambda: {
            "triples": counts.triples,
            "terms": counts.terms,
            "refused": dict(counts.refused),
        },
    )
