"""Which entities a SPARQL query selects; the API then gives what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.sparql import Endpoint, Table

_AFTER = re.compile(r"[$?]after\b")


def in_order(ids: Iterable[str]) -> list[str]:
    """The ids in an order that stays the same when a query is asked again."""
    return sorted(set(ids), key=lambda name: (name[0], int(name[1:])))


def select_ids(endpoint: Endpoint, query: str, base: str) -> Iterator[str]:
    """The bare ids of the entities that a query selects, each once.

    They are taken from the first variable that holds IRIs under ``base``. A query that uses the
    variable ``$after`` is asked again and again, with the last entity's IRI in its place (at first
    the empty string), until nothing new comes: for example ``FILTER(STR(?item) > $after)`` with
    ``ORDER BY STR(?item) LIMIT 5000`` stays under every time limit.

    Raises `UsageError` for a query that selects no entities and `NetworkError`.
    """
    if not _AFTER.search(query):
        yield from dict.fromkeys(_ids(endpoint.select(query), base))
        return
    seen: set[str] = set()
    after = ""
    while True:
        page = _ids(endpoint.select(_AFTER.sub(f'"{base + after if after else ""}"', query)), base)
        new = [name for name in dict.fromkeys(page) if name not in seen]
        if not new:
            return
        seen.update(new)
        yield from new
        after = max(new)


def _ids(table: Table, base: str) -> list[str]:
    pattern = re.compile(re.escape(base) + r"([A-Z][1-9][0-9]{0,17})")
    rows = table.results.bindings
    elsewhere = ""
    for variable in table.head.vars:
        nodes = [row[variable] for row in rows if variable in row]
        ids = [
            match[1]
            for node in nodes
            if node.type == "uri" and (match := pattern.fullmatch(node.value))
        ]
        if ids:
            return ids
        elsewhere = elsewhere or next((node.value for node in nodes if node.type == "uri"), "")
    if rows and elsewhere:
        raise UsageError(
            f"The query selects IRIs like {elsewhere[:120]}, but entities are under {base}: select "
            "entities, or set base to the concept base of that Wikibase."
        )
    if rows:
        raise UsageError("The query selects no entities: its first variable should hold them.")
    if not table.head.vars:
        raise NetworkError(f"The answer names no variables, so no entity of {base} is in it.")
    return []
