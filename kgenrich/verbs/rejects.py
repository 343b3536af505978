"""What harvests kept aside: which part of which input, why, and how it begins."""

from __future__ import annotations

from msgspec.structs import asdict

from kgenrich.store.story.runs import find_rejects
from kgenrich.verbs.workspace import Count, Options, Rows, Workspace


class RejectsOptions(Options, frozen=True, kw_only=True):
    """At most ``limit`` rows, of one ``run`` alone where its number is given."""

    limit: Count = 50
    run: Count | None = None


def rejects(workspace: Workspace, options: RejectsOptions) -> Rows:
    """What could not be used, the latest run first, in the order of the input: ``run``, ``input``,
    ``position`` (a byte of a dump, a line of RDF, else 0), ``entity``, ``reason``, ``excerpt``."""
    columns = ("run", "input", "position", "entity", "reason", "excerpt")
    found = find_rejects(workspace.store, options.run, options.limit)
    return Rows([{name: asdict(row)[name] for name in columns} for row in found])
