"""Taking some entities of a dump by their ids, however many there are of either."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kgenrich
from kgenrich.errors import InputError, UsageError
from kgenrich.harvest import dump
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.harvest.id_set import IdSet, id_in_head, read_id_set
from kgenrich.inputs import Input
from kgenrich.model import Entity
from kgenrich.progress import Progress
from kgenrich.resources import resource

DUMP = resource("config/demo/items.json.gz")
LINES = [line.rstrip(b",") for line in gzip.decompress(DUMP.read_bytes()).splitlines()[1:-1]]
IDS = [json.loads(line)["id"] for line in LINES]
BASE = "http://www.wikidata.org/entity/"

ids = st.builds(
    "{}{}".format, st.sampled_from("QPLM"), st.integers(1, 300) | st.integers(10**8, 10**18 - 1)
)


@given(st.lists(ids), st.lists(ids))
def test_it_is_a_set_that_knows_what_was_met(wanted: list[str], asked: list[str]) -> None:
    made, others = IdSet(wanted), set(wanted)
    assert [made.meet(name) for name in asked] == [name in others for name in asked]
    assert len(made) == len(others)
    assert set(made.unmet()) == others - set(asked)
    assert made.missing == len(others - set(asked))
    assert made.digest() == IdSet(sorted(others)).digest()


@given(st.sets(ids), st.sets(ids))
def test_sets_have_one_digest_only_when_they_are_equal(one: set[str], other: set[str]) -> None:
    assert (IdSet(one).digest() == IdSet(other).digest()) == (one == other)


def read(path: Path, only: IdSet | None, start: str = "", size: int = 500) -> list[Entity]:
    with Input(path) as source:
        batches = list(read_dump(source, Reader(), only=only, start=start, size=size))
    return [entity for batch in batches for entity in batch.entities]


@pytest.mark.parametrize("indent", [None, 2])
def test_what_is_taken_is_what_a_whole_reading_gives(tmp_path: Path, indent: int | None) -> None:
    """Also of documents that begin otherwise than in a dump, which must be decoded for it."""
    path = tmp_path / "items.json"
    documents = [json.loads(line) for line in LINES]
    separators = None if indent else (",", ":")
    path.write_text(json.dumps(documents, indent=indent, separators=separators))
    if not indent:
        path.write_bytes(gzip.decompress(DUMP.read_bytes()))
    wanted = IDS[::7]
    assert read(path, IdSet(wanted)) == [e for e in read(path, None) if e.id in wanted]


def test_what_is_passed_over_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    broken = b'{"type":"item","id":"Q77","labels":{"en":{"value":]'
    path.write_bytes(b"[\n" + b",\n".join([LINES[0], broken, LINES[1]]) + b"\n]\n")
    with Input(path) as source:
        (batch,) = read_dump(source, Reader(), only=IdSet(IDS[1:2]))
    assert [entity.id for entity in batch.entities] == IDS[1:2]
    assert (batch.read, batch.rejects) == (3, [])
    with Input(path) as source:
        (batch,) = read_dump(source, Reader(), only=IdSet(["Q77"]))
    assert len(batch.rejects) == 1


def test_the_head_of_every_real_document_tells_its_id() -> None:
    assert list(map(id_in_head, LINES)) == IDS
    assert (
        id_in_head(b'{"type":"property","datatype":"wikibase-item","id":"P31","labels":{}}')
        == "P31"
    )
    assert id_in_head(b'{ "type": "item", "id": "Q1" }') == ""


def test_the_place_is_noted_where_few_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a harvest of two entities in a hundred million can be stopped and goes on."""
    monkeypatch.setattr(dump, "PASSED_OVER", 100)
    last = IDS[-1]
    with Input(DUMP) as source:
        batches = list(read_dump(source, Reader(), only=IdSet([last]), size=50))
    assert len(batches) > 5
    for batch in batches[:-1]:
        assert [e.id for e in read(DUMP, IdSet([last]), batch.position)] == [last]


def test_ids_are_read_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text(
        f'# wanted\nQ1\n\n q2 \n<{BASE}Q3>\n"Q4"\nhttps://www.wikidata.org/wiki/Q5\r\nQ1\n'
    )
    assert sorted(read_id_set(path, BASE).unmet()) == ["Q1", "Q2", "Q3", "Q4", "Q5"]
    path.write_text("Q1\nnothing\n")
    with pytest.raises(InputError, match=r"Line 2 of .*'nothing' is no entity id"):
        read_id_set(path, BASE)
    path.write_text("# nothing\n")
    with pytest.raises(InputError, match="has no id in it"):
        read_id_set(path, BASE)


class Heard(Progress):
    """Keeps the remarks."""

    def __init__(self) -> None:
        self.remarks: list[str] = []

    def remark(self, text: str, *, grave: bool = False) -> None:
        self.remarks.append(text)


def test_a_harvest_takes_them_and_says_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text("\n".join([*IDS[:3], "Q987654321"]))
    with kgenrich.open(tmp_path / "kg.db") as graph:
        graph.progress = heard = Heard()
        report = graph.harvest_dump(str(DUMP), ids=str(path))
        assert (report["new"], report["not_asked_for"]) == (3, len(IDS) - 3)
        assert "1 of 4 ids are not in" in heard.remarks[-1]
        assert "Q987654321" in heard.remarks[-1]
        again = graph.harvest_dump(str(DUMP), ids=str(path))
        assert (again["new"], again["changed"], again["gone"]) == (0, 0, 0)
        with pytest.raises(UsageError, match="leave --ids out"):
            graph.harvest_dump(str(DUMP), ids=str(path), complete=True)
