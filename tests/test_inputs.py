"""Every file is read as what it holds: packed, encoded and ended in whatever way."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.corpus import Page, pages
from kgenrich.errors import InputError, UsageError
from kgenrich.inputs import Input, read_lines, read_text
from kgenrich.packing import zstandard
from kgenrich.settings import load_settings
from kgenrich.verbs.harvest import SparqlOptions, harvest_sparql
from kgenrich.verbs.workspace import Workspace

SKIPPED = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
"""A frame of Zstandard that is to be skipped, as pzstd puts one before each of its own."""

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard().compress(data),
    "pzstd": lambda data: b"".join(
        SKIPPED + zstandard().compress(data[i : i + 1000]) for i in range(0, len(data), 1000)
    ),
}
MARKED = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16": b"",
    "utf-32": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)


def read(data: bytes) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with Input(file.name) as source:
            return b"".join(iter(source.read, b""))


@given(
    st.lists(TEXT, min_size=1, max_size=80),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(sorted(MARKED)),
    st.sampled_from(sorted(PACKINGS)),
)
def test_any_end_encoding_and_packing_gives_the_same_lines(
    lines: list[str], end: str, encoding: str, packing: str
) -> None:
    # The first character of a file cannot be told from the mark of another encoding.
    lines = ["a" + lines[0], *lines[1:]]
    data = MARKED[encoding] + "".join(line + end for line in lines).encode(encoding)
    with tempfile.NamedTemporaryFile() as file:
        file.write(PACKINGS[packing](data))
        file.flush()
        assert list(read_lines(file.name)) == lines


@given(
    st.text("aäß’€Ωя ", max_size=99),
    st.sampled_from(["ISO-8859-1", "latin1", "windows-1252", "utf-16", "UTF8", "us-ascii"]),
    st.sampled_from("\"'"),
)
def test_xml_is_read_as_it_declares(text: str, encoding: str, quote: str) -> None:
    text = text.encode(encoding, "ignore").decode(encoding)
    declared = "<?xml version='1.0' encoding={1}{0}{1}?><a>{2}</a>"
    found = read(declared.format(encoding, quote, text).encode(encoding)).decode()
    assert found == declared.format("UTF-8", quote, text)


def test_xml_in_utf_16_needs_no_mark() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read('<?xml version="1.0"?><a>ß</a>'.encode(encoding)).endswith("<a>ß</a>".encode())


def test_what_is_in_no_encoding_is_told_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes("gut\nGefäß".encode("latin1"))
    with pytest.raises(InputError, match=r"Line 2 of .*names.txt is not in UTF-8: .*iconv"):
        read_text(path)
    path.write_bytes(b"\xff\xfea\0\0\xd8b\0")
    with pytest.raises(InputError, match=r"is not in utf-16-le, as it says itself: .*iconv"):
        read_text(path)
    for name in (b"klingon", b"base64", b"rot13"):
        path.write_bytes(b'<?xml version="1.0" encoding="%s"?>' % name)
        with pytest.raises(InputError, match=f"it is in {name.decode()}, which is unknown"):
            read_text(path)


def test_a_byte_that_is_in_no_encoding_stays_for_the_reader_to_judge() -> None:
    assert read(b'<?xml encoding="windows-1252"?>\x81\xe4').endswith(b"?>\x81\xc3\xa4")


@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"PK\3\4", "ZIP"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"a".ljust(257, b"\0") + b"ustar", "tar")],
)
def test_archives_are_named(tmp_path: Path, start: bytes, kind: str) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(start))
    with pytest.raises(InputError, match=f"is a {kind} archive: unpack it first"):
        Input(path)


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz", "zstd", "pzstd"])
def test_what_stands_before_a_cut_is_read_and_the_cut_told(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "cut"
    data = random.Random(1).randbytes(150_000).hex().encode()
    packed = PACKINGS[packing](data)
    for cut in (1, 9, 300):
        path.write_bytes(packed[:-cut])
        found = b""
        with Input(path) as source, pytest.raises(InputError, match="cut off"):
            while piece := source.read():
                found += piece
        assert data.startswith(found)
        # A block is unpacked whole or not at all; the largest are those of bzip2.
        assert len(found) > 200_000 or packing == "bzip2"


def test_offsets_are_those_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for data in (b"0123456789", b"\xef\xbb\xbf0123456789", gzip.compress(b"0123456789")):
        path.write_bytes(data)
        with Input(path) as source:
            source.seek(4)
            assert source.read() == b"456789"


def as_windows_writes(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.replace("\n", "\r\n").encode("utf-16")))
    return path


def test_settings_corpora_and_queries_are_read_alike(tmp_path: Path) -> None:
    text = 'languages = ["it"]\n# Gefäß\n[network]\ncontact = "me@example.org"\n'
    config = as_windows_writes(tmp_path / "c.toml", text)
    assert load_settings(config).languages == ("it",)
    row = '{"qid": "Q1", "title": "Gefäß", "language": "de", "text": "ein Gefäß"}\n\n'
    corpus = as_windows_writes(tmp_path / "corpus", row + row)
    assert list(pages(corpus)) == [Page("Gefäß", "de", "ein Gefäß", "Q1")] * 2
    query = as_windows_writes(tmp_path / "q.rq", "ASK {\n}")
    workspace = Workspace(load_settings(config, str(tmp_path / "a.db")))
    with pytest.raises(UsageError, match="no SELECT query but ASK"):
        harvest_sparql(workspace, SparqlOptions(query=str(query), endpoint="http://127.0.0.1:9"))


REPEATED = 120 << 20
"""Bytes of zeros that pack into a few thousand, as logs and tables of nothing do."""


@pytest.mark.slow
@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz", "zstd"])
def test_what_is_very_repetitive_is_unpacked_in_little_memory(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(PACKINGS[packing](b"a" * REPEATED))
    code = (
        "import resource, sys\n"
        "from kgenrich.inputs import Input\n"
        "source = Input(sys.argv[1])\n"
        "most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10\n"
        "before = most()\n"
        "print(sum(map(len, iter(source.read, b''))), most() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    size, megabytes = map(int, done.stdout.split())
    assert size == REPEATED
    assert megabytes < 30
