"""The pipeline: plan what is missing, ask the sources, form the consensus, store.

A run over the same graph with the same settings changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgenrich.consensus.consensus import Consensus
from kgenrich.enrich.plan import batches
from kgenrich.enrich.steps import Counts, Step, run_scope, run_steps
from kgenrich.model import Proposal, Scope, TermKind
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.store.base import Store


class EnrichCounts(Counts):
    """What happened: requests made, and those with a proposal, beside `Counts`."""

    requests: int = 0
    answered: int = 0

    @property
    def note(self) -> str:
        """See `Counts.note`."""
        return f"{self.proposals} proposals to {self.requests} missing terms"


def enrich(
    store: Store,
    sources: Sequence[Source],
    consensus: Consensus,
    scope: Scope,
    settings_hash: str,
    *,
    limit: int | None = None,
    batch: int = 200,
    dry_run: bool = False,
    progress: Progress = SILENT,
) -> tuple[EnrichCounts, CandidateCollector]:
    """Propose the missing terms of a scope that names languages and kinds; where aliases are not
    among them, those that are found beside a label.

    ``limit`` and ``batch`` count entities. Returns the counts and the collector, which knows what
    failed.
    """
    counts = EnrichCounts()
    beside = TermKind.ALIAS not in scope.kinds

    def steps(collector: CandidateCollector, position: str) -> Iterator[Step]:
        for asked in batches(store, scope, limit=limit, after=position, size=batch):
            proposals: list[Proposal] = []
            answers = collector.candidates(asked.requests)
            for request, candidates in zip(asked.requests, answers, strict=True):
                own = consensus.propose(request, candidates, aliases=beside)
                counts.answered += any(p.candidate.kind is request.kind for p in own)
                proposals += own
            counts.requests += len(asked.requests)
            entities = {request.entity.id: request.entity for request in asked.requests}
            yield Step(list(entities.values()), proposals, asked.position)

    told = run_scope(scope, sources, limit) | {
        "kinds": list(scope.kinds),
        "minimum": consensus.minimum,
        "ranker": consensus.ranker.name,
    }
    collector = run_steps(
        store, sources, "enrich", told, settings_hash, steps, counts, progress, dry_run=dry_run
    )
    return counts, collector
