"""The digests of the entities of a stored graph: another one whenever anything that is read is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kgenrich.model import Entity
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from tests.stores import DOUGLAS, THING, UNIVERSE


def digests(store: Store, first: int | None = None) -> list[int]:
    return StoreGraph(store).digests(first).tolist()


def test_the_same_entities_have_the_same_digest_in_every_store(
    store: Store, tmp_path: Path
) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}", create=True)
    load_entities(store, [DOUGLAS, UNIVERSE, THING])
    load_entities(other, [THING, DOUGLAS])
    assert digests(store) != digests(other)
    load_entities(other, [UNIVERSE])
    assert digests(store) == digests(other)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": {"en": "Douglas Noël Adams"}},
        {"descriptions": {}},
        {"aliases": {}},
        {"classes": ("Q5",)},
        {"claims": {}},
        {"sitelinks": {}},
        {"deleted": True},
        {"redirect": "Q1"},
    ],
)
def test_whatever_changes_is_seen(store: Store, change: dict[str, Any]) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE])
    before = digests(store)
    load_entities(store, [replace(DOUGLAS, revision=101, **change)])
    assert digests(store) != before


def test_what_comes_after_the_first_ones_is_not(store: Store) -> None:
    load_entities(store, [UNIVERSE, DOUGLAS])
    first, every = digests(store, 1), digests(store)
    load_entities(store, [Entity("Q999", labels={"en": "last"})])
    assert digests(store, 1) == first and digests(store) != every


def test_what_a_harvest_in_some_languages_keeps_counts(store: Store, tmp_path: Path) -> None:
    """A store that holds more than was loaded last is another one than a store of that alone."""
    newer = replace(DOUGLAS, revision=101, labels={"fr": "Douglas Adams", "en": "Adams"})
    alone = open_store(f"sqlite:///{tmp_path / 'alone.db'}", create=True)
    load_entities(alone, [newer], languages=["fr"])
    load_entities(store, [DOUGLAS])
    load_entities(store, [newer], languages=["fr"])
    assert digests(store) != digests(alone)
    before = digests(store)
    assert load_entities(store, [newer], languages=["fr"]).skipped == 1
    assert digests(store) == before
