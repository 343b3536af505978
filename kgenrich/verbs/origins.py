"""Who says what the graph says, and taking somebody out."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from kgenrich.store.facts.load import retract
from kgenrich.store.facts.origins import (
    all_origins,
    count_entities,
    drop,
    entities_by_origin,
    keys_of,
    origin_number,
)
from kgenrich.store.ledger import HOME
from kgenrich.store.story.runs import running
from kgenrich.verbs.workspace import Options, Rows, Workspace

COLUMNS = ("name", "kind", "entities", "licence", "profile", "language", "retrieved", "place")


class OriginsOptions(Options, frozen=True, kw_only=True):
    """Nothing can be chosen."""


class ForgetOptions(Options, frozen=True, kw_only=True):
    """The name of the ``origin``; with ``dry_run`` nothing is taken out."""

    origin: str
    dry_run: bool = False


def origins(workspace: Workspace, options: OriginsOptions) -> Rows:
    """The origins of the store in the order in which they came: ``name``, ``kind`` (wiki, file,
    endpoint), of how many ``entities`` it speaks, ``licence`` (empty: unknown), ``profile``,
    ``language`` of its untagged texts, when it was ``retrieved``, its ``place``, ``digest`` and
    ``prefixes``."""
    counts = entities_by_origin(workspace.store)
    rows = (
        {**asdict(origin), "entities": counts.get(origin.name, 0)}
        for origin in all_origins(workspace.store)
        if origin.name in counts
    )
    return Rows([{name: row[name] for name in (*COLUMNS, "digest", "prefixes")} for row in rows])


def forget(workspace: Workspace, options: ForgetOptions) -> dict[str, Any]:
    """Take what an origin says out of the store; back comes of how many ``entities`` it spoke.

    What others say of them stays, and so do proposals and decisions. An entity of which nobody
    speaks any more is as one that was deleted. Raises `UsageError` for an unknown origin.
    """
    store = workspace.store
    number = origin_number(store, options.origin)
    total = count_entities(store, number)
    if options.dry_run:
        return {"origin": options.origin, "entities": total}
    workspace.progress.begin("harvest forget", total)
    with running(store, "harvest forget", {"origin": options.origin}, "", alone=True) as run:
        found = retract(store, number, keys_of(store, number))
        if number != HOME:
            drop(store, number)
        run.counts = {"entities": found}
    return {"origin": options.origin, "entities": found}
