"""A wiki that is edited: it keeps its entities and their history, and answers as both APIs of a
Wikibase do, with their errors.

Written after ``mediawiki-extensions-Wikibase``: in ``repo/includes``
``EditEntity/MediawikiEditEntity.php`` (how edits that are based on an older revision are merged, or
are a conflict) and ``Api/EntitySavingHelper.php`` (codes of errors); the OpenAPI description of
``repo/rest-api`` (paths, ETags, codes).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import unquote

from tests.server import Asked, Reply
from tests.wbeditentity import Entity, RefusedError

US, TOKEN, PASSWORD, CSRF = "Kgenrich", "t0ken-of-ours", "bot-password", "csrf+\\"
LONGEST = 250
Place = tuple[str, str, str]
"""Kind, language, and of an alias the text."""


def places(entity: Entity | None) -> dict[Place, str]:
    """All terms of an entity by their place."""
    if entity is None:
        return {}
    found = {("label", code, ""): text for code, text in entity.labels.items()}
    found |= {("description", code, ""): text for code, text in entity.descriptions.items()}
    for code, texts in entity.aliases.items():
        found |= {("alias", code, text): text for text in texts}
    return found


class Revision:
    """What somebody made of an entity, and out of what."""

    def __init__(self, number: int, user: str, comment: str, before: Entity, after: Entity) -> None:
        self.number, self.user, self.comment = number, user, comment
        self.before, self.after = places(before), places(after)
        self.snapshot = deepcopy(after)

    def changes(self) -> dict[Place, tuple[str, str]]:
        """What was there and what is, by place."""
        return {
            place: (self.before.get(place, ""), self.after.get(place, ""))
            for place in self.before.keys() | self.after.keys()
            if self.before.get(place) != self.after.get(place)
        }


class EditedWiki:
    """Entities by id, each with its history, the latest revision last.

    ``faults`` are met by the next edits, one each: ``lost`` (it never arrives), ``unanswered`` (it
    is done, and nobody is told), ``garbled`` and ``a page`` (it is done, and nobody can read the
    answer), ``500``, ``429``, ``maxlag``, ``ratelimited``, ``readonly``, ``badtoken``,
    ``signed out``, or a code of an error. ``meanwhile`` is called with the entity
    before an edit is looked at: others are faster.
    """

    def __init__(self) -> None:
        self.entities: dict[str, Entity] = {}
        self.history: dict[str, list[Revision]] = {}
        self.redirects: dict[str, str] = {}
        self.faults: deque[str] = deque()
        self.meanwhile: list[Callable[[str], None]] = []
        self.repeated: list[tuple[str, str]] = []
        """Edits that came again after they were done."""
        self.done: list[tuple[str, str]] = []
        """Entity and summary of the edits that were done, told or not."""
        self.blocked = ""
        self._next = 1000

    def add(self, id: str, **parts: Any) -> Entity:
        """An entity as it is at first."""
        entity = Entity(id, self._number())
        for name, value in parts.items():
            setattr(entity, name, deepcopy(value))
        self.entities[id] = entity
        revision = Revision(entity.revision, "Somebody", "", Entity(id), entity)
        self.history[id] = [revision]
        return entity

    def edit(
        self, id: str, change: Callable[[Entity], None], user: str = "Ann", comment: str = ""
    ) -> bool:
        """Somebody changes an entity; whether that made a revision."""
        before = self.entities[id]
        after = deepcopy(before)
        change(after)
        if places(before) == places(after):
            return False
        after.revision = self._number()
        self.entities[id] = after
        self.history[id].append(Revision(after.revision, user, comment, before, after))
        return True

    def label(self, id: str, code: str, text: str, user: str = "Ann") -> None:
        """Somebody writes a label, or takes it away."""

        def change(entity: Entity) -> None:
            if text:
                entity.labels[code] = text
            else:
                entity.labels.pop(code, None)

        self.edit(id, change, user)

    def ours(self, id: str) -> list[Revision]:
        """Our revisions of an entity."""
        return [one for one in self.history[id] if one.user == US]

    def answer(self, asked: Asked) -> Reply:
        """What it says to any request."""
        if asked.path.startswith("/w/rest.php/wikibase/v1/entities/"):
            return self._rest(asked)
        assert asked.path == "/w/api.php", asked.path
        told = asked.parameters
        if told["action"] == "wbeditentity":
            return self._edit_asked(asked)
        if told["action"] == "login":
            return self._login(told)
        if told["action"] == "wbgetentities":
            return Reply({"entities": {told["ids"]: self._document(told["ids"])}, "success": 1})
        if told.get("meta") == "tokens":
            kind = told["type"]
            token = CSRF if kind == "csrf" and self._signed_in(asked) else "anonymous+\\"
            return Reply({"query": {"tokens": {f"{kind}token": token}}})
        if told.get("meta") == "userinfo":
            if not self._signed_in(asked):
                return Reply({"query": {"userinfo": {"id": 0, "name": "127.0.0.1", "anon": True}}})
            block = {"blockid": 7, "blockreason": self.blocked} if self.blocked else {}
            return Reply({"query": {"userinfo": {"id": 5, "name": US, **block}}})
        assert told.get("prop") == "revisions", told
        return self._revisions(told)

    def _signed_in(self, asked: Asked) -> bool:
        bearer = asked.headers.get("authorization") == f"Bearer {TOKEN}"
        return bearer or "session=ours" in asked.headers.get("cookie", "")

    def _login(self, told: Mapping[str, str]) -> Reply:
        right = (told["lgname"], told["lgpassword"], told["lgtoken"])
        if right != (f"{US}@bot", PASSWORD, "anonymous+\\"):
            reason = "Incorrect username or password entered. Please try again."
            return Reply({"login": {"result": "Failed", "reason": reason}})
        done = {"login": {"result": "Success", "lguserid": 5, "lgusername": US}}
        return Reply(done, headers={"Set-Cookie": "session=ours; path=/; HttpOnly"})

    def _document(self, id: str) -> dict[str, Any]:
        target = self.redirects.get(id)
        if target is not None:
            return {**self._document(target), "redirects": {"from": id, "to": target}}
        entity = self.entities.get(id)
        if entity is None:
            return {"id": id, "missing": ""}

        def listed(texts: Mapping[str, str]) -> dict[str, Any]:
            return {code: {"language": code, "value": text} for code, text in texts.items()}

        return {
            "id": id,
            "type": "item" if id[0] == "Q" else "property",
            "pageid": self._page(id),
            "title": id if id[0] == "Q" else f"Property:{id}",
            "lastrevid": entity.revision,
            # An empty object is written as an empty list.
            "labels": listed(entity.labels) or [],
            "descriptions": listed(entity.descriptions) or [],
            "aliases": {
                code: [{"language": code, "value": text} for text in texts]
                for code, texts in entity.aliases.items()
                if texts
            }
            or [],
        }

    @staticmethod
    def _page(id: str) -> int:
        return int(id[1:]) * 2 + (id[0] == "P")

    def _revisions(self, told: Mapping[str, str]) -> Reply:
        page = int(told["pageids"])
        id = f"{'QP'[page % 2]}{page // 2}"
        rows = [
            {"revid": one.number, "user": one.user, "comment": f"/* edit: */ {one.comment}"}
            for one in reversed(self.history[id])
            if one.user == told["rvuser"]
        ]
        return Reply({"query": {"pages": [{"pageid": page, "revisions": rows[:50]}]}})

    def _met(self, id: str, summary: str) -> tuple[str, Reply | None]:
        """The fault that an edit meets, and what is then answered without looking at it."""
        if (id, summary) in self.done:
            self.repeated.append((id, summary))
        for act in self.meanwhile:
            act(id)
        self.meanwhile.clear()
        fault = self.faults.popleft() if self.faults else ""
        return fault, {
            "lost": Reply(mute=True),
            "429": Reply("Too many requests", 429, {"Retry-After": "0"}, "text/plain"),
        }.get(fault)

    def _edit_asked(self, asked: Asked) -> Reply:
        fault, reply = self._met(asked.parameters["id"], asked.parameters["summary"])
        if reply is not None:
            return reply
        if fault in _PASSING:
            code, info, more = _PASSING[fault]
            return _error(code, info, headers={"Retry-After": "0"}, **more)
        if fault and fault not in ("unanswered", "garbled", "a page", "500"):
            name = _MESSAGES.get(fault)
            named = [{"name": name, "parameters": [], "html": ""}] if name else []
            code = "failed-save" if name else fault
            return _error(code, f"It was refused: {fault}", messages=named)
        told = asked.parameters
        if not self._signed_in(asked):
            return _error("assertuserfailed", "You are no longer logged in.")
        if told.get("assertuser", US) != US:
            return _error("assertnameduserfailed", f"You are not {told['assertuser']}.")
        if told.get("token") != CSRF:
            return _error("badtoken", "Invalid CSRF token.")
        reply = self._edited(told)
        return _never_told(fault) or reply

    def _edited(self, told: Mapping[str, str]) -> Reply:
        id, summary = told["id"], told.get("summary", "")
        if id in self.redirects:
            return _error("unresolved-redirect", "The given entity ID refers to a redirect.")
        if id not in self.entities:
            return _error("no-such-entity", f"Could not find an entity with the ID {id}.")
        base = int(told["baserevid"])
        known = {one.number: one for one in self.history[id]}
        if base not in known:
            return _error("nosuchrevid", f"There is no revision with ID {base}.")
        latest = self.entities[id]
        wanted = deepcopy(known[base].snapshot)
        try:
            wanted.edit({"id": id, "data": json.loads(told["data"])})
        except (RefusedError, ValueError) as error:
            return _error("modification-failed", str(error))
        merged = self._merged(known[base].snapshot, wanted, latest, base)
        if merged is None:
            return _error("editconflict", "Edit conflict.")
        if fault := self._fault_of(merged):
            return _error("modification-failed", fault, messages=[{"name": f"wikibase-{fault}"}])
        self._save(id, merged, summary)
        return Reply({"entity": self._document(id), "success": 1})

    def _merged(self, base: Entity, wanted: Entity, latest: Entity, number: int) -> Entity | None:
        """What was wanted of an older revision, in the latest one; None for a conflict."""
        if base.revision == latest.revision:
            return wanted
        old, new, here = places(base), places(wanted), places(latest)
        patch = {
            place: (old.get(place), new.get(place))
            for place in old.keys() | new.keys()
            if old.get(place) != new.get(place)
        }
        if not patch:
            return latest
        clean = {place: to for place, (of, to) in patch.items() if here.get(place) == of}
        ours = all(one.user == US for one in self.history[latest.id] if one.number > number)
        if len(clean) != len(patch) and not (ours and clean):
            return None
        merged = deepcopy(latest)
        for place, text in clean.items():
            _put(merged, place, text)
        return merged

    def _fault_of(self, entity: Entity) -> str:
        texts = places(entity)
        if any(len(text) > LONGEST for text in texts.values()):
            return "validator-too-long"
        if ("description", "mul", "") in texts:
            return "validator-description-not-allowed"
        for code, text in entity.descriptions.items():
            if entity.labels.get(code) == text:
                return "validator-label-equals-description"
        for other in self.entities.values():
            for code, text in entity.descriptions.items():
                label = entity.labels.get(code)
                same = (other.labels.get(code), other.descriptions.get(code)) == (label, text)
                if other.id != entity.id and label and same:
                    return "validator-label-with-description-conflict"
        return ""

    def _save(self, id: str, entity: Entity, summary: str) -> None:
        def change(there: Entity) -> None:
            there.labels, there.descriptions = entity.labels, entity.descriptions
            there.aliases = entity.aliases

        if self.edit(id, change, US, summary):
            self.done.append((id, summary))

    def _rest(self, asked: Asked) -> Reply:
        kind, id = unquote(asked.path).split("/")[-2:]
        assert kind == {"Q": "items", "P": "properties"}[id[0]]
        if asked.method == "PATCH":
            fault, reply = self._met(id, json.loads(asked.body)["comment"])
            if reply is not None:
                return reply
            if fault in _REST_FAULTS:
                status, code, context = _REST_FAULTS[fault]
                body = {"code": code, "message": f"It was refused: {fault}", "context": context}
                return Reply(body, status, {"Retry-After": "0"})
        if not self._signed_in(asked):
            return Reply({"errorKey": "rest-permission-denied", "httpCode": 403}, 403)
        if id in self.redirects:
            if asked.method == "GET":
                return Reply("", 308, {"Location": f"/w/rest.php/x/{self.redirects[id]}"})
            return _rest_error(409, "redirected-item", f"Item {id} was redirected")
        if id not in self.entities:
            return _rest_error(404, "resource-not-found", "The requested resource does not exist")
        entity = self.entities[id]
        if asked.method == "GET":
            return self._rest_document(entity)
        if asked.headers.get("if-match") != f'"{entity.revision}"':
            return Reply("", 412)
        body = json.loads(asked.body)
        try:
            patched = _patched(entity, body["patch"])
        except _PatchError as error:
            return _rest_error(409, "patch-test-failed", str(error))
        except (KeyError, IndexError):
            return _rest_error(409, "patch-target-not-found", "Target not found on resource")
        if violation := self._fault_of(patched):
            return _rest_error(422, "data-policy-violation", violation)
        self._save(id, patched, body["comment"])
        return _never_told(fault) or self._rest_document(self.entities[id])

    def _rest_document(self, entity: Entity) -> Reply:
        body = {
            "id": entity.id,
            "labels": entity.labels,
            "descriptions": entity.descriptions,
            "aliases": {code: texts for code, texts in entity.aliases.items() if texts},
        }
        return Reply(body, headers={"ETag": f'"{entity.revision}"'})

    def _number(self) -> int:
        self._next += 1
        return self._next


_PASSING: dict[str, tuple[str, str, dict[str, Any]]] = {
    "maxlag": ("maxlag", "Waiting for 10.64.48.35: 0 seconds lagged.", {"lag": 0.01}),
    "ratelimited": ("ratelimited", "You've exceeded your rate limit.", {}),
    "throttled": (
        "failed-save",
        "The save has failed.",
        {"messages": [{"name": "actionthrottledtext"}]},
    ),
    "readonly": ("readonly", "The wiki is currently in read-only mode.", {}),
    "badtoken": ("badtoken", "Invalid CSRF token.", {}),
    "signed out": ("assertnameduserfailed", "You are no longer logged in.", {}),
}
_MESSAGES = {
    "abusefilter": "abusefilter-disallowed",
    "spam": "spam-blacklisted-link",
    "blockedtext": "blockedtext",
}
_REST_FAULTS: dict[str, tuple[int, str, dict[str, str]]] = {
    "ratelimited": (429, "request-limit-reached", {"reason": "rate-limit-reached"}),
    "throttled": (429, "request-limit-reached", {"reason": "rate-limit-reached"}),
    "blocked": (403, "permission-denied", {"denial_reason": "blocked-user"}),
    "abusefilter": (403, "permission-denied", {"denial_reason": "abuse-filter"}),
    "spam": (403, "permission-denied", {"denial_reason": "spam-blacklist"}),
    "protectedpage": (403, "permission-denied", {"denial_reason": "page-protected"}),
}


class _PatchError(Exception):
    pass


def _patched(entity: Entity, patch: list[dict[str, Any]]) -> Entity:
    """What a JSON Patch makes of an entity (RFC 6902, as far as terms go)."""
    document: Any = {
        "labels": dict(entity.labels),
        "descriptions": dict(entity.descriptions),
        "aliases": {code: list(texts) for code, texts in entity.aliases.items() if texts},
    }
    for step in patch:
        *way, last = step["path"][1:].split("/")
        target = document
        for name in way:
            target = target[int(name)] if isinstance(target, list) else target[name]
        key = int(last) if isinstance(target, list) and last != "-" else last
        if step["op"] == "test":
            there = target[key] if isinstance(target, list) else target.get(key)
            if there != step["value"]:
                raise _PatchError(step["path"])
        elif step["op"] == "remove":
            del target[key]
        elif isinstance(target, list):
            assert step["op"] == "add" and last == "-"
            target.append(step["value"])
        else:
            if step["op"] == "replace":
                target[key]  # It has to be there.
            target[key] = step["value"]
    after = Entity(entity.id, entity.revision)
    after.labels, after.descriptions = document["labels"], document["descriptions"]
    after.aliases = document["aliases"]
    return after


def _put(entity: Entity, place: Place, text: str | None) -> None:
    kind, code, alias = place
    if kind == "alias":
        kept = entity.aliases.setdefault(code, [])
        if text is None:
            kept.remove(alias)
        else:
            kept.append(alias)
        return
    terms = entity.labels if kind == "label" else entity.descriptions
    if text is None:
        terms.pop(code)
    else:
        terms[code] = text


def _never_told(fault: str) -> Reply | None:
    if fault == "unanswered":
        return Reply(mute=True)
    if fault == "garbled":
        return Reply(b'{"entity": {"id": "Q1", "labe')
    if fault == "a page":
        return Reply("<!DOCTYPE html><title>Wikimedia Error</title>", type="text/html")
    return Reply("Our servers are busy", 500, type="text/plain") if fault == "500" else None


def _error(code: str, info: str, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    return Reply({"error": {"code": code, "info": info, **more}}, headers=headers or {})


def _rest_error(status: int, code: str, message: str) -> Reply:
    return Reply({"code": code, "message": message, "context": {}}, status)
