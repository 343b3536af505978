"""What tests of stores share: the whole content as values, and some entities."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from kgenrich.model import Entity, Value
from kgenrich.store.base import Store
from kgenrich.store.tables import metadata

DOUGLAS = Entity(
    "Q42",
    labels={"en": "Douglas Adams", "ru": "Дуглас Адамс", "zh-hant": "道格拉斯·亞當斯"},
    descriptions={"en": "English writer", "de": "britischer Schriftsteller"},
    aliases={"en": ("Douglas Noel Adams", "DNA"), "it": ("Douglas N. Adams",)},
    classes=("Q5", "Q215627"),
    claims={
        "P31": (Value("entity", "Q5"),),
        "P569": (Value("time", "+1952-03-11T00:00:00Z", precision=11),),
        "P1559": (Value("text", "Douglas Adams", "en"),),
    },
    sitelinks={"enwiki": "Douglas Adams", "ruwiki": "Адамс, Дуглас"},
    revision=100,
)
UNIVERSE = Entity("Q1", labels={"mul": "Universe", "en": "universe"}, classes=("Q36906466",))
THING = Entity(
    "http://example.org/thing",
    labels={"it": "cosa", "x-own": "thing \U0001f600 \"'\\%"},
    classes=("http://example.org/Class", "Q5"),
    claims={"http://example.org/of": (Value("entity", "http://example.org/other"),)},
)


def dump(store: Store, *without: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in key order."""
    with store.read() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table.name not in without
        }


def empty(store: Store) -> None:
    """Take everything out that was put in; who said it, and in which forms, stays known."""
    with store.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name not in ("meta", "languages", "origins", "forms", "sayings"):
                connection.execute(delete(table))
