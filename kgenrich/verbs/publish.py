"""Publishing what people decided: plan it, send it, see how far it is, undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.export.edits import edit_summary
from kgenrich.model import ProvenanceRow
from kgenrich.publish import files
from kgenrich.publish.graphs import SparqlGraph
from kgenrich.publish.plan import Plan, PlannedTerm, make_plan, new_batch_id
from kgenrich.publish.send import Sender, Sent
from kgenrich.publish.wikis import ActionWiki, RestWiki
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.story import publishing as stored
from kgenrich.store.story.publishing import (
    BatchCounts,
    PublishBatch,
    PublishEdit,
    PublishState,
    PublishTerm,
)
from kgenrich.store.story.runs import now, running
from kgenrich.verbs.arguments import ScopeOptions, entity_labels, read_scope, reader_language
from kgenrich.verbs.decide import author_named
from kgenrich.verbs.delivery import Delivery, ExportOptions
from kgenrich.verbs.workspace import Count, Options, Rows, Workspace

_TICK = 1000
_LONGEST_SUMMARY = 200
"""Characters; a wiki cuts off what is over 500, the name of the batch first."""
NOWHERE = (
    "Nothing is sent anywhere: no target is set. For a wiki set `api` under [publish] in the "
    "settings (https://test.wikidata.org/w/api.php, say), for another graph `sparql`."
)


class PlanOptions(ScopeOptions, frozen=True, kw_only=True):
    """Which of the accepted terms, in at most ``limit`` edits. ``summary`` stands first in the
    summaries of the edits; evidence under an ``allowed`` licence counts whatever the target takes.
    ``output`` is a file that the plan is written to as well: requests (.jsonl) or QuickStatements
    (.tsv); ``force``: overwrite a file that is no export of this store."""

    limit: Count | None = None
    summary: str = ""
    allowed: tuple[str, ...] = ()
    author: str | None = None
    output: str = ""
    force: bool = False
    dry_run: bool = False


class PlanReport(Struct, frozen=True):
    """The ``batch`` (empty for a dry run, and where there is nothing to send), how many edits and
    terms are in it, and what was left out, by reason. ``rows`` are the terms, one a mapping."""

    batch: str
    interface: str
    target: str
    edits: int
    terms: int
    refused: dict[str, int]
    dry_run: bool
    rows: Rows
    path: str = ""

    def as_json(self) -> dict[str, Any]:
        """All of it as one mapping."""
        names = ("batch", "interface", "target", "edits", "terms", "refused", "dry_run", "path")
        return {**{name: getattr(self, name) for name in names}, "rows": list(self.rows)}


class BatchOptions(Options, frozen=True, kw_only=True):
    """A ``batch``, by its id or how it begins; at most ``limit`` of its edits."""

    batch: str
    limit: Count | None = None
    dry_run: bool = False


class SentReport(Struct, frozen=True):
    """What became of a batch: how many edits and terms are in which state, how many edits are left,
    and why it ``stopped`` before its end. Of a dry run ``rows`` are what would be sent."""

    batch: str
    reverts: str
    edits: dict[str, int]
    terms: dict[str, int]
    left: int
    stopped: str = ""
    dry_run: bool = False
    rows: Rows = Rows([])

    def as_json(self) -> dict[str, Any]:
        """All of it as one mapping."""
        names = ("batch", "reverts", "edits", "terms", "left", "stopped", "dry_run")
        told = {name: getattr(self, name) for name in names}
        return told | ({"rows": list(self.rows)} if self.dry_run else {})


class StatusOptions(Options, frozen=True, kw_only=True):
    """A ``batch``, or without one the latest ones, at most ``limit`` of them."""

    batch: str = ""
    limit: Count = 50


def plan(workspace: Workspace, options: PlanOptions) -> PlanReport:
    """Make a batch of edits, one an entity, of what people decided whose recorded languages cover
    source and target. Nothing is sent.

    Each decision is planned once. Raises as `read_scope` does.
    """
    store, settings = workspace.store, workspace.settings
    scope = read_scope(workspace, options)
    interface, target = target_of(settings)
    if len(options.summary) > _LONGEST_SUMMARY:
        raise UsageError(f"A summary has {_LONGEST_SUMMARY} characters at most beside our own.")
    place = _delivery(workspace, options)
    workspace.progress.begin("planning edits")

    def watched(rows: Iterable[ProvenanceRow]) -> Iterator[ProvenanceRow]:
        for number, row in enumerate(rows):
            if number % _TICK == 0:
                workspace.progress.update(number)
                workspace.progress.checkpoint()
            yield row

    with store.snapshot() as snapshot:
        made = make_plan(
            snapshot,
            settings,
            scope,
            in_wiki=interface != "sparql",
            allowed=options.allowed,
            limit=options.limit,
            text=options.summary,
            watched=watched,
        )
        rows = _plan_rows(workspace, made.edits, made.terms)
    batch = PublishBatch(
        id=made.batch,
        interface=interface,
        target=target,
        author=author_named(options.author),
        at=now(),
        summary=options.summary,
        scope={name: getattr(scope, name) for name in ("languages", "kinds", "class_id", "types")},
    )
    kept = bool(made.edits) and not options.dry_run
    if kept:
        stored.save_batch(store, batch, made.edits)
    path = ""
    if kept and place is not None:
        path = _write(place, made)
    return PlanReport(
        batch.id if kept else "",
        interface,
        target,
        len(made.edits),
        len(made.terms),
        dict(made.refused),
        options.dry_run,
        rows,
        path,
    )


def plan_and_run(
    workspace: Workspace, options: PlanOptions, *, send: bool
) -> tuple[dict[str, Any], str]:
    """Plan, and where it says ``send`` send what is left of all that the same author planned for
    this target. What was counted, and why it stopped before its end (empty: it did not)."""
    report = plan(workspace, options)
    counts: dict[str, Any] = {"planned": report.terms, "refused": report.refused}
    if not send:
        return counts, ""
    mine = author_named(options.author)
    for batch in reversed(stored.batches(workspace.store)):
        is_mine = (batch.author, batch.target) == (mine, report.target) and not batch.reverts
        if is_mine and stored.count_batch(workspace.store, batch.id).left:
            sent = run(workspace, BatchOptions(batch=batch.id))
            counts["written"] = counts.get("written", 0) + sent.terms.get("written", 0)
            if sent.stopped:
                return counts, sent.stopped
    return counts, ""


def run(workspace: Workspace, options: BatchOptions) -> SentReport:
    """Send what is left of a batch to the target of the settings.

    A run that was killed is taken up by the next one: what it may have sent is looked up first.
    Raises `UsageError` where no target is set, or another one than the batch was planned for.
    """
    return _run(workspace, stored.find_batch(workspace.store, options.batch), options)


def revert(workspace: Workspace, options: BatchOptions) -> SentReport:
    """Undo a batch: what was not sent is withdrawn, and what was is taken back where the target
    still has it as it was written. An undoing that came to no end goes on."""
    store = workspace.store
    batch = stored.find_batch(store, options.batch)
    if batch.reverts:
        raise UsageError(
            f"{batch.id} itself undoes {batch.reverts}: accept the terms again to publish them."
        )
    for undoing in stored.reverting(store, batch.id):
        if stored.count_batch(store, undoing.id).left:
            return _run(workspace, undoing, options)
    counts = stored.count_batch(store, batch.id)
    if options.dry_run:
        rows = _edit_rows(_undoing_edits(workspace, batch, batch.id))
        return SentReport("", batch.id, counts.edits, counts.terms, len(rows), "", True, rows)
    if PublishState.SENDING in counts.edits:
        # Whether they arrived has to be known first.
        _work(workspace, batch, Sender.look_up)
    stored.withdraw(store, batch.id, "the batch was undone")
    undoing = replace(batch, id=new_batch_id(), reverts=batch.id, at=now(), scope={})
    edits = list(_undoing_edits(workspace, batch, undoing.id))
    if not edits:
        counts = stored.count_batch(store, batch.id)
        return SentReport("", batch.id, counts.edits, counts.terms, 0)
    stored.save_batch(store, undoing, edits)
    return _run(workspace, undoing, options)


def status(workspace: Workspace, options: StatusOptions) -> Rows:
    """How far batches are, a row each, the last one first; of a named one its edits."""
    store = workspace.store
    if options.batch:
        batch = stored.find_batch(store, options.batch)
        return _edit_rows(stored.edits_of(store, batch.id))
    latest = stored.batches(store, options.limit)
    return Rows([_batch_row(one, stored.count_batch(store, one.id)) for one in latest])


def target_of(settings: Settings) -> tuple[str, str]:
    """The interface and the address of the target; ``action`` and no address where none is set."""
    publish = settings.publish
    if publish.rest:
        return "rest", publish.rest.rstrip("/")
    if publish.api or not publish.sparql:
        return "action", publish.api
    return "sparql", publish.sparql


def _run(workspace: Workspace, batch: PublishBatch, options: BatchOptions) -> SentReport:
    store = workspace.store
    if options.dry_run:
        counts = stored.count_batch(store, batch.id)
        rows = _edit_rows(stored.edits_of(store, batch.id, stored.OPEN))
        told = (counts.edits, counts.terms, counts.left)
        return SentReport(batch.id, batch.reverts, *told, "", True, rows)
    sent = _work(workspace, batch, lambda sender: sender.run(options.limit))
    return SentReport(batch.id, batch.reverts, sent.edits, sent.terms, sent.left, sent.stopped)


def _work(workspace: Workspace, batch: PublishBatch, work: Callable[[Sender], Sent]) -> Sent:
    """Do something with what sends a batch. One process at a time speaks to a target, so that the
    limit of edits a minute holds."""
    settings, publish = workspace.settings, workspace.settings.publish
    interface, target = target_of(settings)
    if not target:
        raise UsageError(NOWHERE)
    if batch.target not in ("", target):
        raise UsageError(
            f"{batch.id} was planned for {batch.target}, and the settings name {target}: plan anew."
        )
    store, progress = workspace.store, workspace.progress
    digest = settings.digest()
    with running(
        store, "publish run", {"target": target}, digest, alone=True, progress=progress
    ) as this:
        workspace.announce(urlsplit(target).netloc, settings.said_by("publish"))
        with _opened(interface, settings, store) as wiki:
            sender = Sender(
                store,
                wiki,
                batch,
                per_minute=publish.edits_per_minute,
                settle=publish.settle,
                progress=progress,
            )
            sent = work(sender)
        this.counts = {"batch": batch.id, "edits": sent.edits, "terms": sent.terms}
    return sent


def _opened(
    interface: str, settings: Settings, store: Store
) -> ActionWiki | RestWiki | SparqlGraph:
    if interface == "sparql":
        return SparqlGraph(settings, store)
    return RestWiki(settings) if interface == "rest" else ActionWiki(settings)


def _delivery(workspace: Workspace, options: PlanOptions) -> Delivery | None:
    """Where the plan is written to besides the store."""
    if not options.output:
        return None
    place = ExportOptions(output=options.output, force=options.force)
    return Delivery(workspace, "publish plan", place, files.FORMATS, "jsonl")


def _write(place: Delivery, plan: Plan) -> str:
    pieces = files.plan_as(place.format, place.workspace.store, plan, plan.refused)
    return place.write(pieces, lambda: {"edits": len(plan.terms)}, plan.refused).path


def _undoing_edits(workspace: Workspace, batch: PublishBatch, new_id: str) -> Iterator[PublishEdit]:
    summary = edit_summary(f"kgenrich: undoing batch {batch.id}", new_id)
    written = stored.edits_of(workspace.store, batch.id, [PublishState.WRITTEN])
    for place, edit in enumerate(written):
        yield PublishEdit(
            place=place,
            entity=edit.entity,
            terms=tuple(_undone(t) for t in edit.terms if t.state is PublishState.WRITTEN),
            summary=summary,
            base=edit.revision,
        )


def _undone(term: PublishTerm) -> PublishTerm:
    back = {"before": term.after, "after": term.before}
    return replace(term, state=PublishState.PLANNED, reason="", **back)


def _plan_rows(workspace: Workspace, edits: list[PublishEdit], terms: list[PlannedTerm]) -> Rows:
    labels = entity_labels(workspace, {edit.entity for edit in edits}, reader_language())
    bases = {edit.entity: edit.base for edit in edits}
    return Rows(
        [
            {
                "entity": term.edit.entity,
                "label": labels.get(term.edit.entity, ""),
                "language": term.edit.language,
                "kind": str(term.edit.kind),
                "text": term.edit.text,
                "replaces": term.replaces,
                "decided_by": term.row.decision.author if term.row.decision else "",
                "sources": sorted({one.evidence.source for one in term.row.evidence}),
                "candidate": term.row.term.candidate,
                "revision": bases[term.edit.entity],
            }
            for term in terms
        ]
    )


def _edit_rows(edits: Iterable[PublishEdit]) -> Rows:
    return Rows(
        [
            {
                "entity": edit.entity,
                "language": term.language,
                "kind": str(term.kind),
                "before": term.before,
                "after": term.after,
                "state": str(term.state),
                "revision": edit.revision,
                "reason": term.reason or edit.message,
                "candidate": term.candidate,
            }
            for edit in edits
            for term in edit.terms
        ]
    )


def _batch_row(batch: PublishBatch, counts: BatchCounts) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "at": batch.at,
        "author": batch.author,
        "target": batch.target,
        "undoes": batch.reverts,
        "edits": sum(counts.edits.values()),
        "left": counts.left,
        "states": counts.edits,
    }
