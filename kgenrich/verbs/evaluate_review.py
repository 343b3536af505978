"""What people's decisions say of each source, slice and reviewer."""

from __future__ import annotations

from typing import Any

from kgenrich.evaluate.review import plot, report
from kgenrich.export.writing import write
from kgenrich.store.story.judgements import judgements
from kgenrich.verbs.workspace import Options, Workspace


class EvaluateReviewOptions(Options, frozen=True, kw_only=True):
    """``plot`` is a file for the share that was right by probability, as SVG."""

    plot: str | None = None


def evaluate_review(workspace: Workspace, options: EvaluateReviewOptions) -> dict[str, Any]:
    """Precision at thresholds, agreement and time of what people decided
    (`kgenrich.evaluate.review.report`). What rules decided is left out."""
    found = judgements(workspace.store)
    if options.plot:
        write(options.plot, [plot(found).encode()])
    return report(found)
