"""A wiki that changes while it is read: its API, its list of recent changes, and the event stream
that tells of them, as a `Server` answers it. It errs where it is told to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from threading import Event
from typing import Any

from tests.server import Asked, Reply

Document = dict[str, Any]
NAMESPACES = {
    "0": {"id": 0, "name": "", "defaultcontentmodel": "wikibase-item"},
    "1": {"id": 1, "name": "Talk"},
    "120": {"id": 120, "name": "Property", "defaultcontentmodel": "wikibase-property"},
}


class ChangingWiki:
    """The ``documents`` by id, and what happened to them in order.

    A connection to the stream is broken off after ``most`` events, the first of them is then the
    last one again; ``noise`` of other wikis, talk and comments stands between. What happened before
    the event ``kept_from`` is told no more. ``before`` is called with each request for entities.
    Its clock is ``late`` by some seconds.
    """

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = deepcopy(dict(documents))
        self.redirects: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        self.late = 0.0
        self.most, self.kept_from, self.noise, self.page = 1000, 0, False, 500
        self.before: Callable[[list[str]], None] = lambda ids: None
        self.refusals: list[Reply] = []
        self.fetched: list[list[str]] = []
        self.closed = Event()
        self._revision = 3_000_000_000

    def edit(self, id: str, **parts: Any) -> None:
        """Somebody changes parts of an entity, or makes it."""
        before = self.documents.get(id, {"id": id, "type": "item", "lastrevid": 0})
        document = {**before, **parts, "lastrevid": self._next()}
        is_new = id not in self.documents
        self.documents[id] = document
        self._tell(id, "new" if is_new else "edit", document["lastrevid"])

    def label(self, id: str, code: str, text: str) -> None:
        """Somebody writes a label."""
        labels = {**self.documents[id].get("labels", {}), code: {"language": code, "value": text}}
        self.edit(id, labels=labels)

    def delete(self, id: str) -> Document:
        """An administrator deletes an entity; what it was."""
        self._tell(id, "log", 0)
        return self.documents.pop(id)

    def restore(self, document: Document) -> None:
        """An administrator brings it back, as it was."""
        self.documents[document["id"]] = document
        self._tell(document["id"], "log", 0)

    def merge(self, id: str, into: str) -> None:
        """Somebody makes a redirect of an entity."""
        self.documents.pop(id)
        self.redirects[id] = into
        self._tell(id, "edit", self._next())

    def answer(self, asked: Asked) -> Reply:
        """What it says to any request."""
        if asked.path.endswith("/stream"):
            return self._stream(asked)
        if self.refusals:
            return self.refusals.pop(0)
        told = asked.parameters
        if told["action"] == "wbgetentities":
            ids = told["ids"].split("|")
            assert len(ids) <= 50
            self.before(ids)
            self.fetched.append(ids)
            return Reply({"entities": {id: self._entity(id) for id in ids}, "success": 1})
        if told.get("meta") == "siteinfo":
            return Reply({"query": {"namespaces": NAMESPACES}})
        if told.get("list") == "recentchanges":
            return self._recent(told)
        if told.get("prop") == "info":
            titles = told["titles"].split("|")
            assert len(titles) <= 50
            return Reply({"query": {"pages": [self._page_of(title) for title in titles]}})
        return Reply({"query": {"allpages": []}})

    def _entity(self, id: str) -> Document:
        target = self.redirects.get(id)
        if target is not None:
            return {**self.documents[target], "redirects": {"from": id, "to": target}}
        return self.documents.get(id, {"id": id, "missing": True})

    def _page_of(self, title: str) -> Document:
        id = title.rpartition(":")[2]
        if id in self.documents:
            return {"title": title, "lastrevid": self.documents[id]["lastrevid"]}
        if id in self.redirects:
            return {"title": title, "lastrevid": self._revision, "redirect": True}
        return {"title": title, "missing": True}

    def _next(self) -> int:
        self._revision += 1
        return self._revision

    def _tell(self, id: str, type: str, revision: int) -> None:
        property = id.startswith("P")
        self.events.append(
            {
                "type": type,
                "namespace": 120 if property else 0,
                "title": f"Property:{id}" if property else id,
                "timestamp": int(time.time() - self.late),
                "server_name": "www.wikidata.org",
                **({"revision": {"old": 1, "new": revision}} if revision else {}),
            }
        )

    def _recent(self, told: Mapping[str, str]) -> Reply:
        start = datetime.fromisoformat(told.get("rcstart", "1970-01-01T00:00:00Z")).timestamp()
        most = min(int(told["rclimit"]), self.page)
        first = int(told.get("rccontinue", f"x|{self.kept_from}").split("|")[1])
        rows = [
            {
                "rcid": number,
                "type": event["type"],
                "ns": event["namespace"],
                "title": event["title"],
                "revid": event.get("revision", {}).get("new", 0),
                "timestamp": datetime.fromtimestamp(event["timestamp"], UTC).isoformat(),
            }
            for number, event in enumerate(self.events)
            if number >= first and event["timestamp"] >= start
        ]
        onwards = {"rccontinue": f"x|{rows[most]['rcid']}"} if len(rows) > most else {}
        more = {"continue": onwards} if onwards else {}
        return Reply({"query": {"recentchanges": rows[:most]}, **more})

    def _stream(self, asked: Asked) -> Reply:
        last = asked.headers.get("last-event-id")
        first = json.loads(last)[0]["offset"] + 1 if last else 0
        if not last and "since" in asked.parameters:
            since = datetime.fromisoformat(asked.parameters["since"]).timestamp()
            first = sum(event["timestamp"] < since for event in self.events)
        first = max(first, self.kept_from)

        def parts() -> Iterator[bytes]:
            yield b"retry: 5\n\n:ok\n\n"
            # What it told last it tells again.
            again = max(first - 1, self.kept_from) if self.noise else first
            for number in range(again, min(first + self.most, len(self.events))):
                yield self._event(number, self.events[number])
                if self.noise:
                    yield b":heartbeat\r\n\r\n"
                    yield self._event(number, {**self.events[number], "server_name": "x.org"})
                    yield self._event(number, {**self.events[number], "namespace": 1})
                    yield b"data: no JSON\n\n"
            if first + self.most >= len(self.events):
                self.closed.wait(30)

        return Reply(stream=parts(), type="text/event-stream", cut=self.noise)

    @staticmethod
    def _event(number: int, event: Mapping[str, Any]) -> bytes:
        mark = json.dumps([{"topic": "recentchange", "partition": 0, "offset": number}])
        return f"event: message\nid: {mark}\ndata: {json.dumps(event)}\n\n".encode()
