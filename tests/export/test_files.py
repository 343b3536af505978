"""Files appear whole or not at all; tables of terms read back."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import InputError, UsageError
from kgenrich.export.terms import COLUMNS, jsonl, parquet, table
from kgenrich.export.writing import COMPRESSIONS, split_name, write
from kgenrich.model import Alternative, TermKind, ToldTermRow
from kgenrich.packing import zstandard

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
ROWS = st.lists(
    st.builds(
        ToldTermRow,
        entity=st.just("Q1"),
        language=st.just("en"),
        kind=st.sampled_from(TermKind),
        text=TEXT,
        state=st.sampled_from(["asserted", "accepted", "proposed"]),
        candidate=TEXT,
        probability=st.none() | st.floats(0, 1),
        source_label=TEXT,
        source_language=st.sampled_from(["", "de"]),
        reasons=st.lists(TEXT, max_size=2).map(tuple),
        alternatives=st.lists(st.builds(Alternative, TEXT, st.floats(0, 1)), max_size=2).map(tuple),
        origin=st.lists(TEXT, max_size=2).map(tuple),
    )
)


def unpack(data: bytes, compression: str) -> bytes:
    if compression == "gz":
        return gzip.decompress(data)
    if compression == "zst":
        return zstandard().decompress(data)
    return data


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_written_whole_with_its_hash_and_the_same_every_time(
    tmp_path: Path, compression: str
) -> None:
    path = tmp_path / "out"
    chunks = [b"one\n", b"", "zwölf\n".encode() * 1000]
    told = write(str(path), chunks, compression)
    data = path.read_bytes()
    assert unpack(data, compression) == b"".join(chunks)
    assert (told.bytes, told.sha256) == (len(data), sha256(data).hexdigest())
    assert write(str(tmp_path / "again"), chunks, compression).sha256 == told.sha256
    assert names(tmp_path) == ["again", "out"]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_failure_leaves_the_older_file_and_nothing_else(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "out"
    path.write_text("older")

    def failing() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(str(path), failing(), compression)
    assert path.read_text() == "older"
    assert names(tmp_path) == ["out"]


def test_what_a_killed_writer_left_goes_and_what_another_one_writes_stays(tmp_path: Path) -> None:
    left = tmp_path / ".o[u]t.1.part"
    left.write_text("half")
    (tmp_path / ".another.1.part").write_text("half")

    def meanwhile() -> Iterator[bytes]:
        assert not left.exists()
        (mine,) = tmp_path.glob(".o?u?t.*.part")
        # Another process has another number.
        mine.rename(left)
        write(str(tmp_path / "o[u]t"), [b"other"])
        left.rename(mine)
        yield b"this"

    write(str(tmp_path / "o[u]t"), meanwhile())
    assert (tmp_path / "o[u]t").read_text() == "this"
    assert names(tmp_path) == [".another.1.part", "o[u]t"]


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        write("/dev/full", [b"x" * 100_000])


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(str(tmp_path / "link"), [b"new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        write(str(tmp_path / "no" / "out"), [b"x"])
    with pytest.raises(UsageError, match="is a folder"):
        write(str(tmp_path), [b"x"])


@pytest.mark.parametrize(
    ("name", "form", "compression"),
    [
        ("a.nt", "nt", ""),
        ("dir.d/a.ttl.gz", "ttl", "gz"),
        ("A.TRIG.ZST", "trig", "zst"),
        ("a.gz", "", "gz"),
        ("a", "", ""),
        ("-", "", ""),
    ],
)
def test_a_name_says_format_and_compression(name: str, form: str, compression: str) -> None:
    assert split_name(name) == (form, compression)


@given(ROWS)
def test_jsonl_reads_back(rows: list[ToldTermRow]) -> None:
    data = b"".join(jsonl(rows))
    decoder = msgspec.json.Decoder(ToldTermRow)
    assert [decoder.decode(line) for line in data.split(b"\n") if line] == rows


@given(ROWS)
def test_csv_reads_back(rows: list[ToldTermRow]) -> None:
    text = b"".join(table(rows)).decode()
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == COLUMNS
    assert [tuple(line) for line in lines] == [
        (
            *("" if v is None else str(v) for v in msgspec.structs.astuple(row)[:-3]),
            " | ".join(row.reasons),
            " | ".join(f"{one.text} ({one.probability:.3f})" for one in row.alternatives),
            " | ".join(row.origin),
        )
        for row in rows
    ]


def test_new_columns_come_after_those_that_were_there() -> None:
    older = ("entity", "language", "kind", "text", "state", "candidate", "probability")
    told = ("source_label", "source_language", "reasons", "alternatives", "origin")
    assert (*older, *told) == COLUMNS


@given(ROWS)
def test_parquet_reads_back(rows: list[ToldTermRow]) -> None:
    data = b"".join(parquet(rows))
    read = pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    assert [msgspec.convert(row, ToldTermRow) for row in read] == rows
