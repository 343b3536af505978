"""Alike proposals decided together: groups, a sample to look at, and one action for all of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.model import TermKind, Verdict, content_id
from kgenrich.store.story.alike import alike as alike_items
from kgenrich.store.story.alike import groups as alike_groups
from kgenrich.store.story.known import find_shown, known_item
from kgenrich.store.story.proposals import proposals_of
from kgenrich.store.story.queue import candidates_of, find_item, ids_of, source_names
from kgenrich.store.story.queue_counts import Item
from kgenrich.verbs.decide import DecideOptions, DecideReport, author_named, decide_rows
from kgenrich.verbs.revalidation import revalidate
from kgenrich.verbs.review import ReviewOptions, Wording, labelled, masked_label, read_filter
from kgenrich.verbs.workspace import Workspace

SAMPLE = 5
_GROUPS = 50
CHANGED = "The group has changed since you saw it: look at it again."


class Group(Struct, frozen=True):
    """Proposals that are alike: how many, one of them (``candidate``), and what they share; the
    ``text`` of descriptions."""

    candidate: str
    language: str
    kind: TermKind
    classes: tuple[Wording, ...]
    sources: tuple[str, ...]
    text: str
    number: int


class Sampled(Struct, frozen=True):
    """A proposal of a group, as a sample has it."""

    candidate: str
    entity: str
    label: Wording
    text: Wording
    probability: float


class Sample(Struct, frozen=True):
    """A group with some of its proposals. ``stamp`` stands for all of them: they are decided as
    long as they are the same."""

    group: Group
    shown: tuple[Sampled, ...]
    stamp: str


class AlikeOptions(ReviewOptions, frozen=True, kw_only=True):
    """What is like ``candidate``, under the filter of a review; decided by ``author``, who has seen
    the sample with this ``stamp``. ``reason`` is a code, which rejecting needs."""

    candidate: str
    author: str | None = None
    stamp: str = ""
    reason: str = ""
    comment: str = ""
    dry_run: bool = False


def groups(
    workspace: Workspace, options: ReviewOptions, readers: Sequence[str], reviewer: str
) -> tuple[Group, ...]:
    """The largest groups of a filter, each of at least three."""
    store, chosen = workspace.store, read_filter(workspace, options)
    found = alike_groups(store, chosen, reviewer, time.time())[:_GROUPS]
    return tuple(_group(workspace, members[0], len(members), readers) for members in found)


def sample(workspace: Workspace, options: AlikeOptions, readers: Sequence[str]) -> Sample:
    """What is like a candidate, with a sample that is spread over all of it. Raises `UsageError`
    for a candidate that is not in the queue, or that something speaks against."""
    like, members = _members(workspace, options)
    step = max(len(members) / SAMPLE, 1.0)
    spread = [members[int(n * step)] for n in range(min(SAMPLE, len(members)))]
    told = candidates_of(workspace.store, [item.candidate_id for item in spread])
    labels = labelled(workspace.store, {one.entity for one in told.values()}, readers)
    if known_item(workspace.store, like.candidate_id) and like.candidate_id in told:
        mine = told[like.candidate_id]
        labels[mine.entity] = masked_label(workspace, mine, readers)
    shown = tuple(
        Sampled(
            item.candidate_id,
            one.entity,
            labels[one.entity],
            Wording(one.text, one.language),
            item.probability,
        )
        for item in spread
        for one in [told[item.candidate_id]]
    )
    return Sample(_group(workspace, like, len(members), readers), shown, _stamp(members))


def accept_alike(workspace: Workspace, options: AlikeOptions) -> DecideReport:
    """Accept everything that is like a candidate, but for what something speaks against now, as one
    action. Raises `UsageError` where it is no longer what was seen."""
    return _decide(workspace, Verdict.ACCEPT, options)


def reject_alike(workspace: Workspace, options: AlikeOptions) -> DecideReport:
    """Reject it all for a reason. Raises as `accept_alike`, and without a reason."""
    if not options.reason:
        raise UsageError("Many at once are rejected for a reason: `kgenrich decide reasons`.")
    return _decide(workspace, Verdict.REJECT, options)


def _decide(workspace: Workspace, verdict: Verdict, options: AlikeOptions) -> DecideReport:
    _, members = _members(workspace, options)
    if options.stamp != _stamp(members):
        raise UsageError(CHANGED)
    ids = [item.candidate_id for item in members]
    stored = proposals_of(workspace.store, ids)
    # The first may be of a known term.
    if not stored or stored[0].proposal.candidate.id != ids[0]:
        stored = [find_shown(workspace.store, ids[0]), *stored]
    left_out: Counter[str] = Counter()
    rows = []
    for row in revalidate(workspace, stored):
        if row.codes and verdict is Verdict.ACCEPT:
            left_out[row.codes[0]] += 1
        else:
            rows.append(row)
    decided = DecideOptions(
        comment=options.comment,
        reason=options.reason,
        unless_decided=True,
        dry_run=options.dry_run,
    )
    report = decide_rows(workspace, verdict, rows, decided, author_named(options.author))
    report.left_out.update(left_out)
    return report


def _members(workspace: Workspace, options: AlikeOptions) -> tuple[Item, list[Item]]:
    """The item of the candidate, and all that are like it."""
    store = workspace.store
    proposal = find_shown(store, options.candidate).proposal
    known = known_item(store, proposal.candidate.id)
    like = known or find_item(store, proposal.candidate.id)
    if like is None:
        raise UsageError("That proposal is not to be decided any more.")
    if like.codes.strip():
        raise UsageError("Something speaks against that proposal: it is decided by itself.")
    chosen, author = read_filter(workspace, options), author_named(options.author)
    found = alike_items(store, chosen, like, proposal.candidate.text, author, time.time())
    return like, [known, *found] if known else found


def _group(workspace: Workspace, one: Item, number: int, readers: Sequence[str]) -> Group:
    store = workspace.store
    language, kind = store.slots.term(one.slot)
    text = candidates_of(store, [one.candidate_id])[one.candidate_id].text
    classes = [*ids_of(store, map(int, one.classes.split())).values()]
    labels, names = labelled(store, classes, readers), source_names(store)
    return Group(
        one.candidate_id,
        language,
        kind,
        tuple(labels[id] for id in classes),
        tuple(sorted(names[number] for number in one.sources.split())),
        text if kind in (TermKind.DESCRIPTION, TermKind.DEFINITION) else "",
        number,
    )


def _stamp(members: Sequence[Item]) -> str:
    return content_id(*sorted(item.candidate_id for item in members))
