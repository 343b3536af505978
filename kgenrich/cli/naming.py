"""Names of entities for the person who reads: in the language of the terminal, or the nearest."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kgenrich.store.base import Store


def reader_option(function: Any) -> Any:
    """The option ``--reader``: the language in which entities are named."""
    return click.option(
        "--reader", metavar="CODE", help="Your language; that of the terminal by default."
    )(function)


def reader_language(asked: str | None = None) -> str:
    """The language asked for, else that of the environment, else English.

    Raises `UsageError` for an unknown one asked for.
    """
    from kgenrich.errors import UsageError
    from kgenrich.languages import check

    if asked:
        return check([asked])[0]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable, "").split(".")[0]:
            for code in (value, value.split("_")[0]):
                try:
                    return check([code])[0]
                except UsageError:
                    continue
    return "en"


def names(store: Store, ids: Iterable[str], reader: str) -> dict[str, str]:
    """A label for each entity that has one: in the reader's chain of languages, else in any."""
    from kgenrich.languages import CODES, chain
    from kgenrich.store.graph import StoreGraph

    graph = StoreGraph(store)
    left = set(ids)
    found = {}
    for order in (chain(reader), CODES):
        for entity, labels in graph.labels(left, order).items():
            found[entity] = next(labels[code] for code in order if code in labels)
        left -= found.keys()
        if not left:
            break
    return found
