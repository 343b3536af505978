"""Asking the sources again for what is undecided under a filter."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kgenrich.model import TermKind
from kgenrich.store.story.queue import ids_of, items
from kgenrich.verbs.enrich import EnrichOptions, EnrichReport, enrich
from kgenrich.verbs.review import ReviewOptions, read_filter
from kgenrich.verbs.workspace import Workspace


class AskAgainOptions(ReviewOptions, frozen=True, kw_only=True):
    """The first ``limit`` items of a filter; ``sources`` by name (else all that are on), with
    budgets as `EnrichOptions` has them. ``unusable``: calls that brought no answer of use are made
    again, too."""

    sources: tuple[str, ...] = ()
    max_calls: tuple[str, ...] = ()
    max_cost: tuple[str, ...] = ()
    unusable: bool = False
    dry_run: bool = False
    limit: Annotated[int, Meta(ge=1, le=5000)] = 1000


class AskAgainReport(Struct, frozen=True):
    """How many undecided proposals were asked of again, and what came of it (None: there were
    none)."""

    items: int
    enriched: EnrichReport | None = None

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        told: dict[str, Any] = {"items": self.items, "requests": 0, "proposals": 0, "new": 0}
        names = ("requests", "proposals", "new") if self.enriched else ()
        return told | {name: getattr(self.enriched, name) for name in names}


def ask_again(workspace: Workspace, options: AskAgainOptions) -> AskAgainReport:
    """Ask the sources of what is undecided under a filter, with the calls that the store has: what
    was answered is not paid for twice. Raises as `read_filter` and `enrich`."""
    store = workspace.store
    found = items(store, read_filter(workspace, options), limit=options.limit)
    if not found:
        return AskAgainReport(0)
    terms = [store.slots.term(item.slot) for item in found]
    kinds = {kind for _, kind in terms}
    if TermKind.LABEL in kinds and not options.kinds:
        # They are proposed beside labels.
        kinds -= {TermKind.ALIAS}
    asked = EnrichOptions(
        languages=tuple(sorted({language for language, _ in terms})),
        kinds=tuple(sorted(map(str, kinds))),
        ids=tuple(sorted(ids_of(store, {item.entity_key for item in found}).values())),
        sources=options.sources,
        max_calls=options.max_calls,
        max_cost=options.max_cost,
        again="unusable" if options.unusable else "all",
        unharvested=True,
        dry_run=options.dry_run,
    )
    return AskAgainReport(len(found), enrich(workspace, asked))
