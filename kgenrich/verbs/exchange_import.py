"""Reading what came back from people who work elsewhere, and deciding as they did."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection

from kgenrich.errors import StoreError, UsageError
from kgenrich.exchange.formats import format_of
from kgenrich.exchange.unit import UnitAnswer
from kgenrich.model import Decision, Verdict
from kgenrich.store.keys import chunks
from kgenrich.store.rows import storable
from kgenrich.store.story.decisions import Saved, current_decisions, lock_places, save_decisions
from kgenrich.store.story.proposals import StoredProposal, save_proposals
from kgenrich.store.story.runs import now, running
from kgenrich.text import clean
from kgenrich.verbs.decide import author_named
from kgenrich.verbs.exchange_judgement import Judged, Judgement, JudgeOptions, Outcome
from kgenrich.verbs.workspace import Rows, Workspace

_PAGE = 500
_LONGEST = 200


class ImportOptions(JudgeOptions, frozen=True, kw_only=True):
    """Which ``file`` (or ``-``), in which ``format`` where its name does not say it. ``author`` is
    who decided, by default whom the file names, else the login."""

    format: str = ""
    author: str | None = None
    dry_run: bool = False


class ImportReport(Struct, frozen=True):
    """What became of the units of a file: ``counts`` by `Outcome`; ``rows`` are those that were
    not applied, with the reason (``why``) and the ``line``. ``decided`` decisions, ``new`` ones,
    and how many others they ``superseded``; ``action`` names them all, for
    `kgenrich.verbs.undoing.undo`."""

    file: str
    format: str
    counts: dict[str, int]
    rows: Rows
    decided: int
    new: int
    superseded: int
    dry_run: bool
    action: str = ""

    def as_json(self) -> dict[str, Any]:
        """The report as one mapping."""
        return asdict(self)


def import_units(workspace: Workspace, options: ImportOptions) -> ImportReport:
    """Decide as a file says that came back: what was approved is accepted, what was changed is
    edited, what was marked is rejected, and what was not touched is left.

    All is decided in one action or nothing. Raises `InputError` for a file that is not whole,
    `StoreError` where somebody decides at the same moment.
    """
    form = format_of(options.file, options.format)
    at, author = now(), storable(author_named(options.author))
    judgement = Judgement(workspace, options)
    counts: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    made = _Packed()

    progress = workspace.progress
    progress.begin("reading units")
    read = 0
    for page in chunks(form.module.read(options.file), _PAGE):
        decided: list[Decision] = []
        for judged in judgement.judge(page):
            counts[judged.outcome] += 1
            if judged.outcome.is_decision:
                decided.append(_decision(judged, options.author, author, at))
            elif judged.outcome.is_told:
                rows.append(_row(judged.answer, judged.outcome, judged.why, judged.stored))
        made.add(decided)
        read += len(page)
        progress.update(read)
        progress.checkpoint()
    if unmet := judgement.unmet:
        raise UsageError(f"The file has no unit {min(unmet)}, which --anyway names.")
    rows.sort(key=lambda row: row["line"])
    saved = Saved()
    if made and not options.dry_run:
        progress.begin("deciding")
        _propose(workspace, judgement.written, options)
        saved = save_decisions(workspace.store, made, _Unchanged(judgement.seen, made))
    return ImportReport(
        options.file,
        form.name,
        {str(one): counts[one] for one in Outcome if counts[one] or one.is_decision},
        Rows(rows),
        len(made),
        saved.new,
        len(saved.superseded),
        options.dry_run,
        saved.batch,
    )


def _propose(
    workspace: Workspace, written: Sequence[StoredProposal], options: ImportOptions
) -> None:
    """Keep what people wrote where nothing was proposed, as proposals of their own."""
    if written:
        scope = {"file": options.file, "format": options.format}
        with running(workspace.store, "exchange import", scope, "") as run:
            run.counts = {"written": len(written)}
            revisions = {one.proposal.candidate.entity: one.revision for one in written}
            save_proposals(workspace.store, run.id, [one.proposal for one in written], revisions)


class _Packed(Collection[Decision]):
    """Decisions in a fraction of the memory: all of a file wait until its end is read."""

    _decode = msgspec.msgpack.Decoder(list[Decision]).decode

    def __init__(self) -> None:
        self._pages: list[bytes] = []
        self._number = 0

    def add(self, page: Sequence[Decision]) -> None:
        """Keep these too."""
        self._pages.append(zlib.compress(msgspec.msgpack.encode(page), 1))
        self._number += len(page)

    def __iter__(self) -> Iterator[Decision]:
        for page in self._pages:
            yield from self._decode(zlib.decompress(page))

    def __len__(self) -> int:
        return self._number

    def __contains__(self, one: object) -> bool:
        return any(one == held for held in self)


class _Unchanged:
    """Refuses what somebody decided on since it was read."""

    def __init__(self, seen: dict[str, Decision | None], made: Iterable[Decision]) -> None:
        self._seen, self._made = seen, made

    @cached_property
    def _ours(self) -> set[tuple[str, Verdict, str]]:
        return {(one.candidate, one.verdict, one.text) for one in self._made}

    def __call__(self, connection: Connection, ids: Iterable[str]) -> None:
        for id, held in current_decisions(connection, lock_places(connection, [*ids])).items():
            if self._seen.get(id, held) != held and (id, held.verdict, held.text) not in self._ours:
                raise StoreError(
                    f"{held.author[:_LONGEST]} has decided on {held.text[:_LONGEST]!r} at this "
                    "moment. Nothing was applied: import again."
                )


def _decision(judged: Judged, given: str | None, author: str, at: str) -> Decision:
    answer, stored = judged.answer, judged.stored
    assert stored is not None  # noqa: S101 (a decision is on a candidate that there is)
    proposal = stored.proposal
    return Decision(
        candidate=proposal.candidate.id,
        verdict=judged.outcome.verdict,
        author=author if given else _author(answer.author) or author,
        text=judged.text,
        at=_moment(answer.at, at),
        comment=clean(answer.comment),
        score=proposal.score,
        probability=proposal.probability,
        ranker=proposal.ranker,
        revision=stored.revision,
        replaces=judged.replaces,
        reason=judged.reason,
    )


def _author(name: str) -> str:
    """Whom a file names; nobody who would pass for a policy."""
    name = clean(name)[:_LONGEST]
    return "" if name.lower().startswith("policy") else name


def _moment(said: str, otherwise: str) -> str:
    """A time that a file says, in UTC to the second; one that is none, or is to come, is now."""
    try:
        read = datetime.fromisoformat(said.strip())
    except ValueError:
        return otherwise
    read = read if read.tzinfo else read.replace(tzinfo=UTC)
    try:
        moment = read.astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:
        return otherwise
    return min(moment, otherwise)


def _row(
    answer: UnitAnswer, outcome: Outcome, why: str, stored: StoredProposal | None = None
) -> dict[str, Any]:
    candidate = stored.proposal.candidate if stored else None
    return {
        "line": answer.position,
        "candidate": candidate.id if candidate else answer.id[:_LONGEST],
        "entity": candidate.entity if candidate else answer.entity[:_LONGEST],
        "language": candidate.language if candidate else answer.language[:_LONGEST],
        "kind": str(candidate.kind if candidate else answer.kind or ""),
        "text": answer.text,
        "outcome": str(outcome),
        "why": why,
    }
