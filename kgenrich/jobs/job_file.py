"""A job is a file: these structs are its tables and keys.

``docs/jobs.md`` documents each key, which a test holds it to. `kgenrich.jobs.reading` reads one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from kgenrich.errors import UsageError
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


class Publish(_Table, frozen=True, kw_only=True):
    """``[publish]``: what people decided is planned as edits, and sent where it says ``send``."""

    send: bool = False
    limit: Count | None = None
    summary: str = ""
    allowed: tuple[str, ...] = ()


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
    publish: Publish | None = None
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
