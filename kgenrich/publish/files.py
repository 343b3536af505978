"""A plan as a file, for those who send it by other means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from kgenrich.export import quickstatements, wbeditentity
from kgenrich.publish.plan import Plan, summary_of
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import revisions

FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl", "tsv": "v1", "qs": "v1"}
"""By the ending of a file's name: requests to ``action=wbeditentity``, or QuickStatements."""


def plan_as(form: str, store: Store, plan: Plan, refused: Counter[str]) -> Iterator[bytes]:
    """The plan in a format; what that cannot carry is counted as ``refused``."""
    edits = [term.edit for term in plan.terms]
    summary = summary_of(plan.batch, [term.row for term in plan.terms])
    if form == "jsonl":
        yield from wbeditentity.requests(edits, partial(revisions, store), summary)
        return
    carried = []
    for edit in edits:
        if reason := quickstatements.obstacle_in_commands(edit):
            refused[reason] += 1
        else:
            carried.append(edit)
    yield from quickstatements.version1(carried, summary)
