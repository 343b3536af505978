"""Runs: how they end, and that those which did not get to their end are taken up again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kgenrich.model import Reject
from kgenrich.store.base import Store
from kgenrich.store.story.runs import (
    Run,
    add_rejects,
    find_rejects,
    running,
    runs,
    set_position,
)

ENDS: dict[type[BaseException], str] = {
    ValueError: "failed",
    KeyboardInterrupt: "stopped",
    SystemExit: "stopped",
}


def latest(store: Store) -> Run:
    return next(runs(store, 1))


def test_a_run_is_noted_with_what_it_counted(store: Store) -> None:
    scope = {"b": [1], "a": "x"}
    with running(store, "enrich", scope, "h") as run:
        during = latest(store)
        assert (during.status, during.position, during.scope) == ("running", "", scope)
        run.counts["new"] = 2
    done = latest(store)
    assert (done.id, done.status, done.counts) == (run.id, "done", {"new": 2})
    assert done.finished >= done.started > ""


@pytest.mark.parametrize("error", ENDS)
def test_a_run_that_did_not_get_to_its_end_is_taken_up_again(
    store: Store, error: type[BaseException]
) -> None:
    with pytest.raises(error), running(store, "enrich", {"a": "x", "b": [1]}, "h") as run:
        with store.begin() as connection:
            set_position(connection, run.id, "5")
        run.counts = {"new": 1}
        raise error
    ended = latest(store)
    assert (ended.status, ended.position, ended.counts) == (ENDS[error], "5", {"new": 1})
    with running(store, "enrich", {"b": [1], "a": "x"}, "h") as again:
        assert (again.id, again.position) == (run.id, "5")
        assert (latest(store).status, latest(store).finished) == ("running", "")
    with running(store, "enrich", {"a": "x", "b": [1]}, "h") as fresh:
        assert fresh.id != run.id and fresh.position == ""


def test_one_that_still_seems_to_run_is_taken_up_again_but_no_other(store: Store) -> None:
    with running(store, "enrich", {}, "h") as run:
        with running(store, "enrich", {}, "other") as one, running(store, "check", {}, "h") as two:
            assert len({run.id, one.id, two.id}) == 3
        with running(store, "enrich", {}, "h") as again:
            assert again.id == run.id


def test_a_generator_that_is_closed_stops_its_run(store: Store) -> None:
    def steps() -> Iterator[int]:
        with running(store, "export", {}, "h") as run:
            for number in range(9):
                run.counts = {"rows": number}
                yield number

    stream = steps()
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()
    assert (latest(store).status, latest(store).counts) == ("stopped", {"rows": 1})


def test_rejects_are_kept_once_and_cleaned(store: Store) -> None:
    rows = [
        Reject("dump.json", 17, "no JSON", "{\0\ud800"),
        Reject("dump.json", 5, "r", "x" * 999),
        Reject("dump.json", 5, "no label", entity="Q5" * 999),
    ]
    for run in (1, 3):
        with store.begin() as connection:
            add_rejects(connection, run, rows)
    with store.begin() as connection:
        add_rejects(connection, 2, [Reject("a" * 9_999, 0, "r")] * 2)
    found = find_rejects(store)
    assert [(row.run, row.position, len(row.excerpt)) for row in found] == [
        *((3, 5, 500), (3, 5, 0), (3, 17, 3)),
        (2, 0, 0),
    ]
    assert found[1].entity.startswith("Q5Q5") and found[2].excerpt == "{\ufffd?"
    assert find_rejects(store, run=1) == [] and len(find_rejects(store, run=2)) == 1
    assert find_rejects(store, limit=1) == found[:1]
