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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch, Notes
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity
from kgenrich.resources import resource

Document = dict[str, Any]

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


_PROPERTIES = ("P31", *{name for document in DOCUMENTS for name in document["claims"]})


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


WRONG = st.sampled_from([5, True, 1.5, [[1]], {"value": 5}, {"value": [1]}, {"title": {}}])
"""What is neither a term, a statement, nor a link, in any shape."""
PARTS = ("labels", "descriptions", "aliases", "claims", "sitelinks")
SINGULAR = dict(zip(PARTS, ("label", "description", "alias", "claim", "sitelink"), strict=True))


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Document, Document, str]:
    """A document with one odd thing, the same without that thing, and what it is called; nothing
    is called null, for null is nothing."""
    told = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    if draw(st.booleans()) and draw(st.booleans()):
        odd = draw(st.sampled_from([-1, 2**70, True, "x", [7], {}, 1.5, None]))
        return {**told, "lastrevid": odd}, {**told, "lastrevid": 0}, "revision" * (odd is not None)
    part = draw(st.sampled_from([name for name in PARTS if told.get(name)]))
    key = draw(st.sampled_from(sorted(told[part])))
    odd = draw(WRONG | st.none())
    rest_of = deepcopy(told)
    if isinstance(told[part][key], list) and draw(st.booleans()):
        place = draw(st.integers(0, len(told[part][key]) - 1))
        told[part][key][place] = odd
        del rest_of[part][key][place]
    else:
        told[part][key] = odd
        del rest_of[part][key]
    return told, rest_of, SINGULAR[part] * (odd is not None)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged(), st.sampled_from(sorted(LAYOUTS)), st.sampled_from(["as in a dump", "sorted"]))
def test_what_is_odd_costs_itself(
    tmp_path: Path, drawn: tuple[Document, Document, str], layout: str, form: str
) -> None:
    """Neither the entity nor its neighbours, and of the entity nothing else."""
    told, rest_of, name = drawn
    others = [document for document in DOCUMENTS if document["id"] != told["id"]]
    path = tmp_path / "items.json"
    path.write_bytes(LAYOUTS[layout](list(map(FORMS[form], [others[0], told, *others[1:]]))))
    batches = list(read(path))
    found = [entity for batch in batches for entity in batch.entities]
    assert found == [one(others[0]), one(rest_of), *map(one, others[1:])]
    left_out = {part: n for batch in batches for part, n in batch.left_out.items()}
    assert set(left_out) == {name} - {""}
    aside = [reject for batch in batches for reject in batch.partial]
    assert [reject.entity for reject in aside] == [told["id"]] * bool(name)
    assert all(name in reject.reason for reject in aside)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_document_that_is_broken_costs_itself(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever sign of its JSON is missing or too much, the documents around it are read."""
    layout = data.draw(st.sampled_from(ALONE))
    place = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    whole = LAYOUTS[layout](DOCUMENTS)
    # Where this one stands: its id is in no other.
    middle = whole.index(json.dumps(DOCUMENTS[place]["id"]).encode())
    begins = [whole.index(json.dumps(document["id"]).encode()) for document in DOCUMENTS]
    end = begins[place + 1] - 80 if place + 1 < len(begins) else len(whole) - 20
    signs = [at for at in range(middle, end) if whole[at] in b'{}[]",:']
    at = data.draw(st.sampled_from(signs))
    added = data.draw(st.sampled_from([b"", b"{", b"}", b'"', b"\\", b"\xff"]))
    path = tmp_path / "items.json"
    path.write_bytes(whole[:at] + added + whole[at + (added == b"") :])
    found: list[Entity] = []
    try:
        for batch in read(path):
            found += batch.entities
    except InputError as error:
        # The last one may look as if it went on.
        assert "cut off" in str(error) and place == len(DOCUMENTS) - 1
    names = {entity.id for entity in found}
    assert names >= {document["id"] for document in DOCUMENTS} - {DOCUMENTS[place]["id"]}
    assert [entity for entity in found if entity.id != DOCUMENTS[place]["id"]] == [
        entity for entity in ENTITIES if entity.id != DOCUMENTS[place]["id"]
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(["", ".gz"]))
def test_a_file_that_is_cut_off_says_so_and_goes_on_there(
    tmp_path: Path, data: st.DataObject, packing: str
) -> None:
    """Wherever it is cut: in a document, between two, before the end of the array."""
    # A list in an answer is read as far as it goes.
    layout = data.draw(st.sampled_from(sorted({*LAYOUTS} - {"an answer with a list"})))
    whole = LAYOUTS[layout](DOCUMENTS)
    cut = data.draw(st.integers(1, len(whole.rstrip()) - 1))
    kept = whole[:cut]
    pack = gzip.compress if packing else bytes
    path = tmp_path / f"items.json{packing}"
    path.write_bytes(pack(kept))
    found: list[Entity] = []
    position = ""
    try:
        for batch in read(path, size=1):
            found += batch.entities
            position = batch.position
    except InputError as error:
        assert "cut off" in str(error) or not found
    else:
        # Without an array nothing tells that more was to come.
        assert kept.rstrip(b"\r\n ,").endswith(b"}") and not whole.startswith(b"[")
    assert found == ENTITIES[: len(found)]
    if layout not in ALONE:
        # An answer has an end of its own: it is read anew.
        found, position = [], ""
    path.write_bytes(pack(whole))
    for batch in read(path, start=position):
        found += batch.entities
    assert found == ENTITIES


@pytest.mark.parametrize("part", ["labels", "aliases", "sitelinks", "claims"])
@pytest.mark.parametrize("half", ["\ud800", "e\udc9en"])
def test_half_a_surrogate_pair_in_a_key_costs_what_it_names(part: str, half: str) -> None:
    odd = deepcopy(DOCUMENTS[0])
    odd["lastrevid"] = "7"
    odd[part] = {half: next(iter(odd[part].values()), {"title": "x"}), **odd[part]}
    assert one(odd) == msgspec.structs.replace(ENTITIES[0], revision=7)


def test_half_a_surrogate_pair_elsewhere_costs_the_entity_alone() -> None:
    answer = {"entities": {"Q1": {**DOCUMENTS[0], "id": "Q\ud8001"}, "Q2": DOCUMENTS[1]}}
    found = list(Reader((), _PROPERTIES).read(json.dumps(answer).encode()))
    assert found == ENTITIES[1:2]


@pytest.mark.parametrize("text", [" ", "   ", "\u200b", "\u3000\u2060", "\ufeff", "\u115f"])
def test_what_nobody_can_see_is_no_term(text: str) -> None:
    odd = deepcopy(DOCUMENTS[0])
    odd["labels"]["xx"] = {"language": "xx", "value": text}
    notes = Notes()
    (entity,) = Reader((), _PROPERTIES).read(json.dumps(odd).encode(), notes)
    assert entity == ENTITIES[0] and notes.left_out == {"label": 1}
