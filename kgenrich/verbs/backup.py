"""Backing up a store, and restoring one from a backup."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from kgenrich.errors import InputError, UsageError
from kgenrich.export.writing import digest_of, place
from kgenrich.store.backup import archive, transfer
from kgenrich.store.backup.archive import Footer
from kgenrich.store.migrate import known_revisions
from kgenrich.verbs.workspace import Options, Workspace


class BackupOptions(Options, frozen=True):
    """The ``file`` to write; an older backup of that name is replaced."""

    file: Path


class RestoreOptions(Options, frozen=True):
    """The ``file`` to read. ``replace``: also where the store holds something, which is lost; that
    needs a ``yes``."""

    file: Path
    replace: bool = False
    yes: bool = False


class BackupReport(Struct, frozen=True):
    """A backup of the ``database``, or what was restored into it: the ``file`` with its size in
    bytes and its SHA-256, the migration ``state`` in which it was written, and the ``rows`` of each
    table."""

    file: str
    database: str
    bytes: int
    sha256: str
    state: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())


def backup(workspace: Workspace, options: BackupOptions) -> BackupReport:
    """Write all that the store holds at this moment to a file, which appears once it was read back.

    Raises `UsageError` for what cannot be replaced: a folder, a pipe, a file that is no backup.
    """
    _refuse_others(options.file)
    progress = workspace.progress
    with place(str(options.file)) as out:
        progress.begin("reading the store", unit="rows")
        header, footer = transfer.back_up(workspace.settings.store_url(), out, progress.update)
        out.flush()
        written = Path(out.name)
        progress.begin("checking the backup", written.stat().st_size, "bytes")
        if archive.verified(written, progress.update) != (header, footer):
            raise InputError(f"{options.file} is not what was written: is the disk broken?")
        return _report(workspace, options.file, written, header.revision, footer)


def restore(workspace: Workspace, options: RestoreOptions) -> BackupReport:
    """Make the store what it was when a backup was written.

    Raises `UsageError` without a ``yes`` to ``replace``, `InputError` for a file that is damaged,
    and `StoreError` for a store that holds something or is in use. Nothing is changed then.
    """
    if options.replace and not options.yes:
        raise UsageError(
            f"What {workspace.store_name} holds would be lost: repeat the command with --yes."
        )
    file, progress, settings = options.file, workspace.progress, workspace.settings
    size = file.stat().st_size
    progress.begin("checking the backup", size, "bytes")
    header, footer = archive.verified(file, progress.update)
    if header.revision not in known_revisions():
        raise InputError(
            f"The backup {file} was made by a newer kgenrich ({header.made_by}): update kgenrich."
        )
    if header.base not in ("", settings.base):
        raise UsageError(
            f"The bare ids of the backup {file} belong to {header.base}, not to {settings.base}: "
            "set `base` in the settings."
        )
    workspace.close()
    progress.begin("restoring", size, "bytes")
    url, told = settings.store_url(), progress.update
    transfer.restore(url, file, header, footer, replace=options.replace, told=told)
    workspace.make_store().analyze()
    return _report(workspace, file, file, header.revision, footer)


def _refuse_others(file: Path) -> None:
    if not file.exists():
        return
    if not file.is_file():
        raise UsageError(f"{file} is no file: a backup is one, for it is read back.")
    try:
        next(archive.read(file))
    except InputError as error:
        raise UsageError(f"{file} is there and is no backup: give another name.") from error


def _report(
    workspace: Workspace, file: Path, lies_at: Path, state: str, footer: Footer
) -> BackupReport:
    rows = {table: content.rows for table, content in footer.tables.items()}
    size, digest = lies_at.stat().st_size, digest_of(str(lies_at))
    return BackupReport(str(file), workspace.store_name, size, digest, state, rows)
