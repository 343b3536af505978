"""Which entities a SPARQL query selects; the API then gives what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from kgenrich.errors import UsageError
from kgenrich.net.sparql import Endpoint, Table

_AFTER = re.compile(r"[$?]after\b")


def in_order(ids: Iterable[str]) -> list[str]:
    """The ids in an order that stays the same when a query is asked again."""
    return sorted(set(ids), key=lambda name: (name[0], int(name[1:])))


def is_paged(query: str) -> bool:
    """Whether a query is to be asked in pages: it uses the variable ``$after``."""
    return bool(_AFTER.search(query))


def select_ids(
    endpoint: Endpoint, query: str, base: str, left_out: Counter[str] | None = None
) -> Iterator[str]:
    """The bare ids of the entities that a query selects, each once.

    They are taken from the first variable that holds IRIs under ``base``; what else it holds is
    counted in ``left_out`` by the name of the variable. Raises `UsageError` for a query that
    selects no entities and `NetworkError`.
    """
    left_out = Counter() if left_out is None else left_out
    if is_paged(query):
        for page in select_pages(endpoint, query, base, left_out):
            yield from page
        return
    yield from dict.fromkeys(_ids(endpoint.select(query), base, left_out))


def select_pages(
    endpoint: Endpoint, query: str, base: str, left_out: Counter[str], after: str = ""
) -> Iterator[list[str]]:
    """The ids of `select_ids` page by page, each page in the order of its texts: a query that uses
    the variable ``$after`` is asked again and again, with the last entity's IRI in its place (at
    first that of the id ``after``, or the empty string), until nothing new comes. For example
    ``FILTER(STR(?item) > $after)`` with ``ORDER BY STR(?item) LIMIT 5000`` stays under every time
    limit."""
    seen: set[str] = set()
    while True:
        table = endpoint.select(_AFTER.sub(f'"{base + after if after else ""}"', query))
        new = sorted(set(_ids(table, base, left_out)) - seen)
        if not new:
            return
        seen.update(new)
        yield new
        after = new[-1]


def _ids(table: Table, base: str, left_out: Counter[str]) -> list[str]:
    pattern = re.compile(re.escape(base) + r"([A-Z][1-9][0-9]{0,17})")
    elsewhere = ""
    for variable in table.variables:
        nodes = table.column(variable)
        iris = [node.value for node in nodes if node is not None and node.type == "uri"]
        ids = [match[1] for iri in iris if (match := pattern.fullmatch(iri))]
        if ids:
            left_out[variable] += len(nodes) - len(ids)
            return ids
        elsewhere = elsewhere or next(iter(iris), "")
    if elsewhere:
        raise UsageError(
            f"The query selects IRIs like {elsewhere[:120]}, but entities are under {base}: select "
            "entities, or set base to the concept base of that Wikibase."
        )
    if len(table):
        raise UsageError("The query selects no entities: its first variable should hold them.")
    return []
