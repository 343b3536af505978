"""Values as rows and back: a field stands in the column of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Row

S = TypeVar("S", bound=Struct)


def storable(text: str) -> str:
    """The text with what no database can keep (NUL, halves of surrogate pairs) replaced."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def as_row(value: Struct, *without: str) -> dict[str, Any]:
    """The fields of a value, but for some, as a database can keep them."""
    return {
        name: storable(content) if isinstance(content, str) else content
        for name, content in asdict(value).items()
        if name not in without
    }


def from_row(kind: type[S], row: Row[Any], /, **fields: Any) -> S:
    """The value of a row; ``fields`` are those that a column does not hold as they are."""
    names, values = _columns(kind, row._fields, tuple(fields))
    return kind(**fields, **dict(zip(names, values(row), strict=True)))


@lru_cache(maxsize=256)
def _columns(
    kind: type[Struct], held: Sequence[str], given: Sequence[str]
) -> tuple[Sequence[str], Callable[[Sequence[Any]], Sequence[Any]]]:
    """Which fields are taken from a row that has these columns, and what takes their values."""
    names = [name for name in kind.__struct_fields__ if name not in given and name in held]
    places = [held.index(name) for name in names]
    if len(places) > 1:
        return names, itemgetter(*places)
    return names, lambda row: [row[place] for place in places]


def as_json(value: Any) -> str:
    """A value as text that is always the same: with sorted keys."""
    return msgspec.json.encode(value, order="sorted").decode()
