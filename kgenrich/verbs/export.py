"""Writing what the store holds: provenance and tables, and what exports of RDF share."""

from __future__ import annotations

from kgenrich.errors import UsageError
from kgenrich.export import provenance, rdf
from kgenrich.export.counts import ExportCounts
from kgenrich.export.syntax import iri
from kgenrich.export.terms import FORMS as TABLES
from kgenrich.export.terms import safe
from kgenrich.languages import chain
from kgenrich.model import MUL
from kgenrich.namespaces import KGENRICH
from kgenrich.store.story.exports import provenance_rows, term_rows
from kgenrich.store.story.runs import runs
from kgenrich.store.story.told_terms import told_rows
from kgenrich.verbs.arguments import STATES, read_states, reader_language
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
    """``safe_cells``: no text of a CSV file becomes a formula of a spreadsheet. ``reader`` is the
    language in which entities are named beside their terms, English where they have no such
    name."""

    safe_cells: bool = True
    reader: str = ""


class ProvenanceOptions(TermsOptions, frozen=True, kw_only=True):
    """``raw_tags``: Wikimedia codes instead of BCP 47 tags; ``resources``: where the IRIs of
    graphs, candidates and the like begin."""

    raw_tags: bool = False
    resources: str | None = None


def export_provenance(workspace: Workspace, options: ProvenanceOptions) -> ExportReport:
    """Write who proposed and who decided each term, from what, when and how, as PROV-O; of asserted
    terms those that were accepted before the graph had them."""
    place = Delivery(workspace, "export provenance", options, RDF_FORMATS, "nt")
    states = read_states(options.states, ("accepted", "proposed"))
    shape = rdf_shape(place, options)
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
    probability; then what helps to judge them: what the entity is called (`ToldTermRow`), reasons,
    alternatives, origin. The rows of CSV whose cells were made safe are counted."""
    place = Delivery(workspace, "export terms", options, TERM_FORMATS, "jsonl")
    if place.format == "parquet" and place.compression != "none":
        raise UsageError("Parquet is compressed inside: leave the compression out.")
    states = read_states(options.states, STATES[: 2 if options.minimum is None else 3])
    minimum = options.minimum or 0.0
    readers = dict.fromkeys((*chain(reader_language(options.reader)), "en", MUL))
    with workspace.store.snapshot() as store:
        terms = term_rows(store, place.scope, states=states, minimum=minimum)
        rows = place.watched(told_rows(store, terms, tuple(readers)), "writing terms")
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


def rdf_shape(
    place: Delivery, options: ProvenanceOptions, *, all_labels: bool = False
) -> rdf.RdfOptions:
    """How terms are written. Raises `UsageError` for what no IRI begins with."""
    if options.resources is not None and iri(options.resources + "x") is None:
        raise UsageError(f"{options.resources!r} is no beginning of an IRI.")
    return rdf.RdfOptions(
        place.workspace.store.base,
        place.format,
        all_labels,
        options.raw_tags,
        options.resources or KGENRICH,
    )
