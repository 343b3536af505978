"""Following a wiki: whatever it does meanwhile, the store ends as the wiki is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from kgenrich.cli.main import cli
from kgenrich.errors import UsageError
from kgenrich.harvest.changes import written_time
from kgenrich.model import Entity
from kgenrich.net.events import LARGEST, Event, Parser
from kgenrich.resources import resource
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import find_entity
from kgenrich.store.opening import open_store
from kgenrich.store.story.runs import runs
from kgenrich.store.tables import entities
from kgenrich.verbs.following import read_end
from tests.changing_wiki import ChangingWiki
from tests.server import Reply, Server
from tests.stores import dump

DOCUMENTS = {
    json.loads(line)["id"]: json.loads(line)
    for line in gzip.decompress(resource("config/demo/items.json.gz").read_bytes())
    .decode()
    .replace(",\n", "\n")
    .splitlines()
    if len(line) > 2
}
IDS = sorted(DOCUMENTS, key=lambda id: int(id[1:]))[:120]


class Following:
    """A wiki, its server, and a store that holds its first items."""

    def __init__(self, folder: Path, wiki: ChangingWiki, server: Server) -> None:
        self.folder, self.wiki, self.server = folder, wiki, server
        self.store = folder / "store.db"

    def run(self, *arguments: str) -> Result:
        given = ["--store", str(self.store), "harvest", *arguments]
        return CliRunner().invoke(cli, given)

    def changes(self, *arguments: str, api: bool = False) -> dict[str, Any]:
        """Follow, and give back the counts."""
        by = ["--api", f"{self.server.url}/w/api.php"]
        by += [] if api else ["--stream", f"{self.server.url}/stream"]
        done = self.run("changes", *by, "--json", *arguments)
        assert done.exit_code == 0, done.output
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def opened(self) -> Store:
        return open_store(f"sqlite:///{self.store}")

    def other(self) -> dict[str, Entity | None]:
        """The entities of the store that are not as the wiki has them."""
        store = self.opened()
        with store.read() as connection:
            keys = connection.execute(select(entities.c.key)).scalars().all()
        held = {id: find_entity(store, id) for id in (f"Q{key // 4}" for key in keys)}
        store.close()
        assert len(held) >= 100
        return {id: one for id, one in held.items() if not self._is_as_on_the_wiki(id, one)}

    def _is_as_on_the_wiki(self, id: str, held: Entity | None) -> bool:
        assert held is not None
        document = self.wiki.documents.get(id)
        if document is None:
            return held.deleted or held.redirect == self.wiki.redirects.get(id, "none")
        label = document["labels"].get("it", {}).get("value")
        is_there = not (held.deleted or held.redirect)
        return is_there and (held.labels.get("it"), held.revision) == (label, document["lastrevid"])


@pytest.fixture
def following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Following]:
    for name, value in {
        "CONTACT": "me@example.org",
        "REQUESTS_PER_MINUTE": "1000000",
        "RETRIES": "2",
        "TIMEOUT": "0.3",
    }.items():
        monkeypatch.setenv(f"KGENRICH_NETWORK__{name}", value)
    # Some of the shipped items are without a revision.
    revised = {id: {**(one := DOCUMENTS[id]), "lastrevid": one.get("lastrevid") or 7} for id in IDS}
    wiki = ChangingWiki(revised)
    with Server(wiki.answer) as server:
        one = Following(tmp_path, wiki, server)
        path = tmp_path / "items.json"
        path.write_text("[" + ",\n".join(json.dumps(wiki.documents[id]) for id in IDS[:100]) + "]")
        assert one.run("dump", str(path)).exit_code == 0
        yield one
        wiki.closed.set()


def since(wiki: ChangingWiki) -> tuple[str, str]:
    """Before all that happened."""
    return "--since", written_time(wiki.events[0]["timestamp"])


def many_things_happen(wiki: ChangingWiki) -> None:
    """Items are edited, some of them twice, deleted, restored, merged, made."""
    for id in IDS[:20]:
        wiki.label(id, "it", f"Nome di {id}")
    wiki.label(IDS[3], "it", "Un altro nome")
    gone = wiki.delete(IDS[20])
    wiki.delete(IDS[21])
    wiki.restore(gone)
    wiki.merge(IDS[22], IDS[23])
    wiki.label(IDS[110], "it", "Non nello store")
    wiki.edit("Q999999999", labels={"it": {"language": "it", "value": "Nuovo"}})


@pytest.mark.parametrize("api", [False, True], ids=["stream", "list"])
@pytest.mark.parametrize("noise", [False, True], ids=["quiet", "noise"])
def test_what_happens_on_the_wiki_is_read(following: Following, api: bool, noise: bool) -> None:
    wiki = following.wiki
    wiki.noise, wiki.most, wiki.page = noise, 7 if noise else 1000, 7 if noise else 500
    many_things_happen(wiki)
    told = following.changes(*since(wiki), api=api)
    assert following.other() == {}
    assert told["new"] == 0 and told["changed"] == 22
    if not noise:
        assert sum(map(len, wiki.fetched)) == 23, "what was edited twice is read once"
    if noise and not api:
        marks = [asked.headers.get("last-event-id") for asked in following.server.asked]
        assert sum(mark is not None for mark in marks) >= 3, "it goes on where it was cut off"

    wiki.fetched.clear()
    assert following.changes(api=api)["concerning"] == (0 if not api else 3)
    wiki.label(IDS[5], "it", "Ancora un nome")
    assert following.changes(api=api)["changed"] == 1
    assert following.other() == {}


def test_new_ones_are_taken_on_demand_and_by_class(following: Following) -> None:
    wiki = following.wiki
    many_things_happen(wiki)
    (of_class,) = [
        value["mainsnak"]["datavalue"]["value"]["id"]
        for value in DOCUMENTS[IDS[110]]["claims"]["P31"][:1]
    ]
    told = following.changes(*since(wiki), "--classes", of_class)
    assert told["new"] == 1 and following.other() == {}, "what is there is read whatever it is"
    wiki.label(IDS[111], "it", "Non nello store")
    wiki.edit("Q999999999", labels={"it": {"language": "it", "value": "Nuovissimo"}})
    assert following.changes("--new")["new"] == 2
    assert following.other() == {}


@pytest.mark.parametrize("api", [False, True], ids=["stream", "list"])
def test_the_first_time_revisions_are_compared(following: Following, api: bool) -> None:
    many_things_happen(following.wiki)
    following.wiki.kept_from = len(following.wiki.events)
    told = following.changes(api=api)
    assert told["compared"] == 100 and told["concerning"] == 22
    assert following.other() == {}
    blocks = [one for one in following.server.asked if one.parameters.get("prop") == "info"]
    assert len(blocks) == 2


@pytest.mark.parametrize("api", [False, True], ids=["stream", "list"])
def test_where_the_feed_does_not_reach_back_revisions_are_compared(
    following: Following, api: bool
) -> None:
    wiki = following.wiki
    wiki.late = 40 * 86400
    wiki.label(IDS[0], "it", "Nome")
    until = written_time(wiki.events[0]["timestamp"] + 60)
    assert following.changes(*since(wiki), "--until", until, api=api)["compared"] == 0
    many_things_happen(wiki)
    wiki.late = 0
    wiki.kept_from = len(wiki.events)
    wiki.label(IDS[50], "it", "Nome")
    told = following.changes(api=api)
    assert told["compared"] > 90 and following.other() == {}
    assert following.changes(api=api)["compared"] == 0, "afterwards it reaches back"


def test_what_happens_between_an_event_and_the_look_is_no_trouble(following: Following) -> None:
    wiki = following.wiki
    for id in IDS[:30]:
        wiki.label(id, "it", f"Nome di {id}")

    def meanwhile(ids: list[str]) -> None:
        wiki.before = lambda ids: None
        wiki.delete(IDS[1])
        wiki.merge(IDS[2], IDS[3])
        wiki.label(IDS[4], "it", "Un nome ancora più nuovo")

    wiki.before = meanwhile
    following.changes(*since(wiki))
    following.changes()
    assert following.other() == {}


def test_a_server_that_lags_or_is_asked_too_often_is_waited_for(following: Following) -> None:
    wiki = following.wiki
    wiki.label(IDS[0], "it", "Nome")
    lag = {"error": {"code": "maxlag", "info": "Waiting for a server: 6 seconds", "lag": 0.1}}
    wiki.refusals = [
        Reply(lag, headers={"Retry-After": "0"}),
        Reply(status=429, headers={"Retry-After": "0"}),
    ]
    assert following.changes(*since(wiki), api=True)["changed"] == 1


def test_wherever_it_is_stopped_it_goes_on(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each batch in turn; in between nothing is kept, for data and place are one."""
    from kgenrich.harvest import changes
    from kgenrich.progress import Progress

    monkeypatch.setattr(changes, "TOGETHER", 4)
    wiki = following.wiki
    many_things_happen(wiki)
    update, stops = Progress.update, 0

    class Stop(Exception):
        pass

    def stopping(self: Progress, done: int | None = None, note: str = "") -> None:
        if done and stops < 12:
            raise Stop
        update(self, done, note)

    monkeypatch.setattr("kgenrich.cli.terminal_progress.TerminalProgress.update", stopping)
    while stops < 13:
        done = following.run(
            *("changes", "--stream", f"{following.server.url}/stream"),
            *("--api", f"{following.server.url}/w/api.php", *since(wiki)),
        )
        if done.exit_code == 0:
            break
        stops += 1
    assert stops >= 5 and following.other() == {}
    assert sum(map(len, wiki.fetched)) <= 23 + 4 * stops, "what is kept is not read again"


def test_a_dry_run_counts_and_writes_nothing(following: Following) -> None:
    many_things_happen(following.wiki)
    store = following.opened()
    before = dump(store)
    told = following.changes(*since(following.wiki), "--dry-run")
    assert (told["events"], told["concerning"]) == (27, 23) and following.wiki.fetched == []
    assert dump(store) == before
    store.close()


def test_a_stream_that_is_none_is_one_sentence(following: Following) -> None:
    api = f"{following.server.url}/w/api.php"
    done = following.run("changes", "--stream", f"{api}?action=query", "--api", api)
    assert "sent no events" in str(done.exception)
    store = following.opened()
    assert next(iter(runs(store))).status == "failed"
    store.close()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--since", "yesterday"), ("--until", "soon"), ("--for", "2 weeks")],
)
def test_what_is_no_time_says_so(following: Following, option: str, value: str) -> None:
    done = following.run("changes", option, value)
    assert isinstance(done.exception, UsageError)
    assert f"{option} {value}: give a time as" in str(done.exception)


def test_when_it_ends() -> None:
    assert read_end("", "2h", lambda: 100.0).by == 100.0 + 7200
    assert read_end("now", "", lambda: 100.0).by is None
    later = read_end("2033-05-18T03:33:20", "", lambda: 100.0)
    assert (later.at, later.by) == (2e9, 2e9)


STREAM = (
    b":ok\r\n\r\nretry: 250\nid: 1\ndata: one\ndata: two\n\n"
    b"event: message\rid: 2\rdata:three\r\r"
    b"id: 3\n\ndata: x" + b"y" * LARGEST + b"\n\ndata\nignored: 1\n\nid: 4\ndata: four\n\n"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 65536, 1 << 21])
def test_events_are_read_in_whatever_parts_they_come(size: int) -> None:
    # Nobody sends what is too large byte by byte.
    stream = STREAM if size > 7 else STREAM.replace(b"y" * LARGEST, b"y" * 1000)
    parser = Parser()
    read = [
        event
        for at in range(0, len(stream), size)
        for event in parser.feed(stream[at : at + size])
        if len(event.data) < 100
    ]
    assert read == [
        Event("1", b"one\ntwo"),
        Event("2", b"three"),
        Event("3", b""),
        Event("4", b"four"),
    ]
    assert (parser.last_id, parser.retry) == ("4", 0.25)
