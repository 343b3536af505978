"""The edits that what people decided comes to, as a batch that can be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice
from secrets import token_hex

from msgspec import Struct, field
from msgspec.structs import replace

from kgenrich.export.counts import ExportCounts
from kgenrich.export.edits import Edit, edit_summary, edits_with_stories
from kgenrich.languages import CODES
from kgenrich.model import MUL, ProvenanceRow, Scope, TermKind
from kgenrich.publish.people import obstacle, recorded_languages
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import revisions
from kgenrich.store.keys import chunks
from kgenrich.store.story.exports import provenance_rows
from kgenrich.store.story.policies import POLICY_AUTHOR
from kgenrich.store.story.publishing import (
    PublishEdit,
    PublishTerm,
    accepted_decisions,
    planned_decisions,
)
from kgenrich.targets import profile_of

PLANNED_ALREADY = "in a batch already"
_CHUNK = 500


class PlannedTerm(Struct, frozen=True):
    """A term of a plan, with the row that tells its story."""

    edit: Edit
    row: ProvenanceRow
    decision: int

    @property
    def replaces(self) -> str:
        """The label of the graph that gives way."""
        return self.row.decision.replaces if self.row.decision else ""


class Plan(Struct, frozen=True):
    """The edits, one an entity, and the terms of each; what was left out, by reason."""

    batch: str
    edits: list[PublishEdit]
    terms: list[PlannedTerm]
    refused: Counter[str] = field(default_factory=Counter)


def new_batch_id() -> str:
    """A name for a batch, as EditGroups takes it."""
    return token_hex(6)


def make_plan(
    store: Store,
    settings: Settings,
    scope: Scope,
    *,
    in_wiki: bool = True,
    allowed: Collection[str] = (),
    limit: int | None = None,
    text: str = "",
    watched: Callable[[Iterable[ProvenanceRow]], Iterable[ProvenanceRow]] = iter,
) -> Plan:
    """What may be sent of the accepted terms in ``scope``, in at most ``limit`` edits; evidence
    under an ``allowed`` licence counts whatever the target takes. ``text`` stands in the summaries
    before what they are made from. The target is a wiki, or (not ``in_wiki``) any other graph."""
    counts = ExportCounts()
    rows = watched(provenance_rows(store, scope, states=("accepted",)))
    numbers: dict[str, int] = {}
    stories = edits_with_stories(
        _publishable(store, settings, rows, counts.refused, numbers),
        settings.target.licence,
        counts,
        lambda edit: target_obstacle(settings, edit, in_wiki=in_wiki),
        allowed=allowed,
        anywhere=not in_wiki,
    )
    batch = new_batch_id()
    edits: list[PublishEdit] = []
    terms: list[PlannedTerm] = []
    grouped = groupby(stories, lambda story: story[0].entity)
    for place, (entity, group) in enumerate(islice(grouped, limit)):
        mine = list(group)
        planned = [PlannedTerm(edit, row, numbers[row.term.candidate]) for edit, row in mine]
        terms += planned
        edits.append(
            PublishEdit(
                place=place,
                entity=entity,
                terms=tuple(map(_term, planned)),
                summary=summary_of(batch, [row for _, row in mine], text),
            )
        )
    return Plan(batch, _with_revisions(store, edits), terms, counts.refused)


def summary_of(batch: str, rows: Sequence[ProvenanceRow], text: str = "") -> str:
    """The summary of an edit: which kinds of source its terms come from, and that a person checked
    them where one did.

    >>> summary_of("0a1b2c3d4e5f", [])
    'kgenrich ([[:toolforge:editgroups/b/CB/0a1b2c3d4e5f|details]])'
    """
    kinds = sorted({str(one.evidence.kind) for row in rows for one in row.evidence})
    policy = any(
        row.decision is None or row.decision.author.startswith(POLICY_AUTHOR) for row in rows
    )
    words = [f"from {', '.join(_NAMES.get(kind, kind) for kind in kinds)}"] if kinds else []
    if rows:
        words.append("not checked by a person" if policy else "checked by a person")
    told = f"kgenrich: {'; '.join(words)}" if words else "kgenrich"
    return edit_summary(f"{text} ({told})" if text else told, batch)


_NAMES = {
    "graph": "the graph itself",
    "dictionary": "a dictionary",
    "mt": "machine translation",
    "search": "web pages",
    "llm": "a language model",
    "person": "a person",
}


def target_obstacle(settings: Settings, edit: Edit, *, in_wiki: bool = True) -> str:
    """Why the target cannot take an edit; empty for one that it can."""
    profile = profile_of(edit.entity, settings.target.profile)
    rules = profile.kinds.get(edit.kind)
    if rules is None:
        return f"a {edit.kind}, which {profile.title} has no place for"
    if in_wiki and edit.language not in CODES:
        return "a language that is none of Wikimedia's"
    if in_wiki and edit.language == MUL and edit.kind is TermKind.DESCRIPTION:
        return "a description for all languages"
    if len(edit.text) > (settings.target.max_length or rules.longest):
        return "longer than the target takes"
    return ""


def _publishable(
    store: Store,
    settings: Settings,
    rows: Iterable[ProvenanceRow],
    refused: Counter[str],
    numbers: dict[str, int],
) -> Iterator[ProvenanceRow]:
    """The rows that may be published and are in no batch yet; ``numbers`` gets their decisions'."""
    people = recorded_languages(store)
    for chunk in chunks(rows, _CHUNK):
        decided = accepted_decisions(store, [row.term.candidate for row in chunk])
        planned = planned_decisions(store, decided.values())
        for row in chunk:
            number = decided.get(row.term.candidate, 0)
            reason = PLANNED_ALREADY if number in planned else ""
            reason = reason or obstacle(row, people, policies=settings.publish.policies)
            if reason:
                refused[reason] += 1
            elif number:
                numbers[row.term.candidate] = number
                yield row


def _term(planned: PlannedTerm) -> PublishTerm:
    edit = planned.edit
    return PublishTerm(
        candidate=planned.row.term.candidate,
        decision=planned.decision,
        language=edit.language,
        kind=edit.kind,
        before=planned.replaces,
        after=edit.text,
    )


def _with_revisions(store: Store, edits: list[PublishEdit]) -> list[PublishEdit]:
    known = revisions(store, [edit.entity for edit in edits])
    return [replace(edit, base=known.get(edit.entity, 0)) for edit in edits]
