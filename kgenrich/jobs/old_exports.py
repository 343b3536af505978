"""What is kept of old exports: a copy of each day, of which the newest stay."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from kgenrich.errors import StoreError
from kgenrich.export.writing import marked

_DATE = r"\d{4}-\d\d-\d\d"


def keep_copy(path: Path, date: str, keep: int) -> None:
    """Keep a file that was just written under its name with the date too, and of all such copies
    the newest ``keep``. The copy is the file itself, as long as that is not written anew.

    Raises `StoreError` where it cannot be kept.
    """
    copy = Path(marked(str(path), date))
    beside = copy.with_name(f".{copy.name}.part")
    try:
        beside.unlink(missing_ok=True)
        try:
            os.link(path, beside)
        except OSError:
            # Not every file system has links.
            shutil.copyfile(path, beside)
        beside.replace(copy)
        beside.unlink(missing_ok=True)  # Of two names of one file a rename leaves both.
        for old in copies(path)[keep:]:
            old.unlink()
    except OSError as error:
        raise StoreError(f"{copy} cannot be kept: {error.strerror}.") from error


def copies(path: Path) -> list[Path]:
    """The copies that were kept of a file, the newest first."""
    before, after = Path(marked(str(path), "\0")).name.split("\0")
    dated = re.compile(rf"{re.escape(before)}{_DATE}{re.escape(after)}")
    return sorted((one for one in path.parent.iterdir() if dated.fullmatch(one.name)), reverse=True)
