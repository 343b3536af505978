"""Values as rows and back: a field stands in the column of its name."""

from __future__ import annotations

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
    held = row._asdict()
    columns = (name for name in kind.__struct_fields__ if name not in fields and name in held)
    return kind(**fields, **{name: held[name] for name in columns})


def as_json(value: Any) -> str:
    """A value as text that is always the same: with sorted keys."""
    return msgspec.json.encode(value, order="sorted").decode()
