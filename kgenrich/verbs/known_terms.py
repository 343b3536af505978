"""Mixing known terms into the review queue, to measure people and probabilities."""

from __future__ import annotations

from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.enrich.steps import stored_collector
from kgenrich.evaluate.heldout.outcomes import hide
from kgenrich.model import Scope, content_id, is_refused
from kgenrich.store.keys import chunks
from kgenrich.store.story.known import KnownTerm, count_known, known_share, save_known, set_share
from kgenrich.store.story.runs import running
from kgenrich.verbs.arguments import read_kinds, read_languages
from kgenrich.verbs.assembly import make_consensus, make_sources
from kgenrich.verbs.workspace import Count, Options, Share, Workspace

_TOGETHER = 200


class MixOptions(Options, frozen=True, kw_only=True):
    """The ``share`` of what people are shown that is to be known; 0 mixes nothing in any more. At
    most ``limit`` terms are made known, of the first ``sample`` entities. A source whose calls are
    kept (a service, a model) is asked only when it is named."""

    share: Share = 0.05
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    limit: Count = 200
    sample: Count = 20_000


class MixReport(Struct, frozen=True):
    """The ``share``, how many known terms were added, and how many there are."""

    share: float
    added: int
    known: int

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        return asdict(self)


def mix_known(workspace: Workspace, options: MixOptions) -> MixReport:
    """Hide terms that the graph has, let the sources propose them, and show the proposals among the
    others. Raises as `read_languages`, `read_kinds` and `make_sources`."""
    settings, store = workspace.settings, workspace.store
    added = 0
    if options.share:
        languages = read_languages(workspace, options.languages)
        kinds = read_kinds(workspace, options.kinds)
        workspace.progress.begin("known terms")
        entities = list(islice(workspace.graph.entities(), options.sample))
        hidden = hide(entities, Scope(languages, kinds), roles=workspace.roles)
        every = zip(hidden.requests, hidden.gold, strict=True)
        # By hash: the same ones again, and of all classes.
        asked = sorted(every, key=lambda one: content_id("known", one[0].entity.id))
        least = settings.consensus.minimum_probability
        consensus = make_consensus(settings, kinds, store=store, minimum=least)
        with running(store, "review mix", {}, settings.digest()) as run:
            sources, _ = make_sources(
                settings, hidden.graph, languages, options.sources, roles=workspace.roles
            )
            free_only = not options.sources
            collector = stored_collector(
                store, run.id, sources, free_only=free_only, keep_free=False
            )
            for some in chunks(asked, _TOGETHER):
                made = []
                answers = collector.candidates([request for request, _ in some])
                for (request, held), candidates in zip(some, answers, strict=True):
                    proposals = tuple(consensus.propose(request, candidates))
                    if proposals and not is_refused(proposals[0].codes):
                        made.append(KnownTerm(proposals, held))
                added += save_known(store, run.id, made[: options.limit - added])
                workspace.progress.update(added)
                if added >= options.limit:
                    break
            run.counts["terms"] = added
    set_share(store, options.share)
    return MixReport(known_share(store), added, count_known(store))
