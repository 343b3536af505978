"""Terms as tables: JSON lines, CSV and Parquet, with the columns of `TermRow`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec.structs import astuple, replace

from kgenrich.errors import UsageError
from kgenrich.escaping import safe_cell
from kgenrich.export.writing import batches, csv_lines
from kgenrich.model import TermRow

COLUMNS = TermRow.__struct_fields__
_BATCH = 2000
_ROW_GROUP = 100_000


def jsonl(rows: Iterable[TermRow]) -> Iterator[bytes]:
    """One JSON object a line, every column in it."""
    encoder = msgspec.json.Encoder()
    for batch in batches(rows, _BATCH):
        yield encoder.encode_lines(batch)


def safe(rows: Iterable[TermRow], changed: Callable[[], None]) -> Iterator[TermRow]:
    """The rows with entities and texts as `safe_cell` has them; ``changed`` is called for each that
    is not what it was."""
    for row in rows:
        made = replace(row, entity=safe_cell(row.entity), text=safe_cell(row.text))
        if made != row:
            changed()
        yield made


def table(rows: Iterable[TermRow]) -> Iterator[bytes]:
    """CSV as RFC 4180 has it, with CRLF; the first line names the columns."""
    yield csv_lines([COLUMNS]).encode()
    for batch in batches(rows, _BATCH):
        yield csv_lines(map(astuple, batch)).encode()


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
        columns = map(list, zip(*map(astuple, batch), strict=True))
        writer.write_table(pyarrow.table(list(columns), schema=schema))
        yield sink.drain()
    writer.close()
    yield sink.drain()


FORMS: dict[str, Callable[[Iterable[TermRow]], Iterator[bytes]]] = {
    "jsonl": jsonl,
    "csv": table,
    "parquet": parquet,
}


class _Drain(io.BytesIO):
    """A file that hands on what was written to it."""

    passed = 0

    def tell(self) -> int:
        return self.passed + super().tell()

    def drain(self) -> bytes:
        whole = self.getvalue()
        self.passed += len(whole)
        self.seek(0)
        self.truncate(0)
        return whole
