"""Terms as tables: JSON lines, CSV and Parquet, with the columns of `ToldTermRow`.

In CSV what has several values is one cell, with ` | ` between them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec.structs import asdict, astuple, replace

from kgenrich.errors import UsageError
from kgenrich.escaping import safe_cell
from kgenrich.export.writing import batches, csv_lines
from kgenrich.model import Alternative, ToldTermRow

COLUMNS = ToldTermRow.__struct_fields__
_BATCH = 2000
_BETWEEN = " | "
_ROW_GROUP = 100_000


def jsonl(rows: Iterable[ToldTermRow]) -> Iterator[bytes]:
    """One JSON object a line, every column in it."""
    encoder = msgspec.json.Encoder()
    for batch in batches(rows, _BATCH):
        yield encoder.encode_lines(batch)


def safe(rows: Iterable[ToldTermRow], changed: Callable[[], None]) -> Iterator[ToldTermRow]:
    """The rows with entities and texts as `safe_cell` has them; ``changed`` is called for each that
    is not what it was."""
    for row in rows:
        made = replace(
            row,
            entity=safe_cell(row.entity),
            text=safe_cell(row.text),
            source_label=safe_cell(row.source_label),
            reasons=_safe_first(row.reasons),
            alternatives=tuple(
                replace(one, text=safe_cell(one.text)) if place == 0 else one
                for place, one in enumerate(row.alternatives)
            ),
            origin=_safe_first(row.origin),
        )
        if made != row:
            changed()
        yield made


def table(rows: Iterable[ToldTermRow]) -> Iterator[bytes]:
    """CSV as RFC 4180 has it, with CRLF; the first line names the columns."""
    yield csv_lines([COLUMNS]).encode()
    for batch in batches(rows, _BATCH):
        yield csv_lines(map(_cells, batch)).encode()


def _cells(row: ToldTermRow) -> list[object]:
    *plain, reasons, alternatives, origin = astuple(row)
    told = (f"{one.text} ({one.probability:.3f})" for one in alternatives)
    return [*plain, _BETWEEN.join(reasons), _BETWEEN.join(told), _BETWEEN.join(origin)]


def _safe_first(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Texts that share a cell: the first one begins it."""
    return tuple(safe_cell(text) if place == 0 else text for place, text in enumerate(texts))


def parquet(rows: Iterable[ToldTermRow]) -> Iterator[bytes]:
    """Parquet with zstd; language, kind and state as dictionaries, what has several
    values as lists.

    Raises `UsageError` when pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow: pip install 'kgenrich[parquet]'.") from error
    text = pyarrow.string()
    alternative = pyarrow.struct([("text", text), ("probability", pyarrow.float64())])
    types = {
        "probability": pyarrow.float64(),
        "reasons": pyarrow.list_(text),
        "alternatives": pyarrow.list_(alternative),
        "origin": pyarrow.list_(text),
    }
    schema = pyarrow.schema([(name, types.get(name, text)) for name in COLUMNS])
    sink = _Drain()
    writer = pyarrow.parquet.ParquetWriter(
        pyarrow.PythonFile(sink, mode="w"),
        schema,
        compression="zstd",
        use_dictionary=["language", "kind", "state"],
    )
    for batch in batches(rows, _ROW_GROUP):
        columns = map(list, zip(*map(_plain, batch), strict=True))
        writer.write_table(pyarrow.table(list(columns), schema=schema))
        yield sink.drain()
    writer.close()
    yield sink.drain()


FORMS: dict[str, Callable[[Iterable[ToldTermRow]], Iterator[bytes]]] = {
    "jsonl": jsonl,
    "csv": table,
    "parquet": parquet,
}


def _plain(row: ToldTermRow) -> list[object]:
    """The values of a row as pyarrow takes them."""
    *plain, alternatives, origin = astuple(row)
    told: list[Alternative] = list(alternatives)
    return [*plain, [asdict(one) for one in told], origin]


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
