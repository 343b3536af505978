"""Entity dumps in every packing, whole, broken and cut off."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
import unicodedata
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import HOPELESS, read_dump
from kgenrich.harvest.run import wanted_languages
from kgenrich.harvest.statements import best_values
from kgenrich.harvest.texts import PLAIN, fact
from kgenrich.inputs import Input
from kgenrich.languages import CODES, current
from kgenrich.model import Entity, Value
from kgenrich.packing import zstandard
from kgenrich.resources import resource

ITEMS = gzip.decompress(resource("config/demo/items.json.gz").read_bytes())
OLD = [code for code in CODES if current(code) != code]
LINES = [line.rstrip(b",") for line in ITEMS.splitlines() if len(line) > 2]


def members(data: bytes, pack: Callable[[bytes], bytes]) -> bytes:
    """Packed in several members, as parallel packers write them."""
    third = len(data) // 3
    return pack(data[:third]) + pack(data[third : 2 * third]) + pack(data[2 * third :])


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    ".json": lambda data: data,
    ".json.gz": lambda data: members(data, gzip.compress),
    ".json.bz2": lambda data: members(data, bz2.compress),
    ".json.zst": lambda data: members(data, zstandard().compress),
    ".json.xz": lambda data: members(data, lzma.compress),
}


def read(path: Path, start: str = "", size: int = 100, reader: Reader | None = None) -> list[Batch]:
    with Input(str(path)) as source:
        return list(read_dump(source, reader or Reader(), start=start, size=size))


def entities(batches: list[Batch]) -> list[Entity]:
    return [entity for batch in batches for entity in batch.entities]


def document(**parts: object) -> bytes:
    return json.dumps({"id": "Q1", "type": "item", **parts}).encode()


def one(data: bytes, **options: tuple[str, ...]) -> Entity:
    (entity,) = Reader(**options).read(data)
    return entity


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "items.json"
    path.write_bytes(ITEMS)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("ending", PACKINGS)
def test_every_packing_gives_the_same_entities(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"items{ending}"
    path.write_bytes(PACKINGS[ending](ITEMS))
    found = entities(read(path))
    assert [entity.id for entity in found] == [json.loads(line)["id"] for line in LINES]
    assert found == [one(line) for line in LINES]


def test_what_an_entity_holds_is_what_the_json_says() -> None:
    for line in LINES:
        entity, told = one(line), json.loads(line)
        assert entity.labels == {current(c): t["value"] for c, t in (told["labels"] or {}).items()}
        assert entity.sitelinks == {
            site: link["title"] for site, link in (told.get("sitelinks") or {}).items()
        }
        assert {(c, a) for c, names in entity.aliases.items() for a in names} == {
            (c, a["value"]) for c, names in (told["aliases"] or {}).items() for a in names
        }
        best = [
            statement["mainsnak"].get("datavalue", {}).get("value", {})
            for rank in ("preferred", "normal")
            for statement in (told["claims"] or {}).get("P31", ())
            if statement["rank"] == rank
        ]
        assert set(entity.classes) <= {
            f"Q{value.get('numeric-id') or value['id'][1:]}" for value in best
        }
        assert bool(entity.classes) == bool(best)


@given(
    st.dictionaries(
        st.sampled_from([*OLD, *map(current, OLD), "en", "simple", "xx-new"]),
        st.sampled_from(["Bärn", "Bern", "伯尔尼"]),
    ),
    st.booleans(),
)
def test_old_codes_are_read_as_what_they_are_called_today(
    said: dict[str, str], chosen: bool
) -> None:
    """A term under an old code is that of the current one; where the current code says something
    else, both stay as they were said. Nothing is lost, whether all languages are read or some."""
    labels = {code: {"language": code, "value": text} for code, text in said.items()}
    aliases = {code: [label] for code, label in labels.items()}
    asked = wanted_languages([*map(current, OLD), "simple"]) if chosen else ()
    entity = one(document(labels=labels, descriptions=labels, aliases=aliases), languages=asked)
    expected = {}
    for code, text in said.items():
        taken = said.get(current(code), text)
        expected[current(code) if taken == text else code] = text
    if chosen:
        expected.pop("xx-new", None)
    assert entity.labels == entity.descriptions == expected
    assert entity.aliases == {code: (text,) for code, text in expected.items()}


def test_the_old_code_of_a_native_name_is_read_as_the_current_one() -> None:
    value = {"type": "monolingualtext", "value": {"language": "als", "text": "Bärn"}}
    claims = {"P1705": [{"mainsnak": {"snaktype": "value", "datavalue": value}}]}
    entity = one(document(claims=claims), properties=("P1705",))
    assert entity.claims == {"P1705": (Value("text", "Bärn", "gsw"),)}


def test_real_dump_lines_are_read(shared_data: Path) -> None:
    found: list[Entity] = []
    path = shared_data / "entity_dumps" / "wikibase-dump-filter_entities.gz"
    with Input(path) as source, pytest.raises(InputError, match="its array has no end"):
        for batch in read_dump(source, Reader()):
            found += batch.entities
    assert len(found) == 49, "of 50 lines one opens the array"


def test_lines_with_and_without_the_array_are_the_same(tmp_path: Path, dump: Path) -> None:
    plain = tmp_path / "lines.ndjson"
    plain.write_bytes(b"\r\n".join(LINES))
    assert entities(read(plain)) == entities(read(dump))
    leading = tmp_path / "leading.json"
    leading.write_bytes(b"\xef\xbb\xbf[" + b"\n,".join(LINES) + b"]")
    assert entities(read(leading)) == entities(read(dump))


def test_any_position_goes_on_exactly_there(dump: Path, tmp_path: Path) -> None:
    packed = tmp_path / "items.json.gz"
    packed.write_bytes(gzip.compress(ITEMS))
    batches = read(dump, size=90)
    for place, batch in enumerate(batches):
        rest = entities(batches[place + 1 :])
        for path in (dump, packed):
            assert entities(read(path, start=batch.position, size=40)) == rest


def test_a_broken_line_is_told_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    bad = [b'{"id": "Q1", "labels": {"en": 5}}', b"\xff\xfe garbage \x1b[31m", b'{"type": "item"}']
    lines = [LINES[0], bad[0], LINES[1], bad[1], bad[2], LINES[2]]
    path.write_bytes(b"\n".join(lines))
    (batch,) = read(path)
    assert entities([batch]) == [one(line) for line in LINES[:3]]
    assert batch.read == 6
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in (1, 3, 4)]
    assert [broken.position for broken in batch.rejects] == starts
    assert "label" in batch.rejects[0].reason
    assert "\x1b" not in batch.rejects[1].excerpt
    assert "no entity id" in batch.rejects[2].reason


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".json.gz", ".json.bz2", ".json.zst", ".json.xz"])
def test_a_file_that_is_cut_off_keeps_what_came_before(tmp_path: Path, ending: str) -> None:
    packed = PACKINGS[ending](ITEMS)
    path = tmp_path / f"cut{ending}"
    path.write_bytes(packed[: len(packed) // 2])
    found: list[Entity] = []
    with Input(str(path)) as source, pytest.raises(InputError, match="cut off"):
        for batch in read_dump(source, Reader(), size=10):
            assert not batch.rejects, "half a line at the cut is no broken line"
            found += batch.entities
    assert len(found) > 40
    assert found == [one(line) for line in LINES[: len(found)]]


def test_gz_keeps_every_whole_line_before_the_cut(tmp_path: Path) -> None:
    packed = gzip.compress(ITEMS)
    path = tmp_path / "cut.gz"
    path.write_bytes(packed[:-1000])
    unpacked = io.BytesIO()
    try:
        with gzip.open(path) as file:
            while block := file.read(1):
                unpacked.write(block + file.read1(65536))
    except EOFError:
        pass
    whole = unpacked.getvalue().count(b"}\n") + unpacked.getvalue().count(b"},\n")
    found: list[Entity] = []
    with Input(str(path)) as source, pytest.raises(InputError):
        for batch in read_dump(source, Reader(), size=7):
            found += batch.entities
    assert len(found) >= whole - 1 > 600


def test_damage_in_the_middle_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(ITEMS))
    packed[len(packed) // 2 : len(packed) // 2 + 200] = bytes(200)
    path = tmp_path / "damaged.gz"
    path.write_bytes(packed)
    with pytest.raises(InputError, match=r"damaged|cut off"):
        read(path)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.json", b"", "is empty"),
        (
            "text.json",
            b"Dear diary\n" * 10,
            "no entity dump; its first document: JSON is",
        ),
        ("long.json", b"x,y,z\n" * (3 * HOPELESS), "no entity dump"),
        ("array.json", b"[\n]\n", "is empty"),
        ("cut.json", b"[\n", "array has no end"),
        ("half.json", b'{"id": "Q1", "type": ', "cut off"),
        (
            "answer.json",
            b'{"entities": {}}',
            "no entity dump; its first document: It holds no entity",
        ),
        ("missing.json", b'{"entities": {"Q1": {"id": "Q1", "missing": ""}}}', "no such entity"),
        ("error.json", b'{"error": {"code": "maxlag", "info": "x"}}', "error of the API: maxlag"),
        ("other.json", b'{"features": [{"id": "Q1"}, {"id": "Q2"}]}', "no entity id"),
        ("bare.json", b'{"id": "Q1", "type": "item", "lastrevid": 9}', "says nothing of Q1"),
    ],
)
def test_what_is_no_dump_is_refused(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=sentence):
        read(path)


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "no.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read(path)


@pytest.mark.slow
def test_only_the_languages_asked_for_are_kept() -> None:
    entity = one(LINES[0], languages=("it", "mul"))
    assert set(entity.labels) | set(entity.descriptions) | set(entity.aliases) == {"it"}
    assert entity.sitelinks == one(LINES[0]).sitelinks, "their number weighs the gaps"
    for line in LINES:
        few, whole = one(line, languages=("zh-hans", "en", "it")), one(line)
        for part in ("labels", "descriptions", "aliases"):
            kept = {c: t for c, t in getattr(whole, part).items() if c in ("zh-hans", "en", "it")}
            assert getattr(few, part) == kept


def statement(datavalue: object = None, rank: str = "normal", snaktype: str = "value") -> object:
    return {"mainsnak": {"snaktype": snaktype, "datavalue": datavalue}, "rank": rank}


def claims(*statements: object) -> tuple[Value, ...]:
    found = one(document(claims={"P569": list(statements)}), properties=("P569",)).claims
    return found.get("P569", ())


ITEM = {"type": "wikibase-entityid", "value": {"entity-type": "item", "numeric-id": 5, "id": "Q5"}}


@pytest.mark.parametrize(
    ("datavalue", "value"),
    [
        (ITEM, Value("entity", "Q5")),
        (
            {"type": "wikibase-entityid", "value": {"entity-type": "item", "numeric-id": 5}},
            Value("entity", "Q5"),
        ),
        (
            {"type": "wikibase-entityid", "value": {"entity-type": "property", "numeric-id": 31}},
            Value("entity", "P31"),
        ),
        (
            {"type": "wikibase-entityid", "value": {"id": "E42", "entity-type": "entity-schema"}},
            Value("entity", "E42"),
        ),
        (
            {"type": "time", "value": {"time": "+1952-03-11T00:00:00Z", "precision": 11}},
            Value("time", "+1952-03-11T00:00:00Z", precision=11),
        ),
        (
            {"type": "monolingualtext", "value": {"text": "Citta\u0300", "language": "it"}},
            Value("text", "Città", "it"),
        ),
        ({"type": "quantity", "value": {"amount": "+8.5", "unit": "1"}}, Value("quantity", "8.5")),
        ({"type": "string", "value": "ISBN"}, Value("string", "ISBN")),
        (
            {"type": "globecoordinate", "value": {"latitude": 52.5, "longitude": -13.383333333333}},
            Value("string", "Point(-13.383333333333 52.5)"),
        ),
        (
            {
                "type": "globecoordinate",
                "value": {
                    "latitude": 1,
                    "longitude": 2,
                    "globe": "http://www.wikidata.org/entity/Q2",
                },
            },
            Value("string", "Point(2 1)"),
        ),
        (
            {
                "type": "globecoordinate",
                "value": {
                    "latitude": 1,
                    "longitude": 2,
                    "globe": "http://www.wikidata.org/entity/Q405",
                },
            },
            Value("string", "<http://www.wikidata.org/entity/Q405> Point(2 1)"),
        ),
    ],
)
def test_values_of_every_kind(datavalue: object, value: Value) -> None:
    assert claims(statement(datavalue)) == (value,)


@pytest.mark.parametrize(
    "odd",
    [
        statement(None),
        statement(None, snaktype="somevalue"),
        statement(ITEM, snaktype="quantumvalue"),
        statement({"type": "globecoordinate", "value": {"latitude": 1.5, "precision": 0.1}}),
        statement({"type": "something-new", "value": [1, {"x": None}]}),
        statement({"type": "wikibase-entityid", "value": {"entity-type": "new", "numeric-id": 1}}),
        statement({"type": "wikibase-entityid", "value": {"entity-type": [], "numeric-id": 1}}),
        statement({"type": "time", "value": {"time": None}}),
        statement(ITEM, rank="deprecated"),
    ],
)
def test_what_is_unknown_or_unheard_of_is_left_out(odd: object) -> None:
    assert claims(odd) == ()
    assert claims(odd, statement(ITEM)) == (Value("entity", "Q5"),)


def test_the_best_rank_alone_counts() -> None:
    other = {"type": "string", "value": "other"}
    assert claims(statement(ITEM), statement(other, "preferred")) == (Value("string", "other"),)
    assert claims(statement(ITEM), statement(None, "preferred", "novalue")) == ()
    assert claims(statement(ITEM), statement(ITEM)) == (Value("entity", "Q5"),)


def test_only_the_properties_asked_for_are_kept_but_always_the_classes() -> None:
    data = document(claims={"P31": [statement(ITEM)], "P18": [statement(ITEM)]})
    assert one(data) == Entity("Q1", classes=("Q5",))
    assert set(one(data, properties=("P18", "http://x.org/p")).claims) == {"P18"}


def test_empty_maps_written_as_lists_are_empty() -> None:
    data = document(labels=[], descriptions=[], aliases=[], claims=[], sitelinks=[])
    assert one(data) == one(data, languages=("it",)) == Entity("Q1")


@pytest.mark.parametrize("part", ["labels", "descriptions", "aliases", "claims", "sitelinks"])
@pytest.mark.parametrize("languages", [(), ("it",)], ids=["all", "some"])
def test_a_list_with_something_in_it_is_no_map(
    tmp_path: Path, part: str, languages: tuple[str, ...]
) -> None:
    name = {"aliases": "alias"}.get(part, part.rstrip("s"))
    bad = document(**{part: [1, 2]})
    half = document(**{"labels": {"it": {"value": "x"}}, part: [1, 2]})
    path = tmp_path / "lists.json"
    path.write_bytes(b"\n".join([LINES[0], bad, half, LINES[1]]))
    (batch,) = read(path, reader=Reader(languages))
    kept = [] if part == "labels" else ["Q1"]
    names = [one(LINES[0]).id, *kept, one(LINES[1]).id]
    assert [entity.id for entity in batch.entities] == names
    assert batch.rejects[0].position == len(LINES[0]) + 1
    assert all(name in broken.reason for broken in (*batch.rejects, *batch.partial))
    assert len(batch.rejects) == 2 - len(kept)
    assert batch.left_out == ({name: 2} if kept else {})


def test_redirects_are_followed_by_their_target() -> None:
    moved = document(id="Q1040", lastrevid=7, redirects={"from": "Q32063953", "to": "Q1040"})
    assert list(Reader().read(moved)) == [
        Entity("Q1040", revision=7),
        Entity("Q32063953", redirect="Q1040", revision=7),
    ]
    alone = b'{"entity": "Q2", "redirect": "Q1"}'
    assert list(Reader().read(alone)) == [Entity("Q2", redirect="Q1")]


def test_lexemes_and_media_files_are_told_from_items() -> None:
    lemmas = {"en": {"language": "en", "value": "cat"}}
    data = json.dumps({"type": "lexeme", "id": "L7", "lemmas": lemmas, "claims": {}}).encode()
    assert list(Reader().read(data)) == [Entity("L7", labels={"en": "cat"}, type="lexeme")]
    media = {
        "type": "mediainfo",
        "id": "M7",
        "labels": {"en": {"language": "en", "value": "a cat"}},
        "descriptions": [],
        "statements": {
            "P31": [
                {
                    "mainsnak": {
                        "snaktype": "value",
                        "datavalue": {"type": "wikibase-entityid", "value": {"id": "Q5"}},
                    },
                    "rank": "normal",
                }
            ]
        },
        "lastrevid": 3,
    }
    (entity,) = Reader().read(json.dumps(media).encode())
    assert entity == Entity("M7", labels={"en": "a cat"}, classes=("Q5",), revision=3, type="media")


def test_a_property_is_one_also_where_its_document_does_not_say_so() -> None:
    data = json.dumps({"id": "P7", "labels": {"en": "has part"}}).encode()
    assert list(Reader().read(data)) == [Entity("P7", labels={"en": "has part"}, type="property")]
    assert list(Reader().read(b'{"entity": "P2", "redirect": "P1"}')) == [
        Entity("P2", redirect="P1", type="property")
    ]


def test_other_things_than_entities_are_passed_over() -> None:
    schema = {"type": "entity-schema", "id": "E7", "labels": {}}
    assert list(Reader().read(json.dumps(schema).encode())) == []


@given(st.text())
def test_texts_are_kept_but_for_form_and_controls(text: str) -> None:
    kept = fact(text)
    assert fact(kept) == kept
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in kept)
    if text.isalnum() and text.isascii():
        assert kept == text


def test_plain_texts_are_those_that_no_normalization_touches() -> None:
    plain = [chr(c) for c in range(sys.maxunicode + 1) if PLAIN.fullmatch(chr(c))]
    second = {
        chr(int(parts[1], 16))
        for c in range(sys.maxunicode + 1)
        if len(parts := unicodedata.decomposition(chr(c)).split()) == 2 and "<" not in parts[0]
    }
    assert len(plain) > 30_000
    for c in plain:
        assert unicodedata.normalize("NFC", c) == c
        assert unicodedata.combining(c) == 0
        assert unicodedata.category(c) != "Cc"
    assert second.isdisjoint(plain), "it would melt into the letter before it"


def test_a_text_of_absurd_length_is_no_term() -> None:
    entity = one(document(labels={"en": {"value": "x" * 20_000}, "it": {"value": "y"}}))
    assert entity.labels == {"it": "y"}


@pytest.mark.slow
@settings(max_examples=200)
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda more: (
            st.lists(more)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "type", "labels", "claims", "P31", "mainsnak", "value", "en"]
                ),
                more,
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_nothing_but_an_input_error_comes_of_nonsense(data: bytes) -> None:
    def all_of() -> Iterator[Entity]:
        yield from Reader(properties=("P31",)).read(data)

    try:
        assert all(isinstance(entity, Entity) for entity in all_of())
    except InputError as error:
        assert str(error).endswith(".")


ODD = (
    st.sampled_from([[], {}, [1, 2], "", None, True, -1, 2**70, 1e300, "\ud800", "\x00", [[]]])
    | st.integers()
    | st.text(max_size=5)
    | st.dictionaries(st.sampled_from(["id", "value", "en"]), st.none() | st.lists(st.integers()))
).map(deepcopy)
SHORTEST = sorted(LINES, key=len)[:20]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value within a document."""
    yield path
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(member, (*path, key))


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_mutation_of_a_real_line_raises_anything_but_an_input_error(data: st.DataObject) -> None:
    told = json.loads(data.draw(st.sampled_from(SHORTEST)))
    # Statements fill most of a line: every part of it gets its share of mutations.
    told = {**told, "claims": dict(list((told["claims"] or {}).items())[:3])}
    told["claims"]["P31"] = [statement(deepcopy(ITEM)), *told["claims"].get("P31", [])]
    for _ in range(data.draw(st.integers(1, 3))):
        root = data.draw(st.sampled_from(sorted(told)))
        way = (root, *data.draw(st.sampled_from(list(places(told[root])))))
        place = told
        for key in way[:-1]:
            place = place[key]
        if isinstance(place, dict) and data.draw(st.booleans()):
            del place[way[-1]]
            place[data.draw(st.text(max_size=3))] = data.draw(ODD)
        else:
            place[way[-1]] = data.draw(ODD)
    line = json.dumps(told).encode()
    if data.draw(st.integers(0, 3)) == 0:
        at = data.draw(st.integers(0, len(line)))
        line = (
            line[:at] + data.draw(st.binary(max_size=3)) + line[at + data.draw(st.integers(0, 3)) :]
        )
    properties = ("P31", *(told["claims"] if isinstance(told.get("claims"), dict) else ()))
    for reader in (Reader(properties=properties), Reader(("it", "en"), properties)):
        try:
            assert all(isinstance(entity, Entity) for entity in reader.read(line))
        except InputError as error:
            assert str(error).endswith(".")


def test_best_values_of_nothing() -> None:
    assert best_values([]) == ((), 0)
