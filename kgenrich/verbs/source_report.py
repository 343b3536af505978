"""What became of each source that a verb asked."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector


class SourceReport(Struct, frozen=True, omit_defaults=True):
    """What became of one source: requests ``asked``, answered from what is ``remembered``,
    ``failed``, with how many by reason (``failures``); why it was ``stopped``, and whether for its
    budget (``spent``); its ``calls`` and their ``cost`` where it counts them; the ``host`` that it
    asks, with the key in ``key_env``."""

    asked: int
    remembered: int
    failed: int
    stopped: str
    failures: dict[str, int] = {}
    spent: bool = False
    calls: int | None = None
    cost: float | None = None
    host: str = ""
    key_env: str = ""


def source_reports(
    sources: Iterable[Source], collector: CandidateCollector
) -> dict[str, SourceReport]:
    """The reports by the names of the sources."""
    return {source.name: _report(source, collector) for source in sources}


def _report(source: Source, collector: CandidateCollector) -> SourceReport:
    name = source.name
    failures = {why: n for (failed, why), n in sorted(collector.failures.items()) if failed == name}
    budget = getattr(source, "budget", None)
    return SourceReport(
        collector.asked.get(name, 0),
        collector.remembered.get(name, 0),
        sum(failures.values()),
        collector.stopped.get(name, ""),
        failures,
        name in collector.spent,
        None if budget is None else budget.calls,
        None if budget is None else round(budget.cost, 9),
        getattr(source, "host", ""),
        getattr(source, "key_env", ""),
    )
