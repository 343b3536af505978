"""Reading what third parties send for what is needed: an odd field costs itself alone."""

from __future__ import annotations

from typing import Any


def at(value: Any, *path: str) -> Any:
    """What stands at a path of fields; None where nothing does, or no object is on the way."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str) -> str:
    """The text at a path; empty for what is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: Any, *path: str) -> int:
    """The count at a path; 0 for what is none."""
    found = at(value, *path)
    return int(found) if isinstance(found, int | float) and 0 <= found < 2**31 else 0


def objects(value: Any, *path: str) -> list[dict[str, Any]] | None:
    """The objects in the list at a path, without what is no object; None for what is no list."""
    found = at(value, *path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else None
