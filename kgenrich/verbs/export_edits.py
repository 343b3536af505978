"""Writing accepted terms as edits: for QuickStatements, and for the API of a Wikibase."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.export import quickstatements, wbeditentity, writing
from kgenrich.export.counts import ExportCounts
from kgenrich.export.edits import KINDS, Edit, edit_summary, edits
from kgenrich.model import Scope
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import revisions
from kgenrich.store.story.exports import provenance_rows
from kgenrich.store.story.pending_terms import overtaken
from kgenrich.verbs.delivery import Delivery, ExportOptions, ExportReport
from kgenrich.verbs.workspace import Share, Workspace

EDIT_FORMATS = {"qs": "v1", "tsv": "v1", "txt": "v1", "csv": "csv"}
REQUEST_FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl"}


class EditOptions(ExportOptions, frozen=True, kw_only=True):
    """``proposed``: also what nobody decided yet, from ``minimum`` on. ``summary`` is that of the
    edits, ``batch`` groups them in EditGroups; evidence under an ``allowed`` licence counts
    whatever the target takes."""

    proposed: bool = False
    minimum: Share = 0.95
    summary: str = ""
    batch: str = ""
    allowed: tuple[str, ...] = ()


def export_quickstatements(workspace: Workspace, options: EditOptions) -> ExportReport:
    """Write the accepted terms as edits, as version 1 commands or CSV.

    Terms whose evidence is all under licences that the target does not take are left out and
    counted, and so are those that the graph has overtaken. CSV has no blank cell, which would
    empty what is there: where items get different edits, each command has a table of its own,
    beside the named file. Raises `UsageError` where that is no file.
    """
    place = Delivery(workspace, "export quickstatements", options, EDIT_FORMATS, "v1")
    summary = quickstatements.summary(options.summary, options.batch)
    noted = _noted(options)
    carried = (
        quickstatements.obstacle_in_commands
        if place.format == "v1"
        else quickstatements.obstacle_in_table
    )
    with workspace.store.snapshot() as store:
        edits = partial(_edits, place, store, options, carried)

        def table(columns: list[str], scope: Scope) -> Iterator[bytes]:
            return quickstatements.table(columns, edits(ExportCounts(), scope), summary)

        def table_of(command: str) -> Iterator[bytes]:
            kinds = (KINDS[command[0]],)
            return table([command], replace(place.scope, languages=(command[1:],), kinds=kinds))

        counts = ExportCounts(refused=overtaken(store, place.scope))
        written = partial(_written, counts)
        if place.format == "v1":
            commands = quickstatements.version1(edits(counts, place.scope), summary)
            return place.write(commands, written, counts.refused, **noted)
        # What is in the tables decides how many there are, so the edits are gone through before.
        tables = quickstatements.tables_of(edits(counts, place.scope))
        if tables.alike or options.dry_run:
            chunks = () if options.dry_run else table(tables.columns[0], place.scope)
            report = place.write(chunks, written, counts.refused, **noted)
            _remark_on_older_tables(workspace, options.output, ())
            return report
        path = Path(options.output)
        if options.output == writing.STDOUT or path.exists() != path.is_file():
            raise UsageError(
                f"These edits need {len(tables.edits)} tables, for a blank cell would empty what "
                f"is there: name a file for them ({path} is none), narrow them with --languages "
                "and --kinds, or take --format v1."
            )
        names = {writing.marked(options.output, command): command for [command] in tables.columns}
        report = place.write_all(
            {name: table_of(command) for name, command in names.items()},
            {name: tables.edits[command] for name, command in names.items()},
            written,
            counts.refused,
            **noted,
        )
        workspace.progress.remark(
            "A blank cell would empty what is there, so each command has a table of its own."
        )
        _remark_on_older_tables(workspace, options.output, names)
        return report


def export_wbeditentity(workspace: Workspace, options: EditOptions) -> ExportReport:
    """Write the accepted terms as requests to the API of a Wikibase, an entity a line.

    What is left out is what `export_quickstatements` leaves out, but for the limits of its
    formats.
    """
    place = Delivery(workspace, "export wbeditentity", options, REQUEST_FORMATS, "jsonl")
    summary = edit_summary(options.summary, options.batch)
    with workspace.store.snapshot() as store:
        counts = ExportCounts(refused=overtaken(store, place.scope))
        found = _edits(place, store, options, lambda edit: "", counts, place.scope)
        return place.write(
            wbeditentity.requests(found, partial(revisions, store), summary),
            partial(_written, counts),
            counts.refused,
            **_noted(options),
        )


def _edits(
    place: Delivery,
    store: Store,
    options: EditOptions,
    obstacle_of: Callable[[Edit], str],
    counts: ExportCounts,
    scope: Scope,
) -> Iterator[Edit]:
    states = ("accepted", "proposed") if options.proposed else ("accepted",)
    rows = provenance_rows(store, scope, states=states, minimum=options.minimum)
    return edits(
        place.watched(rows, "writing edits"),
        place.workspace.settings.target.licence,
        counts,
        obstacle_of,
        allowed=options.allowed,
    )


def _noted(options: EditOptions) -> dict[str, Any]:
    names = ("minimum", "proposed", "allowed")
    return {name: getattr(options, name) for name in names}


def _written(counts: ExportCounts) -> dict[str, int]:
    return {"edits": counts.terms, "replacing": counts.replacing}


def _remark_on_older_tables(workspace: Workspace, output: str, written: Collection[str]) -> None:
    """Tables of an export before this one would be uploaded with it. They are left to their
    owner."""
    start, end = Path(writing.marked(output, "\0")).name.split("\0")
    table = re.compile(rf"{re.escape(start)}[LDA][a-z-]+{re.escape(end)}")
    ours = {Path(name).name for name in written or (output,)}
    whole = Path(output).name
    folder = Path(output).parent
    beside = folder.iterdir() if folder.is_dir() and output != writing.STDOUT else ()
    older = sorted(
        p.name
        for p in beside
        if (p.name == whole or table.fullmatch(p.name)) and p.name not in ours
    )
    if older:
        names = ", ".join(older)
        workspace.progress.remark(
            f"Older tables lie beside, which are no part of this export: {names}.", grave=True
        )
