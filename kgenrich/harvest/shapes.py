"""Entity documents in whatever shape a Wikibase, or a tool after it, writes them, brought into
that of a dump.

Dumps, Special:EntityData and ``wbgetentities`` (format versions 1 and 2) write terms as
``{"language", "value"}``; the REST API writes them as plain strings and statements as ``property``
and ``value``. PHP makes a map of numbers of a list with a gap, and a list of an empty map. Every
part is looked at alone: one that cannot be read costs itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator
from typing import Any

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Notes

ENTITY = re.compile(r"[QPLM][1-9][0-9]{0,17}")
"""The ids of items, properties, lexemes and media files."""

PARTS = frozenset(
    {
        "labels",
        "lemmas",
        "descriptions",
        "aliases",
        "claims",
        "statements",
        "sitelinks",
        "redirects",
    }
)
"""What a document may say of an entity: one that has none of them says nothing, so that nothing is
deleted for it."""

PROPERTY = re.compile(r"P[1-9][0-9]*")
_KINDS = {"Q": "item", "P": "property", "L": "lexeme", "M": "mediainfo"}
_RANKS = ("preferred", "normal", "deprecated")
_MOST = 2**63 - 1
_TYPES = {
    "time": "time",
    "amount": "quantity",
    "text": "monolingualtext",
    "id": "wikibase-entityid",
    "latitude": "globecoordinate",
}
"""What tells a value that does not say its type: a key that it has."""

Document = dict[str, Any]


def entities_in(data: bytes) -> Iterator[tuple[str, Any]]:
    """What there is of each entity in some JSON (one document, several with commas between them, an
    array, the ``entities`` of an answer), with the id by which the answer calls it, else empty.

    Raises `InputError` for what is no JSON and for an answer that is an error.
    """
    text = data.decode("utf-8", "surrogateescape")
    try:
        # The brackets of an array may have been taken off with those of the whole dump.
        told = json.loads(f"[{text}]", strict=False)
    except (ValueError, RecursionError) as error:
        raise InputError(f"It is no JSON: {error}.") from error
    yield from _entities(told)


def _entities(told: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(told, list):
        for one in told:
            yield from _entities(one)
    elif isinstance(told, dict) and isinstance(held := told.get("entities"), dict | list):
        yield from held.items() if isinstance(held, dict) else (("", one) for one in held)
    elif isinstance(told, dict) and isinstance(told.get("entity"), dict):
        yield "", told["entity"]
    else:
        yield "", told


def as_in_dump(name: str, told: Any, properties: Container[str] | None, notes: Notes) -> Document:
    """A document, in the shape of a dump, with the claims of some properties (None: of all), and
    without what ``notes`` then say was left out; ``name`` is its id where it has none.

    Raises `InputError` for what is no entity.
    """
    if not isinstance(told, dict):
        raise InputError(f"Here is no entity but {json.dumps(told)[:40]}.")
    if isinstance(told.get("error"), dict):
        raise InputError(f"It is an error of the API: {str(told['error'].get('code'))[:80]}.")
    if told.get("missing") not in (None, False):
        raise InputError("The server has no such entity.")
    if isinstance(old := told.get("entity"), str) and isinstance(new := told.get("redirect"), str):
        return {"entity": old, "redirect": new}
    id = told.get("id") or name
    if not isinstance(id, str) or not id:
        raise InputError("The document has no entity id.")
    kind = told.get("type")
    if not isinstance(kind, str):
        kind = _KINDS.get(id[:1], "other")
    if kind not in _KINDS.values():
        return {"id": id, "type": kind}
    if PARTS.isdisjoint(told):
        raise InputError(f"The document says nothing of {id[:40]}: it has no part of an entity.")
    part = _Parts(id, told, notes)
    return {
        "id": id,
        "type": kind,
        "lastrevid": part.revision(),
        "labels": part.texts("label", "labels"),
        "lemmas": part.texts("lemma", "lemmas"),
        "descriptions": part.texts("description", "descriptions"),
        "aliases": part.aliases(),
        "claims": part.claims(properties),
        "sitelinks": part.sitelinks(),
        "redirects": part.redirects(),
    }


class _Parts:
    """The parts of one document, each in the shape of a dump, without what cannot be read."""

    def __init__(self, id: str, told: Document, notes: Notes) -> None:
        self._id, self._told, self._notes = id, told, notes

    def revision(self) -> int:
        told = self._told.get("lastrevid")
        if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 20:
            told = int(told)
            self._notes.repaired["revision"] += 1
        if isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= _MOST:
            return told
        if told is not None:
            self._leave("revision")
        return 0

    def texts(self, name: str, key: str) -> Document:
        found: Document = {}
        for code, text in self._texts(name, key):
            if code in found:
                self._leave(name, code)
            else:
                found[code] = {"value": text}
        return found

    def aliases(self) -> Document:
        found: Document = {}
        for code, text in self._texts("alias", "aliases"):
            found.setdefault(code, []).append({"value": text})
        return found

    def claims(self, properties: Container[str] | None) -> Document:
        found: Document = {}
        key = "claims" if self._told.get("claims") else "statements"
        for name, told in self._members("claim", key, _property_of):
            is_wanted = properties is None or name in properties
            if not is_wanted and PROPERTY.fullmatch(name):
                continue
            if name and (statement := _statement(told)) is not None:
                found.setdefault(name, []).append(statement)
            elif told is not None:
                self._leave("claim", name)
        return found

    def sitelinks(self) -> Document:
        found: Document = {}
        for site, told in self._members("sitelink", "sitelinks", lambda one: one.get("site")):
            title = told.get("title", told) if isinstance(told, dict) else told
            if site and isinstance(title, str) and site not in found:
                found[site] = {"title": title}
            elif title is not None:
                self._leave("sitelink", site)
        return found

    def redirects(self) -> Document | None:
        told = self._told.get("redirects")
        if isinstance(told, dict) and all(isinstance(told.get(key), str) for key in ("from", "to")):
            return told
        if told:
            self._leave("redirect")
        return None

    def _texts(self, name: str, key: str) -> Iterator[tuple[str, str]]:
        """Languages with their texts; null is no text."""
        for code, told in self._members(name, key, lambda one: one.get("language")):
            text = told.get("value", told) if isinstance(told, dict) else told
            # One of another language that would be shown in its place is not what the graph has.
            shown_for = isinstance(told, dict) and "for-language" in told
            if code and isinstance(text, str) and not shown_for:
                yield code, text
            elif text is not None:
                self._leave(name, code)

    def _members(
        self, name: str, key: str, name_of: Callable[[Document], Any]
    ) -> Iterator[tuple[str, Any]]:
        """What a map holds by its keys, each list of it one by one; of a list, by the name that its
        members have themselves; empty where they have none, or half a surrogate pair in it."""
        told = self._told.get(key)
        if isinstance(told, dict) and not _is_list(told):
            for known_as, members in told.items():
                for member in self._list(members):
                    yield _sound(known_as), member
        elif isinstance(told, dict | list):
            for member in self._list(told):
                known_as = name_of(member) if isinstance(member, dict) else ""
                yield _sound(known_as) if isinstance(known_as, str) else "", member
        elif told is not None:
            self._leave(name, "in no map")

    def _list(self, told: Any) -> list[Any]:
        if isinstance(told, dict) and _is_list(told):
            self._notes.repaired["map of numbers"] += bool(told)
            return list(told.values())
        return told if isinstance(told, list) else [told]

    def _leave(self, part: str, where: str = "") -> None:
        self._notes.leave(self._id, part, where)


def _sound(name: str) -> str:
    return "" if any("\ud800" <= letter <= "\udfff" for letter in name) else name


def _is_list(told: Document) -> bool:
    return all(key.isdecimal() for key in told)


def _property_of(statement: Document) -> Any:
    snak = statement.get("mainsnak", statement)
    told = snak.get("property") if isinstance(snak, dict) else None
    return told.get("id") if isinstance(told, dict) else told


def _statement(told: Any) -> Document | None:
    """A statement with a snak, as it is or made of a property and a value; None if it is none."""
    if not isinstance(told, dict):
        return None
    rank = told.get("rank") or "normal"
    if rank not in _RANKS:
        return None
    snak = told.get("mainsnak")
    if isinstance(snak, dict):
        kind, data = snak.get("snaktype"), snak.get("datavalue")
    elif isinstance(value := told.get("value"), dict):
        told_property = told.get("property")
        known = told_property if isinstance(told_property, dict) else {}
        data_type = known.get("data_type") or known.get("data-type")
        kind, data = value.get("type"), _data(data_type, value.get("content"))
    else:
        return None
    if kind in ("somevalue", "novalue"):
        return {"mainsnak": {"snaktype": kind}, "rank": rank}
    if kind != "value" or not isinstance(data, dict) or not isinstance(data.get("type"), str):
        return None
    return {"mainsnak": {"snaktype": kind, "datavalue": data}, "rank": rank}


def _data(data_type: Any, content: Any) -> Document | None:
    """The value of a statement of the REST API as a dump has it."""
    if isinstance(content, dict):
        kind = next((kind for key, kind in _TYPES.items() if key in content), "unknown")
        return {"type": kind, "value": content}
    if isinstance(data_type, str) and data_type.startswith("wikibase-"):
        return {"type": "wikibase-entityid", "value": {"id": content}}
    return {"type": "string", "value": content} if isinstance(content, str) else None
