"""The review queue, and what people and policies decide of it."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from kgenrich.consensus.validators import meaning
from kgenrich.enrich.revalidation import STALE, RevalidatedProposal
from kgenrich.errors import UsageError
from kgenrich.model import Decision, RejectReason, TermKind, Verdict, is_hard
from kgenrich.store.story.authors import policy_author
from kgenrich.store.story.decisions import Saved, refuse_decided, save_decisions
from kgenrich.store.story.known import find_shown
from kgenrich.store.story.policies import DEFAULT, policies
from kgenrich.store.story.proposals import Filters, count_proposals, proposals
from kgenrich.store.story.queue_counts import DEFAULT_FLOOR
from kgenrich.store.story.runs import now
from kgenrich.text import clean
from kgenrich.verbs.arguments import (
    ScopeOptions,
    entity_descriptions,
    entity_labels,
    read_scope,
    reader_language,
)
from kgenrich.verbs.revalidation import revalidate
from kgenrich.verbs.workspace import Count, Rows, Share, Workspace

RIVAL = "another candidate for the same term"
PEOPLE = "a term of a language in which people decide"


class PolicyOptions(ScopeOptions, frozen=True, kw_only=True):
    """Which proposals: of a probability of ``over`` or more and ``under`` less, supported by at
    least ``from_kinds`` kinds of source, at most ``limit``."""

    over: Share | None = None
    under: Share | None = None
    from_kinds: Count = 1
    limit: Count | None = None

    def filters(self) -> Filters:
        """Open first choices that nothing spoke against when they were made; others a person must
        name."""
        return {
            "minimum": self.over or 0.0,
            "below": self.under,
            "from_kinds": self.from_kinds,
            "firsts": True,
            "state": "open",
        }


class QueueOptions(PolicyOptions, frozen=True, kw_only=True):
    """``every``: also those that were decided, and those that something spoke against when they
    were made. Without ``over``, ``under`` or ``every`` those of a probability under `FLOOR` are
    left out. ``reader`` is the language in which entities are named, ``offset`` how many rows are
    passed."""

    every: bool = False
    reader: str = ""
    offset: Annotated[int, Meta(ge=0)] = 0

    def filters(self) -> Filters:
        filters = super().filters()
        if self.every:
            return filters | {"state": "all", "firsts": False}
        if self.over is None and self.under is None:
            return filters | {"minimum": FLOOR}
        return filters


FLOOR = DEFAULT_FLOOR
"""From this probability on proposals are listed unless others are asked for."""

LOOKED_AT = frozenset({"W-script", "W-qualifier", "W-copy", "W-foreign"})
"""Objections that keep a term from every policy unless it is asked for."""


class DecideOptions(PolicyOptions, frozen=True, kw_only=True):
    """What is decided: named ``candidates`` (ids, or the first digits of them), to `edit` one in
    the wording ``text``; or else all open ones that a policy admits. ``anyway``: also where the
    entity was changed since the proposal. A policy leaves what is to be looked at (`LOOKED_AT`)
    to people but for the codes in ``despite``. ``reason`` is a code (`RejectReason`) for what is
    rejected. ``unless_decided``: not where somebody has decided on the term. ``writes``: named ones
    only in these languages (none: all)."""

    candidates: tuple[str, ...] = ()
    reason: str = ""
    unless_decided: bool = False
    writes: tuple[str, ...] = ()
    text: str | None = None
    author: str | None = None
    comment: str = ""
    anyway: bool = False
    despite: tuple[str, ...] = ()
    dry_run: bool = False


class DecideReport(Struct, frozen=True):
    """How many were ``decided``, ``new`` ones, earlier decisions ``superseded`` and candidates
    ``left_out`` by reason; ``waiting`` for what others say are those of the new ones that are but
    opinions; ``replacing`` are those of the decided that take the place of a label
    of the graph. ``policy`` says whether a policy chose them; ``made`` are the decisions
    with what they are on, ``replaced`` the superseded ones. ``action`` names them all, for
    `kgenrich.verbs.undoing.undo`."""

    decided: int
    new: int
    superseded: int
    left_out: dict[str, int]
    dry_run: bool
    policy: bool = False
    made: tuple[tuple[RevalidatedProposal, Decision], ...] = ()
    replaced: tuple[Decision, ...] = ()
    action: str = ""
    waiting: int = 0

    @property
    def replacing(self) -> int:
        """How many would take the place of a label of the graph."""
        return sum(bool(d.replaces) and d.verdict is not Verdict.REJECT for _, d in self.made)

    def __repr__(self) -> str:
        return f"DecideReport({self.as_json()})"

    def as_json(self) -> dict[str, Any]:
        """The counts."""
        names = ["decided", "new", "replacing", "superseded", "left_out", "dry_run", "action"]
        names += ["waiting"]
        return {name: getattr(self, name) for name in names}


def queue(workspace: Workspace, options: QueueOptions) -> Rows:
    """Open proposals, the best of each request, most linked entities first, as rows.

    ``codes`` are the objections that hold now, ``decision`` the one that holds; ``total`` counts
    what a ``limit`` left out, too.
    """
    store, filters = workspace.store, options.filters()
    scope, reader = read_scope(workspace, options), reader_language(options.reader)
    end = None if options.limit is None else options.offset + options.limit
    stored = islice(proposals(store, scope, limit=end, **filters), options.offset, None)
    current = list(revalidate(workspace, stored))
    ids = {row.stored.proposal.candidate.entity for row in current}
    labels = entity_labels(workspace, ids, reader)
    descriptions = entity_descriptions(workspace, ids, reader)
    rows = [_row(row, labels, descriptions) for row in current]
    if len(rows) == options.limit or (options.offset and not rows):
        return Rows(rows, count_proposals(store, scope, **filters))
    return Rows(rows, options.offset + len(rows))


def accept(workspace: Workspace, options: DecideOptions) -> DecideReport:
    """Accept candidates by id, or all open ones that a policy admits.

    Raises `UsageError` for a named one that must not be written.
    """
    return _decide(workspace, Verdict.ACCEPT, options)


def reject(workspace: Workspace, options: DecideOptions) -> DecideReport:
    """Reject candidates by id, or all open ones that a policy admits."""
    return _decide(workspace, Verdict.REJECT, options)


def edit(workspace: Workspace, options: DecideOptions) -> DecideReport:
    """Accept one candidate in another wording, as Wikibase would store it. The wording that it has
    is accepted.

    Raises `UsageError` where that must not be written.
    """
    return _decide(workspace, Verdict.EDIT, options)


def leave_open(workspace: Workspace, verdict: Verdict, options: DecideOptions) -> DecideReport:
    """Say of named candidates what leaves them open: that one is unsure, wants to discuss it
    (``comment``), or that what was decided is open again."""
    if _policy(options):
        raise UsageError("Only candidates that are named can be left open, none by policy.")
    return _decide(workspace, verdict, options)


def _decide(workspace: Workspace, verdict: Verdict, options: DecideOptions) -> DecideReport:
    policy = _policy(options)
    if bool(options.candidates) == bool(policy):
        raise UsageError("Name candidates, or give a policy such as --over 0.95; not both.")
    if (verdict is Verdict.EDIT) != (options.text is not None and len(options.candidates) == 1):
        raise UsageError("To edit, name one candidate and give the text that it shall have.")
    left_out: Counter[str] = Counter()
    text = None if options.text is None else clean(options.text)
    if policy:
        rows = _chosen(workspace, verdict, options, left_out)
    else:
        rows = _named(workspace, verdict, options, text)
    author = author_named(options.author)
    if policy:
        author = policy_author(policy, author)
    report = decide_rows(workspace, verdict, rows, options, author, text)
    return replace(report, left_out=dict(left_out), policy=bool(policy))


def decide_rows(
    workspace: Workspace,
    verdict: Verdict,
    rows: Sequence[RevalidatedProposal],
    options: DecideOptions,
    author: str,
    text: str | None = None,
) -> DecideReport:
    """Decide on these proposals as one action, in the wording ``text`` where there is one."""
    reason = _reason(verdict, options)
    at = now()
    made = [
        Decision(
            candidate=proposal.candidate.id,
            verdict=_verdict(verdict, proposal.candidate.text, text),
            author=author,
            text=proposal.candidate.text if text is None else text,
            at=at,
            comment=options.comment,
            score=proposal.score,
            probability=proposal.probability,
            ranker=proposal.ranker,
            revision=row.stored.revision,
            replaces=row.replaces,
            reason=reason,
        )
        for row in rows
        for proposal in [row.stored.proposal]
    ]
    check = refuse_decided if options.unless_decided else None
    saved = Saved() if options.dry_run else save_decisions(workspace.store, made, check)
    return DecideReport(
        len(made),
        saved.new,
        len(saved.superseded),
        {},
        options.dry_run,
        made=tuple(zip(rows, made, strict=True)),
        replaced=saved.superseded,
        action=saved.batch,
        waiting=saved.waiting,
    )


def _verdict(verdict: Verdict, proposed: str, text: str | None) -> Verdict:
    return Verdict.ACCEPT if verdict is Verdict.EDIT and text == proposed else verdict


def author_named(given: str | None) -> str:
    """Who decides: the name that is given, else that of the login. Raises `UsageError` where there
    is neither."""
    try:
        return given or getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError("Who decides? There is no login name here: give --author.") from error


def read_despite(codes: Collection[str]) -> None:
    """Raises `UsageError` for a code that keeps nothing from a policy."""
    if unknown := [code for code in codes if code not in LOOKED_AT]:
        known = ", ".join(sorted(LOOKED_AT))
        raise UsageError(f"{unknown[0]!r} keeps nothing from a policy: despite is of {known}.")


def _reason(verdict: Verdict, options: DecideOptions) -> str:
    if options.reason and verdict is not Verdict.REJECT:
        raise UsageError("A reason is given for what is rejected.")
    if options.reason and options.reason not in set(RejectReason):
        known = ", ".join(RejectReason)
        raise UsageError(f"There is no reason {options.reason!r}: use {known}.")
    return options.reason


def _named(
    workspace: Workspace, verdict: Verdict, options: DecideOptions, text: str | None
) -> list[RevalidatedProposal]:
    """The candidates that are named; `UsageError` for one that must not be written."""
    store = workspace.store
    stored = [find_shown(store, candidate) for candidate in options.candidates]
    for one in stored if options.writes else ():
        if (language := one.proposal.candidate.language) not in options.writes:
            raise UsageError(f"{options.author} was not invited to decide on {language}.")
    rows = list(revalidate(workspace, stored, text))
    for row in rows if verdict in (Verdict.ACCEPT, Verdict.EDIT) else ():
        if hard := [c for c in row.codes if is_hard(c) and not (options.anyway and c == STALE)]:
            candidate = row.stored.proposal.candidate
            wording = candidate.text if text is None else text
            reasons = "; ".join(f"{code}: {meaning(code)}" for code in hard)
            way = " Enrich again, or give --anyway." if hard == [STALE] else ""
            raise UsageError(
                f"{wording[:200]!r} cannot be the {candidate.language} {candidate.kind} of "
                f"{candidate.entity} ({reasons}).{way}"
            )
    return rows


def _chosen(
    workspace: Workspace, verdict: Verdict, options: DecideOptions, left_out: Counter[str]
) -> list[RevalidatedProposal]:
    """Those that the policy admits; what may not be written is counted in ``left_out``."""
    if options.anyway:
        raise UsageError("--anyway is for candidates that are named, not for a policy.")
    read_despite(options.despite)
    store, filters = workspace.store, options.filters()
    if verdict is not Verdict.REJECT:
        filters["gone"] = True
    stored = proposals(store, read_scope(workspace, options), **filters)
    rows = _of_rules(workspace, revalidate(workspace, stored), left_out)
    admitted = rows if verdict is Verdict.REJECT else _admitted(rows, left_out, options.despite)
    return list(islice(admitted, options.limit))


def _of_rules(
    workspace: Workspace, rows: Iterable[RevalidatedProposal], left_out: Counter[str]
) -> Iterator[RevalidatedProposal]:
    """Those of languages in which not only people decide; others are counted."""
    by_language = policies(workspace.store)
    default = by_language.get("", DEFAULT)
    for row in rows:
        policy = by_language.get(row.stored.proposal.candidate.language, default)
        if policy.reviewers or policy.is_shared:
            left_out[PEOPLE] += 1
        else:
            yield row


def _policy(options: DecideOptions) -> str:
    """The policy in words, as the author of its decisions; empty where there is none."""
    return ", ".join(
        f"{name.replace('_', ' ')} {'+'.join(value) if isinstance(value, tuple) else value}"
        for name, default in asdict(PolicyOptions()).items()
        if (value := getattr(options, name)) != default
    )


def _row(
    row: RevalidatedProposal, labels: dict[str, str], descriptions: dict[str, str]
) -> dict[str, Any]:
    proposal = row.stored.proposal
    candidate = proposal.candidate
    return {
        "candidate": candidate.id,
        "entity": candidate.entity,
        "label": labels.get(candidate.entity, ""),
        "description": descriptions.get(candidate.entity, ""),
        "language": candidate.language,
        "kind": str(candidate.kind),
        "text": candidate.text,
        "replaces": row.replaces,
        "probability": proposal.probability,
        "score": proposal.score,
        "votes": dict(proposal.votes),
        "codes": row.codes,
        "reasons": proposal.reasons,
        "decision": msgspec.to_builtins(row.stored.decision),
    }


def _admitted(
    rows: Iterable[RevalidatedProposal], left_out: Counter[str], despite: Collection[str]
) -> Iterator[RevalidatedProposal]:
    """Those that may be written and that no objection keeps from a policy, one for each label or
    description; others are counted."""
    taken = set()
    for row in rows:
        candidate = row.stored.proposal.candidate
        place = (candidate.entity, candidate.language, candidate.kind)
        if kept := [c for c in row.codes if is_hard(c) or c in LOOKED_AT - {*despite}]:
            left_out[kept[0]] += 1
        elif place in taken:
            left_out[RIVAL] += 1
        else:
            if candidate.kind is not TermKind.ALIAS:
                taken.add(place)
            yield row
