"""The database: whether it can be reached, and in which state it is."""

from __future__ import annotations

from collections.abc import Iterator

from kgenrich.errors import KgenrichError
from kgenrich.store import migrate
from kgenrich.store.overview import engine_version
from kgenrich.verbs.doctor.finding import Finding
from kgenrich.verbs.workspace import Workspace


def check_database(workspace: Workspace) -> Iterator[Finding]:
    """Whether it can be opened as it is."""
    try:
        url = workspace.settings.store_url()
        state, head = migrate.state(url)
        name = workspace.store_name
        if state is None:
            told = f"{name} holds no store yet"
            yield Finding("database", "warn", told, "The first harvest makes it.")
            return
        if state != head and state in migrate.known_revisions():
            told = f"{name} is in the older state {state}, not {head}"
            advice = "kgenrich db backup FILE, then kgenrich db upgrade"
            yield Finding("database", "fail", told, advice)
            return
        store = workspace.store
    except KgenrichError as error:
        yield Finding("database", "fail", str(error))
        return
    told = f"{name}, state {state}, {engine_version(store)}"
    if store.read_only:
        yield Finding("database", "warn", f"{told}, read-only", "Nothing can be stored in it.")
    else:
        yield Finding("database", "ok", told)
