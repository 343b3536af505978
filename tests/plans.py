"""What databases would read to answer the queries that were put to them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event

from kgenrich.store.tables import metadata

GROWING = metadata.tables.keys() - {"meta", "languages", "sources"}
"""The tables that grow with the graph and with the work on it."""

EXACT = {"decisions_replacing", "runs_of_harvests", "runs_unfinished"}
"""The partial indexes that hold nothing but what is asked for: they are read from end to end."""

MANY = 2000
"""Rows that are more than a page of something."""


_INDEXES = {index.name for table in metadata.tables.values() for index in table.indexes}


class Query(NamedTuple):
    """A statement with its parameters as the driver got them, and the function that put it."""

    asker: str
    statement: str
    parameters: Any


@contextmanager
def recorded() -> Iterator[list[Query]]:
    """Every query that is put to any database meanwhile, one of each wording; lists of values of
    any length are the same wording."""
    seen: dict[tuple[str, str], Query] = {}
    queries: list[Query] = []

    def note(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            wording = re.sub(r"\([^()]*, [^()]*\)", "(...)", statement)
            query = Query(_asker(), statement, parameters[0] if many else parameters)
            seen.setdefault((query.asker, wording), query)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        queries += seen.values()


def _asker() -> str:
    """The innermost function of ours that says what it wants, as ``store.story.runs.runs``."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        frame = frame.f_back
        module = frame.f_globals.get("__name__", "")
        if module.startswith("kgenrich.") and module not in (
            "kgenrich.store.bulk",
            "kgenrich.store.keys",
        ):
            name = frame.f_code.co_qualname.split(".<locals>")[0]
            return f"{module.removeprefix('kgenrich.')}.{name}"
    return ""


def faults(connection: Connection, query: Query) -> list[str]:
    """Where the plan reads all of a table that grows (SCAN) or puts much of one in order (SORT)."""
    if connection.dialect.name == "sqlite":
        return _faults_of_sqlite(connection, query)
    # A part of a small table is read fastest by reading all of its few pages. What counts in a
    # large one is the rows.
    for costless in ("enable_seqscan = off", "seq_page_cost = 0", "random_page_cost = 0"):
        connection.exec_driver_sql(f"SET LOCAL {costless}")
    explain = f"EXPLAIN (FORMAT JSON) {query.statement}"
    ((plan,),) = connection.exec_driver_sql(explain, query.parameters).one()
    return [fault for node in _nodes(plan["Plan"]) if (fault := _fault_of_postgres(node))]


def _faults_of_sqlite(connection: Connection, query: Query) -> list[str]:
    tables = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", query.statement)}
    explain = f"EXPLAIN QUERY PLAN {query.statement}"
    steps = [row[3] for row in connection.exec_driver_sql(explain, query.parameters)]
    found, read = [], set()
    for step in steps:
        verb, name, *_ = step.split()
        table = tables.get(name, name)
        if verb in ("SCAN", "SEARCH") and table in GROWING:
            read.add(table)
            if verb == "SCAN" and step.split()[-1] not in EXACT:
                found.append(step)
        # Of rows that come in the order of the first columns few are sorted at a time.
        elif step.startswith("USE TEMP B-TREE") and read and not re.search("RIGHT|LAST", step):
            found.append(f"SORT {step}")
    return found


def _fault_of_postgres(node: dict[str, Any]) -> str:
    kind, rows = node["Node Type"], node["Plan Rows"]
    # The rows of the catalogue are those of all schemas, and none of what commands are asked for.
    if kind == "Sort" and rows > MANY and any(_grows(part) for part in _nodes(node)):
        return f"SORT of {rows} rows by {', '.join(node['Sort Key'])}"
    if _grows(node) and (
        kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and _is_whole(node))
    ):
        return f"SCAN of {node['Relation Name']}: {kind}"
    if kind == "Bitmap Index Scan" and node["Index Name"] in _INDEXES and _is_whole(node):
        return f"SCAN of {node['Index Name']}: {kind}"
    return ""


def _grows(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") in GROWING


def _is_whole(node: dict[str, Any]) -> bool:
    return "Index Cond" not in node and node["Index Name"] not in EXACT


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
