"""Only a word of the server deletes: an answer of status 200 that does not name what was asked for
is no answer, and what is there is there, whatever the store thought."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import kgenrich
from kgenrich.cli.main import cli
from kgenrich.errors import InputError, NetworkError
from kgenrich.harvest.document import Reader
from kgenrich.harvest.run import HarvestCounts, Selection, harvest
from kgenrich.harvest.wikibase import read_ids
from kgenrich.model import Entity
from kgenrich.net.session import Session
from kgenrich.settings import Network
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import find_entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.migrate import check
from kgenrich.store.story.runs import runs
from tests.server import Asked, Reply, Server

NAMES = ("Q1", "Q2", "Q3", "Q4")
_SETTINGS = {"contact": "me@example.org", "requests_per_minute": 1e6}
# A server that says one thing forever need not be asked twice.
NETWORK = Network.model_validate({**_SETTINGS, "retries": 0})


def entity(name: str) -> Entity:
    return Entity(name, labels={"en": f"label of {name}"}, classes=("Q5",), revision=7)


def document(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "type": "item",
        "lastrevid": 7,
        "labels": {"en": {"language": "en", "value": f"label of {name}"}},
        "descriptions": [],
        "aliases": {},
        "claims": {
            "P31": [
                {
                    "rank": "normal",
                    "mainsnak": {
                        "snaktype": "value",
                        "datavalue": {
                            "type": "wikibase-entityid",
                            "value": {"entity-type": "item", "id": "Q5"},
                        },
                    },
                }
            ]
        },
        "sitelinks": {},
    }


def ask(
    store: Store,
    url: str,
    names: tuple[str, ...] = NAMES,
    size: int = 50,
    classes: tuple[str, ...] = (),
    **options: int,
) -> HarvestCounts:
    with Session(NETWORK) as session:

        def read(names: Sequence[str], start: str = "") -> Any:
            return read_ids(
                session,
                url,
                names,
                Reader(),
                lambda name: find_entity(store, name),
                start=start,
                size=size,
            )

        selection = Selection(classes=classes)
        return harvest(
            store,
            "harvest ids",
            {"ids": names},
            "",
            selection,
            partial(read, names),
            ask_again=read,
            **options,
        )


def stored(store: Store) -> dict[str, Entity | None]:
    return {name: find_entity(store, name) for name in NAMES}


def deleted(found: Mapping[str, Entity | None]) -> set[str]:
    return {name for name, told in found.items() if told is not None and told.deleted}


WORDS: dict[str, Any] = {
    "there": document,
    "missing": lambda name: {"id": name, "missing": ""},
    "missing, briefly": lambda name: {"missing": True},
    # What says nothing of an entity deletes nothing.
    "nothing": lambda name: {},
    "its id": lambda name: {"id": name},
    "its revision": lambda name: {"id": name, "type": "item", "lastrevid": 9},
    "not missing": lambda name: {"id": name, "missing": False},
}
SAID = {"there", "missing", "missing, briefly"}


@pytest.mark.parametrize("body", [{}, {"success": 1}, {"entities": {}}, {"entities": []}])
def test_an_answer_without_entities_is_no_answer(store: Store, body: Any) -> None:
    load_entities(store, [entity(name) for name in NAMES])
    before = stored(store)
    with (
        Server([Reply(body)]) as server,
        pytest.raises(NetworkError, match="its answer lacks Q1, Q2, Q3 and 1 more"),
    ):
        ask(store, server.url)
    assert stored(store) == before


@given(
    st.lists(st.sampled_from(["not named", *WORDS]), min_size=len(NAMES), max_size=len(NAMES)),
    st.booleans(),
)
def test_only_what_is_said_to_be_missing_is_deleted(words: list[str], listed: bool) -> None:
    by_name = dict(zip(NAMES, words, strict=True))
    told = {name: WORDS[word](name) for name, word in by_name.items() if word != "not named"}
    if listed:
        # A list has no names but those inside.
        told = {name: {**data, "id": name} for name, data in told.items()}
    body = {"entities": list(told.values()) if listed else told}
    unsaid = [name for name, word in by_name.items() if word not in SAID]
    with Server([Reply(body)]) as server, Session(NETWORK) as session:
        batches = read_ids(session, server.url, NAMES, Reader(), entity)
        if unsaid:
            with pytest.raises(NetworkError, match=f"its answer lacks {unsaid[0]}"):
                next(batches)
            return
        (batch,) = batches
    assert batch.rejects == []
    assert batch.entities == [
        entity(name) if word == "there" else Entity(name, revision=7, deleted=True)
        for name, word in by_name.items()
    ]


def test_an_answer_that_lacks_something_is_asked_for_again(store: Store) -> None:
    whole = {"entities": {name: document(name) for name in NAMES}}
    replies = [Reply({}), Reply({"entities": {"Q1": document("Q1")}}), Reply(whole)]
    network = Network.model_validate({**_SETTINGS, "retries": 2})
    with Server(replies) as server, Session(network) as session:
        (batch,) = read_ids(session, server.url, NAMES, Reader(), lambda name: None)
        assert len(server.asked) == 3
    assert [one.id for one in batch.entities] == list(NAMES)


def test_what_was_read_before_a_bad_answer_stays(store: Store) -> None:
    def first_alone(asked: Asked) -> Reply:
        names = asked.parameters["ids"].split("|")
        return Reply({"entities": {name: document(name) for name in names if "Q1" in names}})

    with (
        Server(first_alone) as server,
        pytest.raises(NetworkError, match="lacks Q3, Q4"),
    ):
        ask(store, server.url, size=2)
    assert stored(store) == {"Q1": entity("Q1"), "Q2": entity("Q2"), "Q3": None, "Q4": None}


@pytest.mark.parametrize("code", ["no-such-entity", "invalid-entity-id"])
def test_an_id_that_is_refused_is_reported_and_not_deleted(store: Store, code: str) -> None:
    load_entities(store, [entity("Q1")])
    with Server([Reply({"error": {"code": code, "info": "Not this one"}})]) as server:
        assert ask(store, server.url, ("Q1",)) == HarvestCounts(read=1, broken=1)
    assert stored(store)["Q1"] == entity("Q1")


def test_what_a_server_has_comes_back_in_the_same_revision(store: Store, store_url: str) -> None:
    names = ("Q1", "Q2")
    load_entities(store, [entity(name) for name in names])
    before = stored(store)
    gone = {"entities": {name: {"id": name, "missing": ""} for name in names}}
    with Server([Reply(gone)]) as server:
        ask(store, server.url, names)
    assert deleted(stored(store)) == set(names)
    # A dump of the state before does not bring it back, nor does an older revision.
    assert load_entities(store, [entity("Q1")]).skipped == 1
    with Server([Reply({"entities": {name: document(name) for name in names}})]) as server:
        assert ask(store, server.url, names) == HarvestCounts(read=2, changed=2)
    assert stored(store) == before
    assert check(store_url) == []


SOME = tuple(f"Q{number}" for number in range(1, 61))


def some_gone(gone: int) -> Any:
    """A server that says that the first so many are missing, and what the others are."""

    def answer(asked: Asked) -> Reply:
        names = asked.parameters["ids"].split("|")
        missing = {name: {"id": name, "missing": ""} for name in names if int(name[1:]) <= gone}
        return Reply({"entities": {**{name: document(name) for name in names}, **missing}})

    return answer


def ids_of(asked: Asked) -> list[str]:
    return asked.parameters["ids"].split("|")


@pytest.mark.parametrize("allowed", [0, 20, 29])
@pytest.mark.parametrize("size", [7, 50])
def test_more_than_a_few_deletions_need_a_yes(store: Store, allowed: int, size: int) -> None:
    load_entities(store, [entity(name) for name in SOME[:40]])
    before = {name: find_entity(store, name) for name in SOME[:40]}
    with Server(some_gone(30)) as server:
        with pytest.raises(InputError) as told:
            ask(store, server.url, SOME, size, allow_gone=allowed)
        assert "30 entities of the store are gone (Q1, Q2, Q3, ...)" in str(told.value)
        assert "none was" in str(told.value) and "--allow-gone 30;" in str(told.value)
        assert {name: find_entity(store, name) for name in before} == before
        assert find_entity(store, "Q60") == entity("Q60"), "everything else is kept"
        (run,) = runs(store)
        assert run.status == "failed"
        requests = len(server.asked)
        counts = ask(store, server.url, SOME, size, allow_gone=30)
        assert len(server.asked) > requests, "what is gone is asked for again, and no more"
        assert {id for each in server.asked[requests:] for id in ids_of(each)} == set(SOME[:30])
    assert counts == HarvestCounts(read=30, changed=30)
    after = {name: find_entity(store, name) for name in SOME}
    assert deleted(after) == set(SOME[:30])
    assert {name: after[name] for name in SOME[30:]} == {name: entity(name) for name in SOME[30:]}
    assert next(runs(store)).status == "done"


def test_a_few_deletions_need_no_yes_and_what_is_deleted_already_does_not_count(
    store: Store,
) -> None:
    load_entities(store, [entity(name) for name in SOME])
    with Server(some_gone(20)) as server:
        assert ask(store, server.url, SOME) == HarvestCounts(read=60, changed=20, unchanged=40)
        assert ask(store, server.url, SOME, size=3) == HarvestCounts(read=60, unchanged=60)
    with Server(some_gone(40)) as server:
        assert ask(store, server.url, SOME).changed == 20


def test_what_was_refused_is_not_done_by_a_later_harvest(store: Store) -> None:
    """A yes is to what the server says then."""
    load_entities(store, [entity(name) for name in SOME])
    before = {name: find_entity(store, name) for name in SOME}
    gone = 10
    with Server(lambda asked: some_gone(gone)(asked)) as server:
        with pytest.raises(InputError):
            ask(store, server.url, SOME, allow_gone=2)
        gone = 4
        assert ask(store, server.url, SOME) == HarvestCounts(read=10, changed=4, unchanged=6)
        gone = 0
        assert ask(store, server.url, SOME) == HarvestCounts(read=60, changed=4, unchanged=56)
    assert {name: find_entity(store, name) for name in SOME} == before


def test_classes_do_not_keep_what_is_gone(store: Store) -> None:
    load_entities(store, [entity(name) for name in NAMES])
    with Server(some_gone(1)) as server:
        counts = ask(store, server.url, NAMES, classes=("Q5",))
    assert counts == HarvestCounts(read=4, changed=1, unchanged=3)
    assert deleted(stored(store)) == {"Q1"}


def test_the_yes_is_given_on_the_command_line_and_in_python(tmp_path: Path) -> None:
    path, config = tmp_path / "a.db", tmp_path / "kgenrich.toml"
    config.write_text('[network]\ncontact = "me@example.org"\nrequests_per_minute = 1e6\n')
    gone = 0
    with Server(lambda asked: some_gone(gone)(asked)) as server:
        api = server.url
        command = ["--config", str(config), "--store", str(path), "harvest", "ids", *SOME]
        command += ["--api", api, "--json"]
        assert json.loads(CliRunner().invoke(cli, command).stdout)["new"] == 60
        gone = 30
        refused = CliRunner().invoke(cli, command)
        assert isinstance(refused.exception, InputError)
        with (
            kgenrich.open(path, config=config) as graph,
            pytest.raises(InputError, match="--allow-gone 30"),
        ):
            graph.harvest_ids(*SOME, api=api, allow_gone=29)
        accepted = CliRunner().invoke(cli, [*command, "--allow-gone", "30"])
        assert json.loads(accepted.stdout)["changed"] == 30


def test_a_live_answer_of_an_older_revision_is_still_skipped(store: Store) -> None:
    load_entities(store, [entity("Q1"), Entity("Q1", revision=8, deleted=True)])
    assert load_entities(store, [entity("Q1")], live=True).skipped == 1
    newer = Entity("Q1", labels={"en": "again"}, revision=8)
    assert load_entities(store, [newer], live=True).changed == 1
    assert find_entity(store, "Q1") == newer
