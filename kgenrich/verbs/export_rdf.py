"""Writing the graph as RDF: whole, as an origin has it, or what is new alone, beside its source or
within a copy of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.export import rdf, writing
from kgenrich.export.changes import PATCHES, delta
from kgenrich.export.entities import EntityTriples, Part, serialize_entities
from kgenrich.export.manner import VOCABULARIES, Manners
from kgenrich.export.merging.additions import Addition, Change
from kgenrich.export.syntax import QUADS, Layout
from kgenrich.export.syntax import prefixes as usual_prefixes
from kgenrich.export.void import describe
from kgenrich.inputs import Input
from kgenrich.model import Origin
from kgenrich.store.base import Store
from kgenrich.store.facts.origins import all_origins, origin_number
from kgenrich.store.story.entity_rows import (
    Selection,
    entity_rows,
    has_forms,
    has_wiki_terms,
    manners,
)
from kgenrich.store.story.exports import term_rows
from kgenrich.verbs.arguments import STATES, read_states
from kgenrich.verbs.delivery import Delivery, ExportReport
from kgenrich.verbs.export import RDF_FORMATS, ProvenanceOptions, rdf_shape
from kgenrich.verbs.workspace import Workspace

_NEW = STATES[1:]
_PATCH_FORMATS = {form: form for form in PATCHES}


class RdfOptions(ProvenanceOptions, frozen=True, kw_only=True):
    """``graphs``: a named graph for each state; ``labels``: of a Wikibase rdfs:label alone
    (``rdfs``) or skos:prefLabel and schema:name too (``all``); ``vocabulary``: the predicates of
    rdfs, skos or schema in place of everybody's own; ``void``: describe the file beside it.

    ``origin``: what this one says, ``only``: what nobody else says. ``merge_into`` is a file of
    which a copy with the new terms is written, ``delta`` and ``patch`` write these alone;
    ``base_iri`` is what relative IRIs in that file are relative to, by default its address.
    """

    graphs: bool = False
    labels: Literal["rdfs", "all"] = "rdfs"
    vocabulary: str = ""
    void: bool = False
    origin: str = ""
    only: str = ""
    merge_into: str = ""
    delta: bool = False
    patch: bool = False
    base_iri: str = ""


def export_rdf(workspace: Workspace, options: RdfOptions) -> ExportReport:
    """Write the graph as N-Triples, Turtle, N-Quads or TriG, each origin's statements as it has
    them; or what is new, as these, as RDF Patch or SPARQL Update, or within a copy of a file.

    Raises `UsageError` for options that do not go together and for a file that was not harvested.
    """
    _check(options)
    if options.merge_into:
        return _merged(workspace, options)
    if options.patch or options.delta:
        return _changed(workspace, options)
    default = "nq" if options.graphs else "nt"
    place = Delivery(workspace, "export rdf", options, RDF_FORMATS, default)
    quads = place.format in QUADS
    if options.graphs and not quads:
        raise UsageError("Named graphs need N-Quads or TriG: name the file .nq or .trig.")
    states = read_states(options.states, STATES[: 3 if quads or options.minimum is not None else 2])
    groups: list[tuple[str, ...]] = [(state,) for state in states] if quads else [states]
    shape = rdf_shape(place, options, all_labels=options.labels == "all")
    counts = rdf.RdfCounts(detailed=options.void)

    def described(written: writing.Written) -> bytes:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return describe(counts, shape, written, now)

    with workspace.store.snapshot() as store:
        export = _Export(workspace, store, place, options, shape, counts)
        if export.is_plain:
            minimum = options.minimum or 0.0
            pieces = rdf.serialize(
                (
                    (rdf.graph_of(group[0], shape), place.watched(rows, "writing terms"))
                    for group in groups
                    for rows in [term_rows(store, place.scope, states=group, minimum=minimum)]
                ),
                shape,
                counts,
            )
        else:
            pieces = export.pieces(groups)
        beside = {f"{options.output}.void.ttl": described} if options.void else {}
        return export.write(pieces, beside, states=states)


def _check(options: RdfOptions) -> None:
    if options.void and options.output == writing.STDOUT:
        raise UsageError("--void describes a file: give --output a name.")
    ways = (bool(options.merge_into), options.delta, options.patch)
    if sum(ways) > 1:
        raise UsageError("Give one of --merge-into, --delta and --patch.")
    if any(ways) and (options.void or options.graphs):
        raise UsageError("--void and --graphs are about the whole graph: leave them out.")
    if any(ways) and "asserted" in options.states:
        raise UsageError("What is asserted is not new: use accepted, proposed.")
    if options.origin and options.only:
        raise UsageError("Give one of --origin and --only.")
    if options.vocabulary and options.vocabulary not in VOCABULARIES:
        names = ", ".join(VOCABULARIES)
        raise UsageError(f"There is no vocabulary {options.vocabulary!r}: use {names}.")


class _Export:
    """What is exported of a store, and how."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        place: Delivery,
        options: RdfOptions,
        shape: rdf.RdfOptions,
        counts: rdf.RdfCounts,
    ) -> None:
        self.workspace, self.store, self.place = workspace, store, place
        self.options, self.shape, self.counts = options, shape, counts
        self.origin = options.origin or options.only
        if self.origin:
            origin_number(store, self.origin)
        self.vocabulary = VOCABULARIES[options.vocabulary] if options.vocabulary else None

    @property
    def is_plain(self) -> bool:
        """Whether all that is written is of the Wikibase model."""
        return not (self.origin or self.vocabulary or has_forms(self.store))

    def writer(self) -> EntityTriples:
        """What makes triples."""
        known = Manners(manners(self.store), self.vocabulary, self.shape.tag)
        scope = self.place.scope
        return EntityTriples(self.shape, known, self.counts, scope, self.vocabulary)

    def selection(self, states: tuple[str, ...]) -> Selection:
        """What of the store is written."""
        minimum = self.options.minimum or 0.0
        alone = bool(self.options.only)
        return Selection(self.place.scope, states, minimum, self.origin, alone)

    def prefixes(self) -> dict[str, str]:
        """Those of the origins; the usual ones where they have none, and for terms of a wiki."""
        found: dict[str, str] = {}
        for origin in all_origins(self.store):
            if self.origin in ("", origin.name):
                found = {**origin.prefixes, **found}
        if has_wiki_terms(self.store):
            found = {self.shape.prefix: self.shape.base, **found}
        elif found:
            return found
        usual = usual_prefixes("rdfs", "skos", "skosxl", "schema")
        spaces = set(found.values())
        return found | {
            name: space
            for name, space in usual.items()
            if name not in found and space not in spaces
        }

    def pieces(self, groups: list[tuple[str, ...]]) -> Iterator[bytes]:
        """All that is said and new, a graph for each group of states."""
        parts: Iterator[Part] = (
            (
                rdf.graph_of(states[0], self.shape),
                states,
                self.place.watched(
                    entity_rows(self.store, self.selection(states)), "writing entities"
                ),
            )
            for states in groups
        )
        layout = Layout(self.shape.form, self.prefixes())
        return serialize_entities(parts, layout, self.writer())

    def changes(self) -> Iterator[Change]:
        """What is new."""
        states = read_states(self.options.states, _NEW[: 1 + (self.options.minimum is not None)])
        rows = entity_rows(self.store, self.selection(states))
        writer = self.writer()
        for row in self.place.watched(rows, "writing what is new"):
            yield from writer.changes(row)

    def write(
        self, pieces: Iterator[bytes], beside: Mapping[str, Any] = {}, **noted: Any
    ) -> ExportReport:
        """Write the pieces, and note it."""
        options, counts = self.options, self.counts
        names = ("labels", "raw_tags", "vocabulary", "origin", "only")
        chosen = {name: getattr(options, name) for name in names if getattr(options, name)}
        return self.place.write(
            pieces,
            lambda: {
                "triples": counts.triples,
                "terms": counts.terms,
                **({"replacing": counts.replacing} if counts.replacing else {}),
            },
            counts.refused,
            beside,
            minimum=options.minimum or 0.0,
            **chosen,
            **noted,
        )


def _changed(workspace: Workspace, options: RdfOptions) -> ExportReport:
    """Write what is new alone."""
    formats = _PATCH_FORMATS if options.patch else RDF_FORMATS
    place = Delivery(workspace, "export rdf", options, formats, next(iter(formats)))
    if place.format not in formats:
        raise UsageError(
            f"{place.format} is no format of {'a patch' if options.patch else 'RDF'}: "
            f"use {', '.join(formats)}."
        )
    counts = rdf.RdfCounts()
    with workspace.store.snapshot() as store:
        shape = rdf_shape(place, options)
        export = _Export(workspace, store, place, options, shape, counts)
        if options.patch:
            pieces = PATCHES[place.format](export.changes(), export.prefixes(), counts)
        else:
            pieces = delta(place.format, export.changes(), export.prefixes(), counts)
        return export.write(pieces, change="patch" if options.patch else "delta")


def _merged(workspace: Workspace, options: RdfOptions) -> ExportReport:
    """Write a copy of a file with what is new in it."""
    from kgenrich.export.merging.formats import MERGES

    source = options.merge_into
    form = _form_of(source)
    if options.format not in (None, form):
        raise UsageError(f"{source} is {form}, and so is a copy of it: leave --format out.")
    if form not in MERGES:
        raise UsageError(
            f"{source} is {form}, of which no copy keeps every byte: take --delta or --patch for "
            "what is new alone."
        )
    with workspace.store.snapshot() as store:
        origin = _origin_of(store, source, options.origin)
        options = replace(options, format=form, origin=origin.name)
        if origin.digest and origin.digest != writing.digest_of(source):
            workspace.progress.remark(
                f"{source} is not as it was when it was harvested: what is new in it may be added "
                "again, so harvest it first.",
                grave=True,
            )
        place = Delivery(workspace, "export rdf", options, {}, form)
        counts = rdf.RdfCounts()
        shape = replace(rdf_shape(place, options), form="nt")
        export = _Export(workspace, store, place, options, shape, counts)

        def additions() -> Iterator[Addition]:
            for change in export.changes():
                if change.removed:
                    counts.refused["in the place of a label, which --patch says"] += 1
                else:
                    yield change.added

        base = options.base_iri or Path(source).resolve().as_uri()
        with Input(source, as_is=True) as file:
            pieces = MERGES[form](file, additions(), counts, base=base)
            return export.write(pieces, merged_into=source)


def _form_of(source: str) -> str:
    """The format of a file, as a key of `MERGES`, else its name."""
    from kgenrich.harvest.triples import FORMATS, format_of

    if source == writing.STDOUT:
        raise UsageError("A copy is made of a file: give --merge-into its name.")
    with Input(source) as file:
        found = format_of(file)
    return next((name for name, form in FORMATS.items() if form == found), str(found))


def _origin_of(store: Store, source: str, name: str) -> Origin:
    """The origin that a file is, or that is named. Raises `UsageError` where there is none."""
    if name:
        origin_number(store, name)
    place = str(Path(source).resolve())
    for origin in all_origins(store):
        if origin.name == name or (not name and origin.place == place):
            return origin
    raise UsageError(
        f"{source} is no origin of this store: harvest it, or name the origin that it is a file of "
        "with --origin."
    )
