"""Programs of others that a source starts: they come from folders of the system."""

from __future__ import annotations

from collections.abc import Iterable
from os import pathsep
from pathlib import Path, PurePath
from shutil import which

from kgenrich.errors import UsageError

FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")


def find_program(name: str, folders: Iterable[str] = FOLDERS) -> str | None:
    """The path of a program, which is looked for in these folders alone: neither ``PATH`` nor the
    working directory counts, nor a folder before its name. None where there is none.

    Raises `UsageError` for a folder that is no absolute path.
    """
    places = [Path(folder).expanduser() for folder in folders]
    for place in places:
        if not place.is_absolute():
            raise UsageError(f"Programs come from absolute folders, and {place} is none.")
    return which(PurePath(name).name, path=pathsep.join(map(str, places))) if places else None
