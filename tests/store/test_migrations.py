"""Migrations go up and down on both databases and lead to exactly the tables of the code."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import inspect, select

from kgenrich.errors import StoreError, UsageError
from kgenrich.model import Entity
from kgenrich.store.base import Store
from kgenrich.store.engine import make_engine
from kgenrich.store.facts.coverage_counts import by_slot, unpack
from kgenrich.store.facts.graph import find_entities, find_entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.facts.origins import keys_of, read_ledger
from kgenrich.store.keys import ALL, entity_key
from kgenrich.store.migrate import check, downgrade, known_revisions, state, upgrade
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import decisions
from kgenrich.store.tables import HEAD, metadata
from kgenrich.store.tables import coverage as coverage_table
from tests.stores import DOUGLAS, THING, dump


def schema(url: str) -> dict[str, object]:
    """Columns, keys and indexes as the database itself tells them."""
    engine = make_engine(url)
    with engine.connect() as connection:
        found = inspect(connection)
        told = {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
                found.get_pk_constraint(table)["constrained_columns"],
                sorted((i["name"] or "", bool(i["unique"])) for i in found.get_indexes(table)),
                sorted(u["column_names"] for u in found.get_unique_constraints(table)),
            )
            for table in found.get_table_names()
        }
    engine.dispose()
    return told


def counts(store: Store) -> dict[str, dict[int, tuple[int, int, int, int]]]:
    """The summary of coverage by class, and by slot in the order in which it is kept."""
    with store.read() as connection:
        ids = {ALL: "all", entity_key("Q5"): "Q5"}
        rows = connection.execute(select(coverage_table)).all()
        return {ids[row.class_key]: by_slot(unpack(row.counts)) for row in rows}


def test_the_newest_migration_is_the_one_that_the_code_needs() -> None:
    assert known_revisions()[-1] == HEAD


@pytest.mark.slow
def test_up_down_up(store_url: str) -> None:
    assert state(store_url) == (None, HEAD)
    upgrade(store_url)
    assert state(store_url) == (HEAD, HEAD)
    first = schema(store_url)
    assert metadata.tables.keys() <= first.keys()
    downgrade(store_url)
    assert state(store_url) == (None, HEAD)
    assert schema(store_url).keys() == {"alembic_version"}
    upgrade(store_url)
    upgrade(store_url)
    assert schema(store_url) == first


def test_migrations_and_tables_agree(store_url: str) -> None:
    upgrade(store_url)
    engine = make_engine(store_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrations_make_what_the_tables_would_make(store_url: str) -> None:
    upgrade(store_url)
    migrated = schema(store_url)
    downgrade(store_url)
    engine = make_engine(store_url)
    metadata.create_all(engine)
    assert schema(store_url) == migrated
    metadata.drop_all(engine)
    engine.dispose()


def test_an_upgrade_of_a_store_in_use_keeps_it(store_url: str) -> None:
    store = open_store(store_url, create=True)
    load_entities(store, [DOUGLAS])
    before = dump(store)
    upgrade(store_url)
    assert dump(store) == before
    store.close()
    assert check(store_url) == []


def test_a_store_of_the_first_state_keeps_what_was_decided(store_url: str) -> None:
    upgrade(store_url, "0001")
    with pytest.raises(StoreError, match=r"older state 0001: run `kgenrich db upgrade`"):
        open_store(store_url)
    engine = make_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO decisions (candidate_id, verdict, author, text, comment, score, "
            "probability, ranker, revision, at, current) VALUES "
            "('c', 'accept', 'ann', 'Berlino', '', 1, 0.9, 'pool', 8, '2025-01-01', true)"
        )
    engine.dispose()
    upgrade(store_url)
    store = open_store(store_url)
    (kept,) = decisions(store, "c")
    store.close()
    assert (kept.text, kept.author, kept.replaces) == ("Berlino", "ann", "")
    downgrade(store_url, "0001")
    assert state(store_url)[0] == "0001"


def test_definitions_take_the_place_of_counts_by_script(store_url: str) -> None:
    """Of labels for all languages the summary kept counts under what is the kind of definitions
    now: by script, and by language for labels in another script."""
    entity = Entity(
        "Q1",
        labels={"mul": "Universe", "ba": "Галәм"},
        definitions={"en": "All of space and time.", "ba": "Бөтә арауыҡ."},
        classes=("Q5",),
        sitelinks={"enwiki": "Universe"},
    )
    store = open_store(store_url, create=True)
    load_entities(store, [entity])
    coverage = counts(store)
    downgrade(store_url, "0006")
    one, heir = (1, 0, 1, 0), (0, 1, 0, 1)
    # mul, Latin script, Bashkir, Bashkir beside another script, Cyrillic script: as version 0006
    # counted them.
    before = {4: one, 11: one, 136: one, 139: heir, 3323: one}
    assert counts(store) == {"all": before, "Q5": before}
    upgrade(store_url)
    assert check(store_url) == []
    assert find_entity(store, "Q1") == replace(entity, definitions={})
    assert load_entities(store, [entity]).changed == 1, "the digest of what was lost is gone"
    assert find_entity(store, "Q1") == entity
    assert counts(store) == coverage
    store.close()


def test_a_store_without_origins_keeps_what_the_graph_said(store_url: str) -> None:
    """What was under bare ids is the wiki's word, what was under IRIs that of earlier harvests."""
    store = open_store(store_url, create=True)
    property = Entity("P31", labels={"en": "instance of"}, type="property")
    said = [DOUGLAS, THING, property, Entity("Q7", redirect="Q42", revision=3)]
    load_entities(store, said)
    before = dump(store, "origins", "sayings", "presence", "changes", "alembic_version")
    store.close()
    downgrade(store_url, "0006")
    upgrade(store_url)
    assert check(store_url) == []
    store = open_store(store_url)
    after = dump(store, "origins", "sayings", "presence", "changes", "alembic_version")
    held = find_entities(store, [entity.id for entity in said])
    names = {number: origin.name for number, origin in read_ledger(store).origins.items()}
    assert names == {1: "www.wikidata.org", 2: "earlier harvests"}
    assert [len([*keys_of(store, number)]) for number in names] == [3, 1]
    assert load_entities(store, said[:1]).skipped == 1, "it is known to have said this"
    store.close()
    assert {entity.id: entity for entity in said} == held
    for name, rows in before.items():
        if name in ("terms", "classes", "claims", "sitelinks"):
            assert [row[:-1] for row in after[name]] == [row[:-1] for row in rows]
        else:
            assert after[name] == rows


def test_what_cannot_be_migrated_says_why(store_url: str) -> None:
    with pytest.raises(StoreError, match="no store here"):
        downgrade(store_url)
    with pytest.raises(StoreError, match="no store yet"):
        check(store_url)
    with pytest.raises(UsageError, match="no migration 9999"):
        upgrade(store_url, "9999")
    assert state(store_url)[0] is None


def test_sqlite_keeps_clustered_tables_without_a_second_tree(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'store.db'}")
    with sqlite3.connect(tmp_path / "store.db") as connection:
        made = dict(connection.execute("SELECT name, trim(sql, char(10)) FROM sqlite_master"))
    for name in ("terms", "claims", "classes", "sitelinks"):
        assert made[name].endswith("WITHOUT ROWID")
    assert "WHERE slot % 4 = 0 AND length(text) <= 250" in made["labels_by_text"]


def test_tables_without_a_version_are_left_alone(store_url: str) -> None:
    upgrade(store_url)
    engine = make_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    engine.dispose()
    with pytest.raises(StoreError, match="alembic_version"):
        upgrade(store_url)
