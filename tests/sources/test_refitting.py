"""A graph that changed a little is asked by what was learned before; one that changed more is
learned from anew, and the run notes which it was."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

import kgenrich
from kgenrich.model import Entity
from kgenrich.resources import resource
from kgenrich.sources.base import SourceContext
from kgenrich.sources.fit_cache import FitCache, share_changed
from kgenrich.sources.fitted_values import Fitting
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.runs import runs
from kgenrich.verbs import assembly
from tests.asking import settings

ITEMS = [Entity(f"Q{number}", labels={"en": f"Name {number}"}) for number in range(1, 101)]


class Names(Struct):
    """All that is learned: the labels."""

    labels: list[str]


def learned(store: Store, fits: FitCache, first: int | None = None) -> list[str]:
    context = SourceContext(StoreGraph(store), ("it",), settings(), fits=fits)
    return Fitting(
        context,
        "labels",
        Names,
        lambda graph: Names([entity.labels["en"] for entity in graph.entities()]),
        0,
        first,
    ).value.labels


def rename(store: Store, *numbers: int, name: str = "New") -> None:
    load_entities(store, [replace(ITEMS[n - 1], labels={"en": f"{name} {n}"}) for n in numbers])


@pytest.fixture
def graph(store: Store, tmp_path: Path) -> Store:
    """A store of 100 entities from which something was learned."""
    load_entities(store, ITEMS)
    assert learned(store, FitCache(tmp_path)) == [item.labels["en"] for item in ITEMS]
    return store


def test_a_few_changes_are_no_reason_to_learn_anew(graph: Store, tmp_path: Path) -> None:
    rename(graph, 1, 2, 3, 4, 5)
    told: list[str] = []
    fits = FitCache(tmp_path, 0.05, tell=told.append)
    assert "New 1" not in learned(graph, fits)
    assert (fits.fits["labels"].changed, fits.fits["labels"].entities) == (pytest.approx(0.05), 100)
    assert len(told) == 1 and "5.00%" in told[0] and "--refit" in told[0]


def test_more_are(graph: Store, tmp_path: Path) -> None:
    rename(graph, 1, 2, 3, 4, 5, 6)
    told: list[str] = []
    fits = FitCache(tmp_path, 0.05, tell=told.append)
    assert "New 1" in learned(graph, fits)
    assert fits.fits["labels"].changed == 0 and not told


def test_new_and_deleted_entities_are_changes(graph: Store, tmp_path: Path) -> None:
    load_entities(graph, [Entity(f"Q{n}", labels={"en": "x"}) for n in range(1000, 1006)])
    assert "x" not in learned(graph, FitCache(tmp_path, 0.06))
    load_entities(graph, [Entity(f"Q{number}", deleted=True) for number in range(1, 9)])
    assert "x" in learned(graph, FitCache(tmp_path, 0.06))


def test_small_changes_add_up(graph: Store, tmp_path: Path) -> None:
    """What counts is what was learned from, not what the last run saw."""
    for night, numbers in enumerate([(1, 2), (3, 4), (5, 6)]):
        rename(graph, *numbers)
        assert ("New 1" in learned(graph, FitCache(tmp_path, 0.05))) is (night == 2)


def test_the_nearest_is_taken(graph: Store, tmp_path: Path) -> None:
    rename(graph, 1, 2, 3)
    learned(graph, FitCache(tmp_path))
    rename(graph, 4)
    fits = FitCache(tmp_path, 0.05)
    assert "New 3" in learned(graph, fits) and "New 4" not in learned(graph, fits)
    assert fits.fits["labels"].changed == pytest.approx(0.01)


def test_by_default_every_change_counts(graph: Store, tmp_path: Path) -> None:
    rename(graph, 1)
    assert "New 1" in learned(graph, FitCache(tmp_path))


def test_it_is_learned_anew_when_that_is_asked_for(graph: Store, tmp_path: Path) -> None:
    rename(graph, 1)
    assert "New 1" not in learned(graph, FitCache(tmp_path, 0.05))
    assert "New 1" in learned(graph, FitCache(tmp_path, 0.05, refit=True))
    assert "New 1" in learned(graph, FitCache(tmp_path, 0.05)), "and kept"


def test_a_broken_file_gives_way_to_the_next(graph: Store, tmp_path: Path) -> None:
    (old,) = (tmp_path / "labels").iterdir()
    rename(graph, 1)
    learned(graph, FitCache(tmp_path))
    (new,) = set((tmp_path / "labels").iterdir()) - {old}
    new.write_bytes(new.read_bytes()[:-1])
    assert "New 1" not in learned(graph, FitCache(tmp_path, 0.05))
    old.write_bytes(b"")
    assert "New 1" in learned(graph, FitCache(tmp_path, 0.05))


DIGESTS = st.sets(st.integers(-(2**63), 2**63 - 1), max_size=30).map(
    lambda found: np.array(sorted(found), np.int64)
)


@given(DIGESTS, DIGESTS)
def test_the_share_that_changed(one: np.ndarray, other: np.ndarray) -> None:
    share = share_changed(one, other)
    assert 0 <= share <= 1 and share == share_changed(other, one)
    assert (share == 0) == np.array_equal(one, other)


def test_a_run_notes_what_its_sources_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "FITTED", tmp_path / "fitted")
    items = json.loads(gzip.decompress(resource("config/demo/items.json.gz").read_bytes()))[:150]
    dump, url = tmp_path / "items.json", f"sqlite:///{tmp_path / 'kg.db'}"
    asked = {"languages": ["it"], "kinds": ["label"], "sources": ["names"], "limit": 20}
    noted = []
    for refit in (False, False, True):
        dump.write_text(json.dumps(items), encoding="utf-8")
        with kgenrich.open(tmp_path / "kg.db") as graph:
            graph.harvest_dump(str(dump))
            report = graph.enrich(**asked, refit=refit)
        store = open_store(url)
        assert next(runs(store)).counts["fits"]["names"]["graph"] == report.fits["names"].graph
        store.close()
        noted.append(report.fits["names"])
        items[0]["labels"]["it"] = {"language": "it", "value": "another"}
        items[0]["lastrevid"] += 1
    first, second, third = noted
    assert first.graph == second.graph != third.graph
    assert first.changed == third.changed == 0 < second.changed < 0.01
