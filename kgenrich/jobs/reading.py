"""Reading a job file: a key that is wrong is named in one sentence, with the one that was meant."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import fields, replace

from kgenrich.errors import InputError, UsageError
from kgenrich.inputs import read_text
from kgenrich.jobs.job_file import Job

_NOT_WRITTEN = "file"
_WORDS = {"`str`": "text", "`array`": "a list", "`object`": "a table", "`int`": "a whole number"}


def read_job(path: Path) -> Job:
    """The job of a file. Raises `UsageError`, in one sentence, for a file that is not there, that
    is no TOML, or that has a key that there is not or that is wrong."""
    try:
        values = tomllib.loads(read_text(path))
    except InputError as error:
        raise UsageError(f"The job cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: this is no TOML: {error}.") from error
    if unknown := next(_unknown(Job, values), None):
        raise UsageError(f"{path}: there is no key {unknown}")
    try:
        return replace(msgspec.convert(_plain(values), Job), file=path.absolute())
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {_told(str(error))}.") from error


def keys(kind: type[Struct] = Job, above: str = "") -> Iterator[str]:
    """Every key that a job may have, as ``harvest.dump``."""
    for name, type_of in _fields(kind).items():
        inner = _table_of(type_of)
        if inner is None:
            yield above + name
        else:
            yield from keys(inner, f"{above}{name}.")


def _fields(kind: type[Struct]) -> dict[str, Any]:
    found = {field.encode_name: field.type for field in fields(kind)}
    return {name: type_of for name, type_of in found.items() if name != _NOT_WRITTEN}


def _table_of(kind: Any) -> type[Struct] | None:
    """The struct that a type is, or that it is a union or a list of."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return kind
    return next(filter(None, map(_table_of, get_args(kind))), None)


def _unknown(kind: type[Struct], values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The keys that there are not, each with the one that may be meant."""
    known = _fields(kind)
    for name, value in values.items():
        if name not in known:
            yield f"{above}{name}{_meant(name, known, above)}"
            continue
        inner = _table_of(known[name])
        for table in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(table, Mapping):
                yield from _unknown(inner, table, f"{above}{name}.")


def _meant(name: str, known: Mapping[str, Any], above: str) -> str:
    """A key of a like name in the same table, else one of that name in another."""
    near = [above + one for one in get_close_matches(name, known, 1)]
    near += [key for key in keys() if key.rpartition(".")[2] == name]
    return f": is it {near[0]}?" if near else f"; there are {', '.join(known)}."


def _plain(value: Any) -> Any:
    """TOML's own dates and times as text."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _told(message: str) -> str:
    """What the reader of values says, about a key."""
    what, _, where = message.rpartition(" - at `$")
    if not what:
        return message
    for name, word in _WORDS.items():
        what = what.replace(name, word)
    return f"{where.strip('`.') or 'the file'} is wrong: {what[:1].lower()}{what[1:]}"
