"""Writing what the store holds: RDF, provenance, edits, tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from kgenrich.errors import UsageError
from kgenrich.export import provenance, rdf, writing
from kgenrich.export.counts import ExportCounts
from kgenrich.export.syntax import QUADS, iri
from kgenrich.export.terms import FORMS as TABLES
from kgenrich.export.terms import safe
from kgenrich.export.void import describe
from kgenrich.store.story.exports import provenance_rows, term_rows
from kgenrich.store.story.runs import runs
from kgenrich.verbs.arguments import STATES, read_states
from kgenrich.verbs.delivery import Delivery, ExportOptions, ExportReport
from kgenrich.verbs.workspace import Share, Workspace

RDF_FORMATS = {form: form for form in ("nt", "ttl", "nq", "trig")}
TERM_FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl", "csv": "csv", "parquet": "parquet"}


class TermsOptions(ExportOptions, frozen=True, kw_only=True):
    """Which ``states`` of terms (asserted, accepted, proposed); proposed ones from ``minimum``
    on."""

    states: tuple[str, ...] = ()
    minimum: Share | None = None


class TableOptions(TermsOptions, frozen=True, kw_only=True):
    """``safe_cells``: no text of a CSV file becomes a formula of a spreadsheet."""

    safe_cells: bool = True


class ProvenanceOptions(TermsOptions, frozen=True, kw_only=True):
    """``raw_tags``: Wikimedia codes instead of BCP 47 tags; ``resources``: where the IRIs of
    graphs, candidates and the like begin."""

    raw_tags: bool = False
    resources: str | None = None


class RdfOptions(ProvenanceOptions, frozen=True, kw_only=True):
    """``graphs``: a named graph for each state; ``labels``: rdfs:label alone (``rdfs``) or
    skos:prefLabel and schema:name too (``all``); ``void``: describe the file beside it."""

    graphs: bool = False
    labels: Literal["rdfs", "all"] = "rdfs"
    void: bool = False


def export_rdf(workspace: Workspace, options: RdfOptions) -> ExportReport:
    """Write labels, descriptions and aliases as N-Triples, Turtle, N-Quads or TriG."""
    default = "nq" if options.graphs else "nt"
    place = Delivery(workspace, "export rdf", options, RDF_FORMATS, default)
    quads = place.format in QUADS
    if options.graphs and not quads:
        raise UsageError("Named graphs need N-Quads or TriG: name the file .nq or .trig.")
    if options.void and options.output == writing.STDOUT:
        raise UsageError("--void describes a file: give --output a name.")
    states = read_states(options.states, STATES[: 3 if quads or options.minimum is not None else 2])
    shape = _shape(place, options, all_labels=options.labels == "all")
    minimum = options.minimum or 0.0
    counts = rdf.RdfCounts(detailed=options.void)

    def described(written: writing.Written) -> bytes:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return describe(counts, shape, written, now)

    with workspace.store.snapshot() as store:
        parts = (
            (rdf.graph_of(group[0], shape), place.watched(rows, "writing terms"))
            for group in ([(state,) for state in states] if quads else [states])
            for rows in [term_rows(store, place.scope, states=group, minimum=minimum)]
        )
        return place.write(
            rdf.serialize(parts, shape, counts),
            lambda: {"triples": counts.triples, "terms": counts.terms},
            counts.refused,
            {f"{options.output}.void.ttl": described} if options.void else {},
            minimum=minimum,
            states=states,
            labels=options.labels,
            raw_tags=options.raw_tags,
        )


def export_provenance(workspace: Workspace, options: ProvenanceOptions) -> ExportReport:
    """Write who proposed and who decided each term, from what, when and how, as PROV-O."""
    place = Delivery(workspace, "export provenance", options, RDF_FORMATS, "nt")
    states = read_states(options.states, ("accepted", "proposed"))
    if "asserted" in states:
        raise UsageError("Asserted terms have no story: use accepted, proposed.")
    shape = _shape(place, options)
    minimum = options.minimum or 0.0
    counts = ExportCounts()
    with workspace.store.snapshot() as store:
        rows = provenance_rows(store, place.scope, states=states, minimum=minimum)
        by_id = {run.id: run for run in runs(store, 1_000_000)}
        return place.write(
            provenance.serialize(place.watched(rows, "writing stories"), by_id, shape, counts),
            lambda: {"triples": counts.triples, "terms": counts.terms},
            counts.refused,
            minimum=minimum,
            states=states,
        )


def export_terms(workspace: Workspace, options: TableOptions) -> ExportReport:
    """Write terms as JSON lines, CSV or Parquet: entity, language, kind, text, state, candidate,
    probability. The rows of CSV whose cells were made safe are counted."""
    place = Delivery(workspace, "export terms", options, TERM_FORMATS, "jsonl")
    if place.format == "parquet" and place.compression != "none":
        raise UsageError("Parquet is compressed inside: leave the compression out.")
    states = read_states(options.states, STATES[: 2 if options.minimum is None else 3])
    minimum = options.minimum or 0.0
    with workspace.store.snapshot() as store:
        rows = place.watched(
            term_rows(store, place.scope, states=states, minimum=minimum), "writing terms"
        )
        changed: list[None] = []
        if options.safe_cells and place.format == "csv":
            rows = safe(rows, lambda: changed.append(None))
        return place.write(
            TABLES[place.format](rows),
            lambda: {
                "terms": place.passed,
                **({"with an apostrophe": len(changed)} if changed else {}),
            },
            minimum=minimum,
            states=states,
        )


def _shape(
    place: Delivery, options: ProvenanceOptions, *, all_labels: bool = False
) -> rdf.RdfOptions:
    if options.resources is not None and iri(options.resources + "x") is None:
        raise UsageError(f"{options.resources!r} is no beginning of an IRI.")
    return rdf.RdfOptions(
        place.workspace.store.base,
        place.format,
        all_labels,
        options.raw_tags,
        options.resources or rdf.RESOURCES,
    )
