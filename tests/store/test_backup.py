"""A backup holds a store to the row, and either database can be restored from it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kgenrich
from kgenrich.errors import InputError, StoreError, UsageError
from kgenrich.packing import zstandard
from kgenrich.resources import resource
from kgenrich.settings import Settings
from kgenrich.store.backup import archive, transfer
from kgenrich.store.backup.archive import Footer, Header
from kgenrich.store.base import Store
from kgenrich.store.engine import make_engine
from kgenrich.store.facts.load import load_entities
from kgenrich.store.migrate import check, downgrade, state, upgrade
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import decisions
from kgenrich.store.story.job_runs import take_job
from kgenrich.store.story.runs import running
from kgenrich.store.tables import HEAD
from kgenrich.verbs.backup import BackupOptions, RestoreOptions, backup, restore
from kgenrich.verbs.workspace import Workspace
from tests.databases import postgres_schema
from tests.stores import DOUGLAS, THING, UNIVERSE, dump

ITEMS = str(resource("config/demo/items.json.gz"))
HELD = """
import sys, time
from sqlalchemy import Engine, event
from kgenrich.cli.main import main

def hold(connection, cursor, statement, *_):
    if statement.startswith("SELECT terms"):
        print("held", flush=True)
        time.sleep(600)

event.listen(Engine, "before_cursor_execute", hold)
main()
"""
"""A command that waits, for ever to a test, before it reads terms: a restore that has loaded all,
a backup that has written half."""


def workspace(url: str) -> Workspace:
    return Workspace(Settings(store=url))


def saved(url: str, file: Path) -> bytes:
    """The bytes of a backup of a store."""
    with workspace(url) as there:
        backup(there, BackupOptions(file))
    return file.read_bytes()


def restored(url: str, file: Path, *, replace: bool = False) -> None:
    with workspace(url) as there:
        restore(there, RestoreOptions(file, replace, replace))


@pytest.fixture
def filled(store: Store, store_url: str) -> str:
    """The URL of a store with every kind of entity, a run and what people decided."""
    load_entities(store, [DOUGLAS, UNIVERSE, THING])
    with running(store, "enrich", {"languages": ["it"]}, "hash"):
        pass
    with store.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO decisions (candidate_id, verdict, author, text, comment, score, "
            "probability, ranker, revision, at, current) VALUES "
            "('c', 'accept', 'ann', 'Universo', '', 1, 0.1, 'pool', 8, '2025-01-01', true)"
        )
    return store_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another database, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other' / 'store.db'}"
        return
    with postgres_schema(request.getfixturevalue("postgres")) as url:
        yield url


def test_either_database_is_restored_from_either(
    filled: str, other_url: str, tmp_path: Path
) -> None:
    first = saved(filled, tmp_path / "first.backup")
    restored(other_url, tmp_path / "first.backup")
    assert saved(other_url, tmp_path / "second.backup") == first
    with workspace(filled) as one, workspace(other_url) as other:
        assert dump(one.store) == dump(other.store)
        # New rows are numbered from behind the restored ones.
        with running(other.store, "check", {}, "hash") as run:
            assert run.id == 2


@pytest.mark.slow
def test_exports_are_the_same_to_the_byte(tmp_path: Path, postgres: str) -> None:
    sqlite = f"sqlite:///{tmp_path / 'store.db'}"

    def exported(url: str, folder: Path) -> list[bytes]:
        folder.mkdir()
        with kgenrich.open(url) as graph:
            graph.export_terms(str(folder / "terms.csv"))
            graph.export_rdf(str(folder / "terms.nt"))
            graph.export_provenance(str(folder / "story.nq"))
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    with kgenrich.open(sqlite) as graph:
        graph.harvest_dump(ITEMS)
        graph.enrich(languages=["it"], sources=["names"], limit=40)
        graph.accept(over=0.9, author="ann")
    saved(sqlite, tmp_path / "items.backup")
    with postgres_schema(postgres) as url:
        restored(url, tmp_path / "items.backup")
        assert check(Settings(store=url).store_url()) == []
        assert exported(url, tmp_path / "theirs") == exported(sqlite, tmp_path / "ours")


def test_what_others_write_meanwhile_is_not_in_it(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    load_entities(store, [DOUGLAS])
    before, file = dump(store), tmp_path / "store.backup"
    written = []

    def told(rows: int) -> None:
        if not written:
            written.append(rows)
            load_entities(store, [UNIVERSE, THING])

    url = store.engine.url.render_as_string(hide_password=False)
    with file.open("wb") as out:
        transfer.back_up(url, out, told)
    assert written and dump(store) != before
    restored(store_url, file, replace=True)
    assert dump(store) == before


def test_a_store_of_an_older_state_is_backed_up_and_migrated_when_restored(
    store_url: str, tmp_path: Path
) -> None:
    upgrade(store_url, "0001")
    engine = make_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO decisions (candidate_id, verdict, author, text, comment, score, "
            "probability, ranker, revision, at, current) VALUES "
            "('c', 'accept', 'ann', 'Berlino', '', 1, 0.9, 'pool', 8, '2025-01-01', true)"
        )
    engine.dispose()
    saved(store_url, tmp_path / "old.backup")
    downgrade(store_url)
    restored(store_url, tmp_path / "old.backup")
    assert state(store_url) == (HEAD, HEAD)
    with workspace(store_url) as there:
        (kept,) = decisions(there.store, "c")
    assert (kept.text, kept.author, kept.probability) == ("Berlino", "ann", 0.9)


def test_a_store_that_holds_something_is_not_replaced_without_a_yes(
    filled: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.backup"
    saved(filled, file)
    with workspace(filled) as there:
        before = dump(there.store)
        with pytest.raises(StoreError, match="is not empty"):
            restore(there, RestoreOptions(file))
        with pytest.raises(UsageError, match="repeat the command with --yes"):
            restore(there, RestoreOptions(file, replace=True))
        with (
            running(there.store, "enrich", {}, "hash"),
            pytest.raises(StoreError, match=r"is in use \(enrich by process"),
        ):
            restore(there, RestoreOptions(file, replace=True, yes=True))
        _, release = take_job(there.store, "nightly", "nightly.toml")
        with pytest.raises(StoreError, match=r"is in use \(the job nightly by process"):
            restore(there, RestoreOptions(file, replace=True, yes=True))
        release()
        changed = ("runs", "job_runs")
        assert dump(there.store, *changed) == {
            name: rows for name, rows in before.items() if name not in changed
        }


def test_an_empty_store_and_none(store_url: str, tmp_path: Path) -> None:
    with workspace(store_url) as there, pytest.raises(StoreError, match=r"no database|no store"):
        backup(there, BackupOptions(tmp_path / "store.backup"))
    assert not list(tmp_path.glob("*.backup*"))
    with workspace(store_url) as there:
        there.make_store()
    saved(store_url, tmp_path / "store.backup")
    restored(store_url, tmp_path / "store.backup")
    assert check(store_url) == []


def small_backup(folder: Path) -> Path:
    url = f"sqlite:///{folder / 'store.db'}"
    file = folder / "store.backup"
    store = open_store(url, create=True)
    load_entities(store, [DOUGLAS, THING])
    store.close()
    saved(url, file)
    return file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup, beside the store that it is of."""
    return small_backup(tmp_path_factory.mktemp("whole"))


@given(st.data())
def test_a_file_that_is_damaged_or_cut_off_is_told_or_says_the_same(
    whole: Path, data: st.DataObject
) -> None:
    good = whole.read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    if data.draw(st.booleans(), "cut off"):
        bad = good[:place]
    else:
        bad = bytearray(good)
        bad[place] ^= 1 << data.draw(st.integers(0, 7))
    file = whole.with_name("bad.backup")
    file.write_bytes(bad)
    try:
        # A few bits of a frame's header mean nothing.
        assert archive.verified(file) == archive.verified(whole)
    except InputError as error:
        assert "bad.backup" in str(error) and str(error).endswith(".")


def messages(*given: archive.Message | bytes) -> bytes:
    encoded = [one if isinstance(one, bytes) else msgspec.msgpack.encode(one) for one in given]
    whole = b"".join(len(one).to_bytes(4, "big") + one for one in encoded)
    packed: bytes = zstandard().compress(whole)
    return packed


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is cut off"),
        (b"Q42", "is no backup"),
        (messages(b"\x80"), "is no backup"),
        (messages(Footer({})), "is damaged"),
        (messages(Header("9999", "", "9.9"), Footer({})), "newer kgenrich"),
        (messages(Header("0008", "", "9.9", format=2), Footer({})), "newer kgenrich"),
        (messages(Header("0008", "http://my.wiki/entity/", "1"), Footer({})), "belong to"),
        (messages(Header("0008", "", "1"), b"\xc1"), "is damaged"),
        (messages(Header("0008", "", "1"), Footer({})) + b"more", "is damaged"),
        (messages(Header("0008", "", "1"), Footer({}), Footer({})), "is damaged"),
        (messages(Header("0008", "", "1"), Header("0008", "", "1")), "is damaged"),
        (messages(Header("0008", "", "1")), "is cut off"),
    ],
)
def test_what_cannot_be_restored_is_one_sentence_and_changes_nothing(
    whole: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "bad.backup"
    file.write_bytes(content)
    with workspace(f"sqlite:///{whole.with_name('store.db')}") as there:
        before = dump(there.store)
        with pytest.raises((InputError, UsageError), match=told):
            restore(there, RestoreOptions(file, replace=True, yes=True))
        assert dump(there.store) == before


def rows(table: str, *values: tuple[object, ...]) -> tuple[archive.Block, archive.Content]:
    (block,) = archive.blocks(values)
    return archive.Block(table, block), archive.content(values)


@pytest.mark.parametrize(
    ("table", "row"),
    [("nothing", ("a", "b")), ("meta", ("a", 1)), ("meta", ("a",))],
)
def test_rows_that_are_none_of_a_store(
    filled: str, tmp_path: Path, table: str, row: tuple[object, ...]
) -> None:
    block, content = rows(table, row)
    file = tmp_path / "bad.backup"
    file.write_bytes(messages(Header(HEAD, "", "1"), block, Footer({table: content})))
    with workspace(filled) as there:
        before = dump(there.store)
        with pytest.raises(InputError, match="is damaged"):
            restore(there, RestoreOptions(file, replace=True, yes=True))
        assert dump(there.store) == before


def test_a_file_that_is_no_backup_is_not_overwritten(filled: str, tmp_path: Path) -> None:
    mine = tmp_path / "notes.txt"
    mine.write_text("mine")
    with workspace(filled) as there:
        with pytest.raises(UsageError, match="is no backup"):
            backup(there, BackupOptions(mine))
        with pytest.raises(UsageError, match="is no file"):
            backup(there, BackupOptions(tmp_path))
    assert mine.read_text() == "mine"


def held(url: str, *arguments: str) -> subprocess.Popen[str]:
    """A command, once it is held."""
    command = [sys.executable, "-c", HELD, "--store", url, "db", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


@pytest.mark.slow
def test_killed_in_the_middle(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "store.backup"
    good = saved(filled, file)
    with workspace(filled) as there:
        load_entities(there.store, [UNIVERSE.__replace__(revision=101)])
        before = dump(there.store)
    for words in (["backup", str(file)], ["restore", str(file), "--replace", "--yes"]):
        with held(filled, *words) as process:
            process.kill()
        assert file.read_bytes() == good
        with workspace(filled) as there:
            assert dump(there.store) == before
    restored(filled, file, replace=True)
    assert saved(filled, tmp_path / "again.backup") == good
    saved(filled, file)
    assert {path.name for path in tmp_path.glob("*.backup*")} == {"store.backup", "again.backup"}
    assert not list(tmp_path.glob(".*.part"))
