"""Terms as tables: JSON lines, CSV and Parquet, with the columns of `TermRow`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from kgenrich.errors import UsageError
from kgenrich.export.files import batches
from kgenrich.model import TermRow

COLUMNS = TermRow.__struct_fields__
_BATCH = 2000
_ROW_GROUP = 100_000


def jsonl(rows: Iterable[TermRow]) -> Iterator[bytes]:
    """One JSON object a line, every column in it."""
    encoder = msgspec.json.Encoder()
    for batch in batches(rows, _BATCH):
        yield encoder.encode_lines(batch)


def table(rows: Iterable[TermRow]) -> Iterator[bytes]:
    """CSV as RFC 4180 has it, with CRLF; the first line names the columns."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for batch in batches(rows, _BATCH):
        writer.writerows(msgspec.structs.astuple(row) for row in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def parquet(rows: Iterable[TermRow]) -> Iterator[bytes]:
    """Parquet with zstd; language, kind and state as dictionaries.

    Raises `UsageError` when pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow: pip install 'kgenrich[parquet]'.") from error
    text = pyarrow.string()
    types = {"probability": pyarrow.float64()}
    schema = pyarrow.schema([(name, types.get(name, text)) for name in COLUMNS])
    sink = _Drain()
    writer = pyarrow.parquet.ParquetWriter(
        pyarrow.PythonFile(sink, mode="w"),
        schema,
        compression="zstd",
        use_dictionary=["language", "kind", "state"],
    )
    for batch in batches(rows, _ROW_GROUP):
        columns = zip(*map(msgspec.structs.astuple, batch), strict=True)
        writer.write_table(pyarrow.table([list(column) for column in columns], schema=schema))
        yield sink.drain()
    writer.close()
    yield sink.drain()


FORMS: dict[str, Callable[[Iterable[TermRow]], Iterator[bytes]]] = {
    "jsonl": jsonl,
    "csv": table,
    "parquet": parquet,
}


class _Drain(io.RawIOBase):
    """A file that hands on what was written to it."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        self.size += len(self.parts[-1])
        return len(self.parts[-1])

    def drain(self) -> bytes:
        whole = b"".join(self.parts)
        self.parts.clear()
        return whole
