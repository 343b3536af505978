"""What came of a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from kgenrich.verbs.check import CheckReport
from kgenrich.verbs.enrich import EnrichReport
from kgenrich.verbs.source_report import SourceReport


class Outcome(Struct, frozen=True):
    """What a step counted; why it is ``failed`` all the same, and what it left (``partly``), each
    empty where it is not."""

    counts: Mapping[str, Any] = {}
    failed: str = ""
    partly: str = ""


def asked(report: EnrichReport | CheckReport, errors: float) -> Outcome:
    """What came of a step that asked sources, none of which may have failed for a larger share of
    its requests than ``errors``."""
    counts = msgspec.to_builtins(report)
    if isinstance(report, CheckReport):
        counts["names"] = len(report.names)
    faults = [_fault(name, source, errors) for name, source in report.sources.items()]
    spent = [name for name, source in report.sources.items() if source.spent]
    return Outcome(
        counts,
        " ".join(filter(None, faults)),
        f"The budget of {', '.join(spent)} is used up." if spent else "",
    )


def summed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What was counted before a step was broken off, with what was counted since.

    >>> summed({"new": 2, "sources": {"names": {"asked": 5}}}, {"new": 1, "failed": False})
    {'new': 3, 'sources': {'names': {'asked': 5}}, 'failed': False}
    """
    total = {**before, **now}
    for name in before.keys() & now.keys():
        old, new = before[name], now[name]
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            total[name] = summed(old, new)
        elif all(isinstance(one, int | float) and not isinstance(one, bool) for one in (old, new)):
            total[name] = old + new
    return total


def _fault(name: str, source: SourceReport, most: float) -> str:
    off = bool(source.stopped) and not source.spent
    share = 1.0 if off else source.failed / source.asked if source.asked else 0.0
    if share <= most:
        return ""
    if off:
        return f"{name} was off for the rest of it: {source.stopped}"
    worst = max(source.failures, key=lambda why: source.failures[why])
    return (
        f"{name} failed for {share:.1%} of {source.asked:,} requests, more than {most:.1%}: {worst}"
    )
