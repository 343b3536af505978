"""Writing an export: what of the store, where and how, counted, noted in the store, reported."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import InputError, StoreError, UsageError
from kgenrich.export.writing import STDOUT, Written, split_name, write
from kgenrich.model import Scope
from kgenrich.store.story.exports import record_export
from kgenrich.store.story.runs import running
from kgenrich.verbs.arguments import ScopeOptions, read_scope
from kgenrich.verbs.workspace import Workspace

T = TypeVar("T")
_TICK = 5000
_PATIENCE = 5.0
"""Seconds that a note is worth waiting for."""


class ExportOptions(ScopeOptions, frozen=True, kw_only=True):
    """``output`` is a file, or ``-``; its ``format`` and ``compression`` (none, gz, zst) are what
    its name says where they are not given."""

    output: str
    format: str | None = None
    compression: str | None = None
    dry_run: bool = False


class ExportReport(Struct, frozen=True):
    """What was written: ``counts`` of rows by what they are, the first of them those that the
    export is about; ``refused`` by reason, None where nothing can be. ``path``, ``bytes`` and
    ``sha256`` are those of the file, empty for a dry run and where there are several ``files``."""

    verb: str
    format: str
    counts: dict[str, int]
    refused: dict[str, int] | None
    dry_run: bool
    path: str = ""
    bytes: int = 0
    sha256: str = ""
    files: tuple[Written, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as one mapping."""
        report: dict[str, Any] = {"verb": self.verb, "format": self.format, **self.counts}
        if self.refused is not None:
            report["refused"] = self.refused
        report["dry_run"] = self.dry_run
        if self.path:
            report |= {"path": self.path, "bytes": self.bytes, "sha256": self.sha256}
        if self.files:
            report["files"] = [asdict(file) for file in self.files]
        return report


class Delivery:
    """Where an export goes, as what.

    ``endings`` maps file name endings to formats, ``default`` is the format of the standard
    output. Raises `UsageError` when the name says nothing.
    """

    def __init__(
        self,
        workspace: Workspace,
        verb: str,
        options: ExportOptions,
        endings: Mapping[str, str],
        default: str,
    ) -> None:
        ending, packed = split_name(options.output)
        form = options.format or (default if options.output == STDOUT else endings.get(ending))
        if form is None:
            names = ", ".join(f".{name}" for name in endings)
            raise UsageError(f"What format is {options.output}? Name it {names}, or give --format.")
        self.workspace, self.verb, self.options = workspace, verb, options
        self.format = form
        self.compression = options.compression or packed or "none"
        self.passed = 0
        """How many rows were `watched`."""

    @cached_property
    def scope(self) -> Scope:
        """What of the store is exported. Raises as `read_scope` does."""
        return read_scope(self.workspace, self.options)

    def watched(self, rows: Iterable[T], step: str) -> Iterator[T]:
        """The rows, while the progress is told how many there were."""
        progress = self.workspace.progress
        progress.begin(step)
        for self.passed, row in enumerate(rows, 1):
            if self.passed % _TICK == 0:
                progress.update(self.passed)
            yield row

    def write(
        self,
        chunks: Iterable[bytes],
        counts: Callable[[], dict[str, int]],
        refused: Mapping[str, int] | None = None,
        **noted: Any,
    ) -> ExportReport:
        """Write the chunks, and note in the store, unless that is read-only, what was exported.

        ``counts`` gives the numbers of rows once the chunks are spent; ``refused`` has its own by
        then. Raises `InputError` for a text that no file can hold.
        """
        return self.write_all({self.options.output: chunks}, {}, counts, refused, **noted)

    def write_all(
        self,
        files: Mapping[str, Iterable[bytes]],
        rows_of: Mapping[str, int],
        counts: Callable[[], dict[str, int]],
        refused: Mapping[str, int] | None = None,
        **noted: Any,
    ) -> ExportReport:
        """Write several files as `write` does one; ``rows_of`` says how many rows each has."""
        written: list[Written] = []
        try:
            for path, chunks in files.items():
                if self.options.dry_run:
                    deque(chunks, 0)
                else:
                    written.append(write(path, chunks, self.compression))
        except UnicodeEncodeError as error:
            raise InputError("A text holds a lone surrogate, which no file can.") from error
        if not self.options.dry_run:
            told_of = {**counts(), **({} if refused is None else {"refused": refused})}
            self._note(written, rows_of, told_of, noted)
        left_out, dry_run = None if refused is None else dict(refused), self.options.dry_run
        several = tuple(written) if len(written) > 1 else ()
        only = written[0] if len(written) == 1 else Written("", 0, "")
        told = (only.path, only.bytes, only.sha256, several)
        return ExportReport(self.verb, self.format, counts(), left_out, dry_run, *told)

    def _note(
        self,
        written: Iterable[Written],
        rows_of: Mapping[str, int],
        counts: dict[str, Any],
        noted: Mapping[str, Any],
    ) -> None:
        """Note the files in the store; they are good without that."""
        store, remark = self.workspace.store, self.workspace.progress.remark
        if store.read_only:
            remark("The store is read-only: the export is not noted in it.")
            return
        names = ("languages", "kinds", "class_id")
        scope = {**noted, **{name: getattr(self.scope, name) for name in names}}
        scope |= {"output": self.options.output, "format": self.format}
        number = next(iter(counts.values()))
        try:
            store = store.patient(_PATIENCE)
            with running(store, self.verb, scope, self.workspace.settings.digest()) as run:
                run.counts = counts
                for one in written:
                    rows = rows_of.get(one.path, number)
                    record_export(store, run.id, self.format, one.path, rows, one.sha256)
        except StoreError as error:
            remark(f"The export is not noted in the store. {error}", grave=True)
