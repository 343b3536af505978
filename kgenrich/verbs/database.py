"""Making, migrating, checking and looking at the database."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.store import migrate
from kgenrich.store.overview import info as overview
from kgenrich.verbs.workspace import Workspace


class MigrationReport(Struct, frozen=True):
    """The migration state of the ``database`` ``before`` and now; None where it has no tables."""

    database: str
    before: str | None
    state: str | None


class SoundnessReport(Struct, frozen=True):
    """The ``problems`` of the ``database``, a sentence each."""

    database: str
    problems: list[str]


def upgrade(workspace: Workspace) -> MigrationReport:
    """Make the database, or bring it to the state that this version needs."""
    url = workspace.settings.store_url()
    before, _ = migrate.state(url)
    migrate.upgrade(url)
    # Opening it for the first time notes languages and the concept base.
    workspace.make_store()
    return MigrationReport(workspace.store_name, before, migrate.state(url)[0])


def downgrade(
    workspace: Workspace, revision: str = "base", *, yes: bool = False
) -> MigrationReport:
    """Bring the database to an older migration state; ``base`` removes every table.

    Raises `UsageError` without ``yes``: what the older state cannot hold is lost.
    """
    if not yes:
        raise UsageError("This deletes data: repeat the command with --yes.")
    url = workspace.settings.store_url()
    before, _ = migrate.state(url)
    migrate.downgrade(url, revision)
    return MigrationReport(workspace.store_name, before, migrate.state(url)[0])


def check_database(workspace: Workspace, *, repair: bool = False) -> SoundnessReport:
    """Look for damage: tables, coverage counts, rows that belong to nothing; ``repair`` counts the
    coverage anew where it is wrong."""
    problems = migrate.check(workspace.settings.store_url(), repair=repair)
    return SoundnessReport(workspace.store_name, list(problems))


def describe_database(workspace: Workspace) -> dict[str, Any]:
    """What is in the database, in a few numbers."""
    counts = msgspec.to_builtins(overview(workspace.store))
    return {**counts, "database": workspace.store_name}
