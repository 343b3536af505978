"""Every shape in which a Wikibase gives entities; what is odd in one costs itself alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kgenrich.harvest.batch import Batch
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity
from kgenrich.resources import resource
from kgenrich.settings import DEFAULT_PROPERTIES

Document = dict[str, Any]

_PROPERTIES = ("P31", *DEFAULT_PROPERTIES)
_ITEMS = gzip.decompress(resource("config/demo/items.json.gz").read_bytes())
_LINES = sorted((line.rstrip(b",") for line in _ITEMS.splitlines() if len(line) > 2), key=len)


def statement(kind: str, value: Any) -> Document:
    data = {"type": kind, "value": value}
    return {"mainsnak": {"snaktype": "value", "datavalue": data}, "rank": "normal"}


STATEMENTS = {
    "P31": [statement("wikibase-entityid", {"id": f"Q{n}"}) for n in (5, 6)],
    "P569": [statement("time", {"time": "+1952-03-11T00:00:00Z", "precision": 11})],
    "P1559": [statement("monolingualtext", {"text": "Douglas {Adams}", "language": "en"})],
    "P18": [statement("string", 'a "b" \\ c')],
    "P625": [statement("globecoordinate", {"latitude": 1.5, "longitude": 2})],
    "P1082": [statement("quantity", {"amount": "+8.5", "unit": "1"})],
    "P27": [{"mainsnak": {"snaktype": "somevalue"}, "rank": "preferred"}],
}
"""One of each kind, beside what real items have."""

DOCUMENTS: list[Document] = [
    {**document, "claims": {**STATEMENTS, **dict(list((document["claims"] or {}).items())[:2])}}
    for document in map(json.loads, _LINES[:4])
]


def one(document: Document) -> Entity:
    (entity,) = Reader((), _PROPERTIES).read(json.dumps(document).encode())
    return entity


ENTITIES = [one(document) for document in DOCUMENTS]


def rest(document: Document) -> Document:
    """An item as the REST API gives it: without its revision, which is in a header."""

    def texts(part: str) -> Document:
        return {code: term["value"] for code, term in (document[part] or {}).items()}

    def value(told: Document) -> Document:
        snak = told["mainsnak"]
        if snak["snaktype"] != "value":
            return {"type": snak["snaktype"]}
        data = snak["datavalue"]
        is_entity = data["type"] == "wikibase-entityid"
        if is_entity:
            name = data["value"].get("id") or f"Q{data['value']['numeric-id']}"
        return {"type": "value", "content": name if is_entity else data["value"]}

    def property_of(name: str, told: Document) -> Document:
        kind = told["mainsnak"].get("datavalue", {}).get("type", "string")
        return {"id": name, "data_type": {"wikibase-entityid": "wikibase-item"}.get(kind, kind)}

    return {
        "type": document["type"],
        "id": document["id"],
        "labels": texts("labels"),
        "descriptions": texts("descriptions"),
        "aliases": {c: [n["value"] for n in ns] for c, ns in (document["aliases"] or {}).items()},
        "statements": {
            name: [
                {
                    "id": f"{document['id']}$1",
                    "rank": told.get("rank", "normal"),
                    "property": property_of(name, told),
                    "value": value(told),
                }
                for told in statements
            ]
            for name, statements in document["claims"].items()
        },
        "sitelinks": {
            site: {"title": link["title"], "badges": [], "url": "https://x.org/"}
            for site, link in (document.get("sitelinks") or {}).items()
        },
    }


def numbered(value: Any) -> Any:
    """Every list as a map of numbers from 1 on, as PHP writes a list that lost its first member."""
    if isinstance(value, list):
        return {str(place): numbered(member) for place, member in enumerate(value, 1)}
    if isinstance(value, dict):
        return {key: numbered(member) for key, member in value.items()}
    return value


def listed(document: Document) -> Document:
    """Every map as the list of its members, which say themselves what they are."""
    told = deepcopy(document)
    for part in ("labels", "descriptions"):
        told[part] = [{**term, "language": c} for c, term in (told[part] or {}).items()]
    told["aliases"] = [
        {**name, "language": c} for c, names in (told["aliases"] or {}).items() for name in names
    ]
    told["claims"] = [
        {**each, "mainsnak": {**each["mainsnak"], "property": name}}
        for name, statements in told["claims"].items()
        for each in statements
    ]
    told["sitelinks"] = [{**one, "site": s} for s, one in (told.get("sitelinks") or {}).items()]
    return told


FORMS: dict[str, Callable[[Document], Document]] = {
    "as in a dump": lambda document: document,
    "REST": rest,
    "maps of numbers": numbered,
    "lists": listed,
    "sorted": lambda document: dict(sorted(document.items())),
    "more": lambda document: {"pageid": 1, "ns": 0, "title": "x", **document, "modified": None},
}


def _dumped(indent: int | str | None = None, **options: Any) -> Callable[[Any], bytes]:
    return lambda value: json.dumps(value, indent=indent, ensure_ascii=False, **options).encode()


compact = _dumped(separators=(",", ":"))
LAYOUTS: dict[str, Callable[[list[Document]], bytes]] = {
    "a line each": lambda told: b"\n".join(map(compact, told)) + b"\n",
    "an array of lines": lambda told: b"[\n" + b",\n".join(map(compact, told)) + b"\n]\n",
    "an array of lines ended by CR LF": lambda told: (
        b"[" + b"\r\n,".join(map(compact, told)) + b"]"
    ),
    "one line": compact,
    "one line with blanks": _dumped(),
    "indented": _dumped(2),
    "indented by tabs": _dumped("\t"),
    "indented by nothing": _dumped(0),
    "indented one after the other": lambda told: b"\n".join(map(_dumped(4), told)),
    "an answer": lambda told: compact({"success": 1, "entities": {d["id"]: d for d in told}}),
    "an indented answer": lambda told: _dumped(1)({"entities": {d["id"]: d for d in told}}),
    "an answer with a list": lambda told: compact({"entities": told}),
    "an answer for each": lambda told: b"\n".join(compact({"entity": d}) for d in told),
}
ALONE = [name for name in LAYOUTS if "answer" not in name]
"""Layouts in which documents stand side by side."""


def read(path: Path, start: str = "", size: int = 100) -> Iterator[Batch]:
    with Input(str(path)) as source:
        yield from read_dump(source, Reader((), _PROPERTIES), start=start, size=size)


def without_revision(entity: Entity) -> Entity:
    return msgspec.structs.replace(entity, revision=0)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", FORMS)
def test_every_shape_gives_the_same_entities(tmp_path: Path, form: str, layout: str) -> None:
    path = tmp_path / "items.json"
    path.write_bytes(LAYOUTS[layout]([FORMS[form](document) for document in DOCUMENTS]))
    batches = list(read(path))
    found = [entity for batch in batches for entity in batch.entities]
    assert all(not (batch.rejects or batch.left_out) for batch in batches)
    if form == "REST":
        assert found == list(map(without_revision, ENTITIES))
    else:
        assert found == ENTITIES
