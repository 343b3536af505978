"""The report of a run as one HTML page, without scripts or anything from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgenrich.escaping import bounded
from kgenrich.languages import bcp47
from kgenrich.languages import name as language_name
from kgenrich.masking import mask
from kgenrich.report.charts import coverage_plot, plural, reliability_plot, sources_plot
from kgenrich.report.facts import CoverageFacts, RunReport

if TYPE_CHECKING:
    from jinja2 import Template

_STATUS = {
    "done": "Done",
    "partly": "Partly done: a budget came first",
    "stopped": "Stopped early; the rest goes on next time",
    "failed": "Failed",
    "running": "Running",
}
"""What a status is to people; how they look is in the template."""


def render(report: RunReport) -> bytes:
    """The page: the same bytes for the same report."""
    codes = {row.language for row in report.outcomes} | {report.waiting.language}
    kinds = list(dict.fromkeys(row.kind for row in report.coverage))
    return (
        _template()
        .render(
            report=report,
            told=_STATUS.get(report.run.status, report.run.status),
            coverage={
                kind: (rows, _plot(coverage_plot(rows, kind)))
                for kind in kinds
                for rows in [[row for row in report.coverage if row.kind == kind]]
            },
            names={code: language_name(code) for code in codes},
            decided=_decided(report),
            sources_plot=_plot(sources_plot([row for row in report.sources if row.proposals])),
            held_out_plot=_plot(reliability_plot("held-out", report.held_out.reliability))
            if report.held_out
            else "",
            reviewed_plot=_plot(reliability_plot("reviewed", [report.reviewed]))
            if report.reviewed
            else "",
        )
        .encode()
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "text": _text,
        "number": lambda value: f"{value:,}",
        "percent": lambda value: "" if value is None else f"{value:.1%}",
        "points": _points,
        "time": lambda at: at.replace("T", " ").replace("+00:00", " UTC"),
        "seconds": _seconds,
        "money": lambda value: f"{value:,.4f}".rstrip("0").rstrip("."),
        "language": bcp47,
        "plural": plural,
    }
    environment.filters |= filters
    return environment.get_template("page.html.j2")


def _plot(svg: str) -> Any:
    """A picture goes in as it is: only our own words are in it, escaped."""
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704


def _text(value: object) -> str:
    """Text of others on one line, bounded, without passwords; the template escapes it."""
    return bounded(mask(str(value)))


def _points(row: CoverageFacts) -> str:
    """By how many percentage points the coverage has grown, empty where nobody knows."""
    if row.share_before is None:
        return ""
    change = round(100 * (row.share - row.share_before), 2)
    # A minus as wide as the plus.
    return f"{change:+.2f}".replace("-", "\u2212") if change else "0"


def _seconds(value: float) -> str:
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if not (hours or minutes):
        return f"{value:.1f} s"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def _decided(report: RunReport) -> dict[str, int]:
    names = ("proposed", "accepted", "edited", "rejected", "by_policy")
    return {name: sum(getattr(row, name) for row in report.outcomes) for name in names}
