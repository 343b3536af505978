"""A job is a file: which keys it has, and how it is read.

The structs are the format. ``docs/jobs.md`` documents each key, which a test holds it to.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import fields, replace

from kgenrich.errors import InputError, UsageError
from kgenrich.inputs import read_text
from kgenrich.resources import resource
from kgenrich.verbs.workspace import Count, Share

ENDING = ".toml"
ExportFormat = Literal["rdf", "quickstatements", "wbeditentity", "provenance", "terms"]


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Harvest(_Table, frozen=True, kw_only=True):
    """``[harvest]``, or several ``[[harvest]]``: what is read, by one of the first five."""

    dump: str = ""
    rdf: str = ""
    sparql: str = ""
    ids: str | tuple[str, ...] = ()
    changes: str | bool = False
    since: str = ""
    api: str | None = None
    endpoint: str | None = None
    limit: Count | None = None
    complete: bool | None = None
    allow_gone: int | UnsetType = UNSET
    licence: str = ""
    origin: str = ""
    format: str = ""
    profiles: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    untagged: str = ""
    base_iri: str = ""

    @property
    def way(self) -> str:
        """How it is read; empty where none, or several, are said."""
        ways = [name for name in ("dump", "rdf", "sparql", "ids", "changes") if getattr(self, name)]
        return ways[0] if len(ways) == 1 else ""


class Enrich(_Table, frozen=True, kw_only=True):
    """``[enrich]``: missing terms are asked for."""

    limit: Count | None = None
    minimum: Share | None = None
    max_calls: int | Mapping[str, int] = {}
    max_cost: float | Mapping[str, float] = {}
    ranker: str = ""
    unharvested: bool = False
    other_script: bool = False
    origin: str = ""
    batch: Count = 200


class Check(_Table, frozen=True, kw_only=True):
    """``[check]``: the names that are there are judged."""

    over: Share | None = None
    strict: bool = False
    limit: Count | None = None
    batch: Count = 200


class Accept(_Table, frozen=True, kw_only=True):
    """``[accept]``: the policy by which proposals are accepted."""

    over: Share
    from_kinds: Count = 1
    despite: tuple[str, ...] = ()
    limit: Count | None = None
    comment: str = ""


class Export(_Table, frozen=True, kw_only=True, rename={"class_id": "class"}):
    """``[[export]]``: a file that is written."""

    format: ExportFormat
    output: str
    keep: Count | None = None
    syntax: str | UnsetType = UNSET
    compression: str | UnsetType = UNSET
    force: bool | UnsetType = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    kinds: tuple[str, ...] | UnsetType = UNSET
    class_id: str | UnsetType = UNSET
    types: tuple[str, ...] | UnsetType = UNSET
    states: tuple[str, ...] | UnsetType = UNSET
    minimum: Share | UnsetType = UNSET
    raw_tags: bool | UnsetType = UNSET
    resources: str | UnsetType = UNSET
    graphs: bool | UnsetType = UNSET
    labels: Literal["rdfs", "all"] | UnsetType = UNSET
    vocabulary: str | UnsetType = UNSET
    void: bool | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    only: str | UnsetType = UNSET
    merge_into: str | UnsetType = UNSET
    delta: bool | UnsetType = UNSET
    patch: bool | UnsetType = UNSET
    base_iri: str | UnsetType = UNSET
    safe_cells: bool | UnsetType = UNSET
    proposed: bool | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    batch: str | UnsetType = UNSET
    allowed: tuple[str, ...] | UnsetType = UNSET


class Limits(_Table, frozen=True, kw_only=True):
    """``[limits]``: what makes a run a failure."""

    errors: Share = 0.2


class Schedule(_Table, frozen=True, kw_only=True):
    """``[schedule]``: when it runs by itself."""

    cron: str
    timezone: str = ""
    missed: Literal["run", "skip"] = "run"
    overlap: Literal["skip", "wait"] = "skip"
    spread: str = ""


class Report(_Table, frozen=True, kw_only=True):
    """``[report]``: the page on what a run did."""

    output: str
    keep: Count | None = None


class Notify(_Table, frozen=True, kw_only=True):
    """``[notify]``: a program that is told of each run."""

    command: str | tuple[str, ...]
    on: Literal["always", "failure"] = "always"


class Job(_Table, frozen=True, kw_only=True, rename={"for_": "for"}):
    """What a file says, with its ``name`` (that of the file) and where it is."""

    about: str = ""
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    until: str = ""
    for_: str = ""
    harvest: Harvest | tuple[Harvest, ...] = ()
    enrich: Enrich | None = None
    check: Check | None = None
    accept: Accept | None = None
    export: Export | tuple[Export, ...] = ()
    report: Report | None = None
    notify: Notify | None = None
    metrics: str = ""
    limits: Limits = Limits()
    schedule: Schedule | None = None
    file: Path = Path()

    @property
    def name(self) -> str:
        """By which it is known: that of its file."""
        return self.file.name.removesuffix(ENDING)

    @property
    def harvests(self) -> tuple[Harvest, ...]:
        """What is harvested, in this order."""
        return self.harvest if isinstance(self.harvest, tuple) else (self.harvest,)

    @property
    def exports(self) -> tuple[Export, ...]:
        """What is exported, in this order."""
        return self.export if isinstance(self.export, tuple) else (self.export,)

    def path(self, name: str) -> str:
        """A path that the file names: a relative one lies beside it."""
        return name if name == "-" else os.path.normpath(self.file.parent / Path(name).expanduser())

    def output(self, name: str) -> str:
        """A path that is written to: as `path`, but what is shipped writes where one works."""
        is_shipped = self.file.is_relative_to(resource("config"))
        return self.path(str(Path.cwd() / name)) if is_shipped and name != "-" else self.path(name)

    def error(self, sentence: str) -> UsageError:
        """What is wrong with it."""
        return UsageError(f"{self.file}: {sentence}")


_NOT_WRITTEN = ("file",)
Tables = Struct | type[Struct]


def read_job(path: Path) -> Job:
    """The job of a file. Raises `UsageError`, in one sentence, for a file that is not there, that
    is no TOML, or that has a key that there is not or that is wrong."""
    try:
        values = tomllib.loads(read_text(path))
    except InputError as error:
        raise UsageError(f"The job cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: this is no TOML: {error}.") from error
    _refuse_unknown(path, Job, values)
    try:
        return replace(msgspec.convert(_plain(values), Job), file=path.absolute())
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {_told(str(error))}.") from error


def keys(kind: type[Struct] = Job, above: str = "") -> Iterator[str]:
    """Every key that a job may have, as ``harvest.dump``."""
    for field in fields(kind):
        if kind is Job and field.name in _NOT_WRITTEN:
            continue
        name = f"{above}{field.encode_name}"
        inner = _table_of(field.type)
        if inner is None:
            yield name
        else:
            yield from keys(inner, f"{name}.")


def _table_of(kind: Any) -> type[Struct] | None:
    """The struct that a type is, or that it is a union or a list of."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return kind
    return next(filter(None, map(_table_of, get_args(kind))), None)


def _refuse_unknown(
    path: Path, kind: type[Struct], values: Mapping[str, Any], where: str = ""
) -> None:
    known = {field.encode_name: field.type for field in fields(kind)}
    if kind is Job:
        for name in _NOT_WRITTEN:
            del known[name]
    for name, value in values.items():
        if name not in known:
            near = get_close_matches(name, known, 1) or [
                key for key in keys() if key.rpartition(".")[2] == name
            ]
            hint = (
                f": is it {where}{near[0]}?"
                if get_close_matches(name, known, 1)
                else (f": is it {near[0]}?" if near else f"; there are {', '.join(known)}.")
            )
            raise UsageError(f"{path}: there is no key {where}{name}{hint}")
        inner = _table_of(known[name])
        for table in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(table, Mapping):
                _refuse_unknown(path, inner, table, f"{where}{name}.")


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
    key = where.strip("`.").replace("[...]", "")
    words = {"`str`": "text", "`array`": "a list", "`object`": "a table", "`int`": "a whole number"}
    for name, word in words.items():
        what = what.replace(name, word)
    return f"{key or 'the file'} is wrong: {what[:1].lower()}{what[1:]}" if what else message
