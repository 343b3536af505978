"""Opening a store, and what goes wrong with databases: one sentence each."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from kgenrich.errors import StoreError
from kgenrich.model import Entity, Scope
from kgenrich.progress import Progress
from kgenrich.store.base import Store
from kgenrich.store.engine import make_engine
from kgenrich.store.facts.coverage import coverage
from kgenrich.store.facts.load import load_entities
from kgenrich.store.migrate import check, downgrade
from kgenrich.store.opening import open_store, prepare
from kgenrich.store.story.runs import running
from kgenrich.waits import tell_waits
from tests.databases import postgres_schema
from tests.stores import DOUGLAS, dump


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "none" / "store.db"
    with pytest.raises(StoreError, match=r"no database .*store\.db.*`kgenrich db upgrade`"):
        open_store(sqlite_url(path))
    assert not path.parent.exists(), "asking leaves nothing behind"
    open_store(sqlite_url(path), create=True).close()
    open_store(sqlite_url(path)).close()


def test_an_empty_database_says_how_to_fill_it(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with pytest.raises(StoreError, match=r"holds no store yet.*`kgenrich db upgrade`"):
        open_store(store_url)


def test_opening_twice_changes_nothing(store: Store, store_url: str) -> None:
    before = dump(store)
    for _ in range(2):
        open_store(store_url, create=True).close()
    assert dump(store) == before


def test_a_store_of_another_version(store: Store, store_url: str) -> None:
    with store.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="state 9999, made by a newer kgenrich: update"):
        open_store(store_url)


def test_a_store_of_another_graph(store: Store, store_url: str) -> None:
    with pytest.raises(StoreError, match=r"belong to http://www\.wikidata.*not to http://other"):
        open_store(store_url, base="http://other.org/")


def test_a_locked_database_waits_and_then_says_so(store: Store, store_url: str) -> None:
    impatient = open_store(store_url, timeout=0.1)
    with store.begin() as connection:
        if store.engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE entities"))
        with pytest.raises(StoreError, match="locked by another process"):
            load_entities(impatient, [DOUGLAS])
    assert load_entities(impatient, [DOUGLAS]).new == 1
    impatient.close()


def test_readers_do_not_wait_for_a_writer(store: Store, store_url: str) -> None:
    load_entities(store, [DOUGLAS])
    reader = open_store(store_url, timeout=0.1)
    with store.begin() as connection:
        connection.execute(text("DELETE FROM terms"))
        assert coverage(reader, Scope(("en",)))[0].explicit == 1
    reader.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is a text, not a database " * 100)
    for create in (False, True):
        with pytest.raises(StoreError, match="is not a database"):
            open_store(sqlite_url(path), create=create)
    assert path.read_bytes().startswith(b"this is a text")


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(sqlite_url(path), create=True)
    load_entities(store, [Entity(f"Q{n}", labels={"en": "x" * 50}) for n in range(1, 500)])
    store.close()
    data = bytearray(path.read_bytes())
    for page in range(4096 * 20, len(data), 4096):
        data[page : page + 200] = b"\xff" * 200
    path.write_bytes(data)
    try:
        problems = check(sqlite_url(path))
    except StoreError as error:
        problems = [str(error)]
    assert any("damaged" in problem for problem in problems)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(sqlite_url(tmp_path), create=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be"):
        open_store(sqlite_url(tmp_path / "sub" / "store.db"), create=True)


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    store = open_store(sqlite_url(tmp_path / "store.db"), create=True)
    load_entities(store, [DOUGLAS])
    before = dump(store)
    store.close()
    engine = make_engine(sqlite_url(tmp_path / "store.db"))
    # SQLite answers as on a full disk when a file may grow no more.
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 80"))
    full = Store(engine, store.base)
    prepare(full, create=False)
    with pytest.raises(StoreError, match=r"disk is full.*what was written before is kept"):
        load_entities(full, [Entity(f"Q{n}", labels={"en": "x" * 200}) for n in range(1, 5000)])
    assert dump(full) == before
    full.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://host/name", "SQLite or PostgreSQL, not mysql"),
        ("no url", "This is no database"),
        ("sqlite://", "in memory would be lost"),
        ("postgresql://u:secret@127.0.0.1:1/x", "cannot be reached"),
    ],
)
def test_addresses_that_are_wrong(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as raised:
        open_store(url, create=True)
    assert "secret" not in str(raised.value)


@pytest.mark.slow
def test_postgresql_knows_how_large_the_tables_are_after_a_run(postgres: str) -> None:
    large = [Entity(f"Q{n}", labels={"en": "x" * 200}) for n in range(1, 3001)]
    with postgres_schema(postgres) as url, closing(open_store(url, create=True)) as store:
        with running(store, "harvest dump", {}, ""):
            load_entities(store, large)
        with store.read() as connection:
            query = "SELECT reltuples FROM pg_class WHERE oid = 'terms'::regclass"
            assert connection.execute(text(query)).scalar() == len(large)


def test_a_postgresql_database_that_is_not_there(postgres: str) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        open_store(postgres.rsplit("/", 1)[0] + "/kgenrich_nowhere", create=True)


def test_postgresql_without_its_driver_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from kgenrich.store.opening import open_store\n"
        "open_store('postgresql://127.0.0.1/x')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "kgenrich[postgres]" in done.stderr


def test_our_own_mistakes_are_not_disguised(store: Store) -> None:
    with pytest.raises(Exception, match="nonsense") as raised, store.begin() as connection:
        connection.execute(text("SELECT * FROM nonsense"))
    assert not isinstance(raised.value, StoreError)


def test_a_killed_writer_leaves_the_last_batch_whole(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "store.db")
    open_store(url, create=True).close()
    code = (
        "import os, signal, sys\n"
        "from kgenrich.model import Entity\n"
        "from kgenrich.store.opening import open_store\n"
        "from kgenrich.store.facts import load, recount\n"
        "store = open_store(sys.argv[1])\n"
        "load.load_entities(store, [Entity('Q1', labels={'en': 'a'})])\n"
        "load.add_changes = lambda *given: os.kill(os.getpid(), signal.SIGKILL)\n"
        "load.load_entities(store, [Entity('Q2', labels={'en': 'b'})])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, url], check=False)
    assert done.returncode == -9
    store = open_store(url)
    assert [row[0] for row in dump(store)["entities"]] == [4]
    store.close()
    assert check(url) == []
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_ctrl_c_inside_a_statement_gives_the_lock_back(store: Store, store_url: str) -> None:
    """Whoever notes that the run was stopped does so while the traceback is alive."""
    code = (
        "import signal, sys\n"
        "from sqlalchemy import event, text\n"
        "from kgenrich.model import Entity\n"
        "from kgenrich.store.facts.load import load_entities\n"
        "from kgenrich.store.opening import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "try:\n"
        "    with store.begin() as connection:\n"
        "        event.listen(connection, 'after_cursor_execute',\n"
        "                     lambda *given: signal.raise_signal(signal.SIGINT))\n"
        "        connection.execute(text(\"INSERT INTO meta VALUES ('a', 'b') RETURNING key\"))\n"
        "except KeyboardInterrupt:\n"
        "    other = open_store(sys.argv[1], timeout=0.5)\n"
        "    load_entities(other, [Entity('Q42', labels={'en': 'Douglas Adams'})])\n"
        "    print('written')\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code, store_url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "written\n", done.stderr
    assert dump(store)["entities"]


class Told(Progress):
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.remarks: list[str] = []

    def remark(self, text: str, *, grave: bool = False) -> None:
        self.remarks.append(text)


@pytest.mark.slow
def test_who_waits_for_another_writer_is_told(store: Store) -> None:
    told = Told()
    tell_waits(told)
    lock = "UPDATE meta SET value = value"
    with store.begin() as other:
        other.execute(text(lock))
        begun = time.monotonic()
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(store.write, lambda connection: connection.execute(text(lock)))
            while not told.remarks:
                assert time.monotonic() - begun < 60
                time.sleep(0.05)
            assert time.monotonic() - begun > 1.9
            other.rollback()
            waiting.result(60)
    (remark,) = told.remarks
    assert "Waiting" in remark and "another process" in remark
    assert str(store.engine.url.database) in remark


def test_nobody_takes_tables_away_from_a_run(store: Store, store_url: str) -> None:
    with (
        running(store, "harvest dump", {}, "h"),
        pytest.raises(StoreError, match=rf"in use \(harvest dump by process {os.getpid()} on"),
    ):
        downgrade(store_url)
    downgrade(store_url)
