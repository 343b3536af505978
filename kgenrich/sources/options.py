"""The options of a source as a typed value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from kgenrich.errors import UsageError

T = TypeVar("T")


def read(source: str, options: Mapping[str, Any], kind: type[T]) -> T:
    """The table ``[sources.NAME]`` as ``kind``, a msgspec struct with defaults.

    Raises `UsageError` naming the option that is wrong or unknown.
    """
    try:
        return msgspec.convert(dict(options), kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"The options of the source {source!r} are wrong: {error}.") from error
