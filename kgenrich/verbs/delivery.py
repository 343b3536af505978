"""Writing an export: where and how, counted, noted in the store, and reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from kgenrich.errors import InputError, UsageError
from kgenrich.export.files import STDOUT, split_name, write
from kgenrich.store.story.exports import record_export
from kgenrich.store.story.runs import running
from kgenrich.verbs.scope import ScopeOptions
from kgenrich.verbs.workspace import Workspace

T = TypeVar("T")
_TICK = 5000


class ExportOptions(ScopeOptions, frozen=True, kw_only=True):
    """``output`` is a file, or ``-``; its ``format`` and ``compression`` (none, gz, zst) are what
    its name says where they are not given."""

    output: str
    format: str | None = None
    compression: str | None = None
    dry_run: bool = False


class ExportReport(Struct, frozen=True):
    """What was written: ``counts`` of rows by what they are, the first of them those that the
    export is about; ``refused`` by reason. ``path``, ``bytes`` and ``sha256`` are those of the
    file, empty for a dry run. ``noted``: whether the store has a record of it."""

    verb: str
    format: str
    counts: dict[str, int]
    refused: dict[str, int] | None
    dry_run: bool
    path: str = ""
    bytes: int = 0
    sha256: str = ""
    noted: bool = True

    def as_json(self) -> dict[str, Any]:
        """The report as one mapping."""
        told: dict[str, Any] = {"verb": self.verb, "format": self.format, **self.counts}
        if self.refused is not None:
            told["refused"] = self.refused
        told["dry_run"] = self.dry_run
        if self.path:
            told |= {"path": self.path, "bytes": self.bytes, "sha256": self.sha256}
        return told


class Delivery(Struct, frozen=True):
    """Where an export goes, as what."""

    workspace: Workspace
    verb: str
    path: str
    format: str
    compression: str
    dry_run: bool

    def watched(self, rows: Iterable[T], step: str) -> Iterator[T]:
        """The rows, while the progress is told how many there were."""
        progress = self.workspace.progress
        progress.begin(step)
        for number, row in enumerate(rows, 1):
            if number % _TICK == 0:
                progress.update(number)
            yield row

    def write(
        self,
        scope: Mapping[str, Any],
        chunks: Iterable[bytes],
        counts: Callable[[], tuple[dict[str, int], dict[str, int] | None]],
    ) -> ExportReport:
        """Write the chunks and note the export in the store, unless that is read-only.

        ``counts`` gives counts and refusals once the chunks are spent. Raises `InputError` for a
        text that no file can hold.
        """
        store = self.workspace.store
        if self.dry_run:
            for _ in chunks:
                pass
            return ExportReport(self.verb, self.format, *counts(), True)
        if store.read_only:
            written = write(self.path, chunks, self.compression)
            self.workspace.progress.remark("The store is read-only: the export is not noted in it.")
        else:
            noted = {"output": self.path, "format": self.format, **scope}
            settings = self.workspace.settings.digest()
            with running(store, self.verb, noted, settings) as run:
                try:
                    written = write(self.path, chunks, self.compression)
                except UnicodeEncodeError as error:
                    reason = "A text holds a lone surrogate, which no file can."
                    raise InputError(reason) from error
                rows, refused = counts()
                first = next(iter(rows.values()))
                record_export(store, run.id, self.format, self.path, first, written.sha256)
                run.counts.update(rows if refused is None else {**rows, "refused": refused})
        return ExportReport(
            self.verb,
            self.format,
            *counts(),
            False,
            written.path,
            written.bytes,
            written.sha256,
            not store.read_only,
        )


def delivery(
    workspace: Workspace,
    verb: str,
    options: ExportOptions,
    endings: Mapping[str, str],
    default: str,
) -> Delivery:
    """The delivery of the options. ``endings`` maps file name endings to formats, ``default`` is
    the format of the standard output. Raises `UsageError` when the name says nothing."""
    ending, packed = split_name(options.output)
    form = options.format or (default if options.output == STDOUT else endings.get(ending))
    if form is None:
        known = ", ".join(f".{name}" for name in endings)
        raise UsageError(f"What format is {options.output}? Name it {known}, or give --format.")
    compression = options.compression or packed or "none"
    return Delivery(workspace, verb, options.output, form, compression, options.dry_run)
