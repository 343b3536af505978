"""Runs of a job: they go on where they were, end when they must, and tell the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kgenrich.errors import LockedError, StoreError, UsageError
from kgenrich.jobs import watch
from kgenrich.jobs.overview import job_history, job_status, stop_job
from kgenrich.store.locks import is_held
from kgenrich.store.story.job_runs import take_job
from tests.jobs.world import ENTITIES, Listening, World, priced
from tests.server import Asked, Reply, Server

pytestmark = pytest.mark.slow

STEPS = ["harvest", "enrich", "decide", "export", "export"]
DEAD = Reply({"error": "out of order"}, status=500)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(priced) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, store_url: str, server: Server) -> World:
    return World(tmp_path / "world", store_url, server)


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, bytes]:
    """What the job writes when nothing comes between."""
    with Server(priced) as server:
        quiet = World(tmp_path / "quiet", f"sqlite:///{tmp_path / 'quiet.db'}", server)
        assert quiet.run().status == "done"
    return quiet.files()


@pytest.fixture
def at_every_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_EVERY", 0.0)


def states(world: World) -> list[str]:
    with world.workspace() as workspace:
        (state,) = job_status(workspace)
    return [step.status for step in state.steps]


def test_a_run_does_its_steps_and_keeps_what_they_counted(world: World) -> None:
    report = world.run()
    assert (report.status, report.exit_code, report.error) == ("done", 0, "")
    assert [step.name for step in report.steps] == STEPS
    harvested, enriched, decided, *exported = (step.counts for step in report.steps)
    assert (harvested["new"], enriched["proposals"], decided["new"]) == (ENTITIES,) * 3
    assert [counts["sha256"] for counts in exported]
    assert set(world.times().values()) == {1} and len(world.server.asked) == ENTITIES
    with world.workspace() as workspace:
        verbs = {run["run"]: run for run in job_history(workspace)}
        assert list(verbs) == [1]
        (state,) = job_status(workspace, "nightly")
        before, after = json.loads(state.run.before), json.loads(state.run.after)
        assert not before and [(row["missing"], row["accepted"]) for row in after] == [
            (ENTITIES, ENTITIES)
        ]
    # Each step but the decisions is a run of its verb.
    assert [bool(step.run_id) for step in report.steps] == [True, True, False, True, True]
    assert len({step.run_id for step in report.steps}) == len(STEPS)


def test_a_second_run_pays_nothing_and_writes_the_same(world: World) -> None:
    first = world.run()
    files = world.files()
    second = world.run()
    assert (second.run, second.status) == (first.run + 1, "done")
    assert world.files() == files and len(world.server.asked) == ENTITIES


def test_one_that_is_asked_to_stop_ends_after_its_batch_and_goes_on(
    world: World, undisturbed: dict[str, bytes], at_every_checkpoint: None
) -> None:
    def stop() -> None:
        if len(world.server.asked) >= 15 and not asked:
            with world.workspace() as workspace:
                asked.append(stop_job(workspace, "nightly.toml").id)

    asked: list[int] = []
    stopped = world.run(Listening(stop))
    assert (stopped.status, stopped.exit_code) == ("stopped", 3)
    assert "asked it to stop" in stopped.error
    assert states(world) == ["done", "stopped", "waiting", "waiting", "waiting"]
    begun = stopped.steps[1].counts
    assert 0 < begun["entities"] < ENTITIES
    paid = len(world.server.asked)
    assert paid < ENTITIES
    done = world.run()
    assert (done.run, done.status) == (stopped.run, "done")
    assert done.steps[1].counts["entities"] == ENTITIES
    assert set(world.times().values()) == {1} and len(world.server.asked) == ENTITIES
    assert world.files() == undisturbed


def test_a_deadline_ends_it_with_code_3(world: World, undisturbed: dict[str, bytes]) -> None:
    deadline = datetime.now(UTC)
    checked = []

    def pass_time() -> None:
        checked.append(1)
        if len(checked) == 3:
            patched.setattr(watch.time, "time", lambda: deadline.timestamp() + 7201)

    with pytest.MonkeyPatch.context() as patched:
        report = world.run(Listening(pass_time), length="2h")
    assert (report.status, report.exit_code) == ("stopped", 3)
    assert "when this run must end" in report.error
    assert world.run().status == "done"
    assert world.files() == undisturbed and set(world.times().values()) == {1}


def test_a_second_one_is_told_who_has_it(world: World) -> None:
    told: list[str] = []

    def start_another() -> None:
        if world.server.asked and not told:
            with pytest.raises(LockedError) as error:
                world.run()
            told.append(str(error.value))
            process = world.start("jobs", "run", "nightly")
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 4 and "Traceback" not in errors
            told.append(errors)

    assert world.run(Listening(start_another)).status == "done"
    for sentence in told:
        assert "process" in sentence and "since 20" in sentence and "at the step enrich" in sentence
    assert len(world.server.asked) == ENTITIES


def test_a_lock_ends_with_its_holder(world: World) -> None:
    with world.workspace() as workspace:
        store = workspace.make_store()
        run, release = take_job(store, "nightly", "")
        with store.read() as connection:
            assert is_held(connection, run.id, "job") and not is_held(connection, run.id)
        release()
        with store.read() as connection:
            assert not is_held(connection, run.id, "job")
        (state,) = job_status(workspace)
        assert state.run.status == "stopped" and "was killed" in state.run.error
    assert world.run().run == run.id


def test_a_budget_leaves_it_partly_done_and_the_next_run_asks_the_rest(world: World) -> None:
    world.write(enrich="max_calls = 25")
    first = world.run()
    assert (first.status, first.exit_code) == ("partly", 3)
    assert "The budget of tiny is used up" in first.error
    assert [step.status for step in first.steps] == ["done"] * 5
    assert len(world.server.asked) == 25
    second = world.run()
    assert (second.run, second.status) == (first.run + 1, "done")
    assert set(world.times().values()) == {1} and len(world.server.asked) == ENTITIES


def test_what_failed_is_tried_again_and_only_that(
    tmp_path: Path, store_url: str, undisturbed: dict[str, bytes]
) -> None:
    broken = True

    def every_third_fails(asked: Asked) -> Reply:
        return DEAD if broken and len(server.asked) % 3 == 0 else priced(asked)

    with Server(every_third_fails) as server:
        world = World(tmp_path / "world", store_url, server)
        failed = world.run()
        assert (failed.status, failed.exit_code) == ("failed", 1)
        assert "tiny failed for 32.5% of 40 requests, more than 20.0%" in failed.error
        assert states(world) == ["done", "failed", "waiting", "waiting", "waiting"]
        asked = world.times()
        broken = False
        done = world.run()
        assert (done.run, done.status) == (failed.run, "done")
        again = world.times() - asked
    assert again.total() == 13 and world.files() == undisturbed


def test_a_share_of_errors_that_is_allowed_is_no_failure(tmp_path: Path) -> None:
    def every_third_fails(asked: Asked) -> Reply:
        return DEAD if len(server.asked) % 3 == 0 else priced(asked)

    with Server(every_third_fails) as server:
        world = World(tmp_path / "world", f"sqlite:///{tmp_path / 'store.db'}", server)
        world.write(more="[limits]\nerrors = 0.5")
        assert world.run().status == "done"


def test_a_dead_source_is_a_failure(tmp_path: Path) -> None:
    with Server([DEAD]) as server:
        world = World(tmp_path / "world", f"sqlite:///{tmp_path / 'store.db'}", server)
        report = world.run()
    assert report.exit_code == 1 and "tiny was off for the rest of it" in report.error


def test_a_changed_file_begins_where_it_differs(world: World, server: Server) -> None:
    (world.folder / "terms.csv").write_text("mine", encoding="utf-8")
    failed = world.run()
    assert failed.status == "failed" and "is no export of this store" in failed.error
    assert states(world) == ["done", "done", "done", "failed", "waiting"]
    job = world.folder / "nightly.toml"
    job.write_text(job.read_text("utf-8").replace("terms.csv", "mine.csv"), encoding="utf-8")
    done = world.run()
    assert (done.run, done.status) == (failed.run, "done")
    assert len(server.asked) == ENTITIES and (world.folder / "mine.csv").is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("until = '2026-02-30T06:00'\n[accept]\nover = 1", "There is no time '2026-02-30T06:00'"),
        ("until = 2020-01-01T06:00:00\n[accept]\nover = 1", "2020-01-01T06:00:00 is over"),
        ("for = '2x'\n[accept]\nover = 1", "'2x' is no length of time"),
        ("[enrich]", "Which languages"),
        ("languages = ['klingonish']\n[harvest]\ndump = 'items.json'", "klingonish"),
        ("languages = ['it']\ntypes = ['planet']\n[enrich]", "planet"),
        ("languages = ['it']\nkinds = ['nickname']\n[enrich]", "nickname"),
        ("languages = ['it']\nsources = ['oracle']\n[enrich]", "oracle"),
        ("languages = ['it']\nsources = ['deepl']\n[enrich]", "option price"),
        ("languages = ['it']\n[enrich]\nmax_calls = { oracle = 5 }", "oracle"),
        ("[[export]]\nformat = 'terms'\noutput = 't.csv'\nstates = ['sold']", "sold"),
    ],
)
def test_nothing_begins_where_the_job_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    with Server(priced) as server:
        world = World(tmp_path / "world", f"sqlite:///{tmp_path / 'store.db'}", server)
    (world.folder / "nightly.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words) as error:
        world.run()
    assert str(error.value).startswith(f"{world.folder / 'nightly.toml'}: ")
    with world.workspace() as workspace, pytest.raises(StoreError, match="make it with"):
        job_history(workspace)
