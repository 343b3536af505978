"""Writing an export: what of the store, where and how, counted, noted in the store, reported."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import InputError, StoreError, UsageError
from kgenrich.export.writing import STDOUT, Written, digest_of, split_name, write
from kgenrich.model import Scope
from kgenrich.store.story.exports import is_export, record_export
from kgenrich.store.story.runs import Run, running
from kgenrich.verbs.arguments import ScopeOptions, read_scope
from kgenrich.verbs.workspace import Workspace

T = TypeVar("T")
Counts = Callable[[], dict[str, Any]]
_TICK = 5000
_PATIENCE = 5.0
"""Seconds that a note is worth waiting for."""


class ExportOptions(ScopeOptions, frozen=True, kw_only=True):
    """``output`` is a file, or ``-``; its ``format`` and ``compression`` (none, gz, zst) are what
    its name says where they are not given. ``force``: overwrite a file that is no export of this
    store."""

    output: str
    format: str | None = None
    compression: str | None = None
    dry_run: bool = False
    force: bool = False


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
                progress.checkpoint()
            yield row

    def write(
        self,
        chunks: Iterable[bytes],
        counts: Callable[[], dict[str, int]],
        refused: Mapping[str, int] | None = None,
        beside: Mapping[str, Callable[[Written], bytes]] = {},
        **noted: Any,
    ) -> ExportReport:
        """Write the chunks, and note in the store, unless that is read-only, what was exported.

        ``counts`` gives the numbers of rows once the chunks are spent; ``refused`` has its own by
        then. ``beside`` names files that are made from what was written. Raises `InputError` for a
        text that no file can hold, `UsageError` for a file that is no export.
        """
        return self.write_all(
            {self.options.output: chunks}, {}, counts, refused, beside=beside, **noted
        )

    def write_all(
        self,
        files: Mapping[str, Iterable[bytes]],
        rows_of: Mapping[str, int],
        counts: Callable[[], dict[str, int]],
        refused: Mapping[str, int] | None = None,
        beside: Mapping[str, Callable[[Written], bytes]] = {},
        **noted: Any,
    ) -> ExportReport:
        """Write several files as `write` does one; ``rows_of`` says how many rows each has."""
        written: list[Written] = []

        def told_of() -> dict[str, Any]:
            return {**counts(), **({} if refused is None else {"refused": dict(refused)})}

        dry_run = self.options.dry_run
        if not dry_run:
            for path in (*files, *beside):
                self._refuse_foreign(path)
        try:
            with _Notes(self, noted, told_of) as notes:
                for path, chunks in files.items():
                    if dry_run:
                        deque(chunks, 0)
                        continue
                    note = partial(notes.add, rows=rows_of.get(path))
                    written.append(write(path, chunks, self.compression, note))
                for path, made in () if dry_run else beside.items():
                    write(path, [made(written[0])], note=notes.add)
        except UnicodeEncodeError as error:
            raise InputError("A text holds a lone surrogate, which no file can.") from error
        left_out = None if refused is None else dict(refused)
        several = tuple(written) if len(written) > 1 else ()
        only = written[0] if len(written) == 1 else Written("", 0, "")
        told = (only.path, only.bytes, only.sha256, several)
        return ExportReport(self.verb, self.format, counts(), left_out, dry_run, *told)

    def _refuse_foreign(self, path: str) -> None:
        """Raise `UsageError` for a file that was not exported from this store, or changed since."""
        if self.options.force or not (digest := digest_of(path)):
            return
        if not is_export(self.workspace.store, path, digest):
            raise UsageError(
                f"{path} is no export of this store, or was changed since: name another file, or "
                "overwrite it with --force."
            )


class _Notes:
    """The files of an export as they are noted in the store, in a run that ends with the block.
    They are good without that: what cannot be noted is told once."""

    def __init__(self, delivery: Delivery, noted: Mapping[str, Any], counts: Counts) -> None:
        self._delivery, self._noted, self._counts = delivery, noted, counts
        self._store = delivery.workspace.store
        self._run: Run | None = None
        self._ending = ExitStack()
        self._given_up = False

    def __enter__(self) -> _Notes:
        return self

    def __exit__(self, *error: Any) -> None:
        with self._told():
            self._ending.__exit__(*error)

    def add(self, file: Written, rows: int | None = None) -> None:
        """Note a file that is about to appear, by default with the first of the counts."""
        with self._told():
            if self._run is None and not self._given_up:
                self._begin()
            if self._run is not None:
                self._run.counts = counts = self._counts()
                number = next(iter(counts.values())) if rows is None else rows
                form = self._delivery.format
                record_export(self._store, self._run.id, form, file.path, number, file.sha256)

    def _begin(self) -> None:
        delivery = self._delivery
        if self._store.read_only:
            self._given_up = True
            delivery.workspace.progress.remark(
                "The store is read-only: the export is not noted in it."
            )
            return
        names = ("languages", "kinds", "class_id", "types")
        scope = {**self._noted, **{name: getattr(delivery.scope, name) for name in names}}
        scope |= {"output": delivery.options.output, "format": delivery.format}
        self._store = self._store.patient(_PATIENCE)
        digest = delivery.workspace.settings.digest()
        running_one = running(
            self._store, delivery.verb, scope, digest, progress=delivery.workspace.progress
        )
        self._run = self._ending.enter_context(running_one)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self._given_up, self._run = True, None
            self._delivery.workspace.progress.remark(
                f"The export is not noted in the store. {error}", grave=True
            )
