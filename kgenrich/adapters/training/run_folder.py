"""Whether a folder already holds what a training run would make, or the beginning of it.

``run.json`` in the folder says what is trained and from what data; once the run is finished also
what was made, and its figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

_NAME = "run.json"


class _Saved(Struct, frozen=True):
    recipe: Any
    data: str
    made: dict[str, str] = {}
    figures: dict[str, Any] = {}


class Run:
    """A run into a folder; ``recipe`` is all that is set, ``data`` a digest of the rest."""

    def __init__(self, folder: Path, recipe: Any, data: str) -> None:
        self.folder, self.data = folder, data
        self.recipe = msgspec.json.decode(msgspec.json.encode(recipe))

    def finished(self) -> dict[str, Any] | None:
        """The figures of the run if the folder has all of what it made; None where it has not."""
        saved = self._saved()
        if saved is None or not saved.made:
            return None
        whole = all(digest([self.folder / name]) == known for name, known in saved.made.items())
        return saved.figures if whole else None

    def begin(self, parts: Sequence[str] = (), *, force: bool = False) -> None:
        """Throw away the checkpoints of another run, or any with ``force``; ``parts`` are folders
        within this one that have some too.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if force or self._saved() is None:
            for part in ("", *parts):
                for name in ("progress.json", "best.safetensors"):
                    (self.folder / part / name).unlink(missing_ok=True)
        self._write(_Saved(self.recipe, self.data))

    def finish(self, figures: dict[str, Any], made: Iterable[str]) -> None:
        """Say what was made: names of files in the folder."""
        digests = {name: digest([self.folder / name]) for name in made}
        self._write(_Saved(self.recipe, self.data, digests, figures))

    def _saved(self) -> _Saved | None:
        """What the folder says, if it is of this run."""
        try:
            saved = msgspec.json.decode((self.folder / _NAME).read_bytes(), type=_Saved)
        except (OSError, msgspec.MsgspecError):
            return None
        return saved if (saved.recipe, saved.data) == (self.recipe, self.data) else None

    def _write(self, saved: _Saved) -> None:
        beside = self.folder / (_NAME + ".part")
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(saved)))
        beside.replace(self.folder / _NAME)


def digest(paths: Iterable[Path], more: Iterable[object] = ()) -> str:
    """One digest of files and of the files right in folders, and of values that JSON can say.

    What is missing counts as missing: it is for others to complain.
    """
    whole = hashlib.blake2b(digest_size=16)
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file():
                whole.update(f"\n{file.relative_to(path)}\n".encode())
                with file.open("rb") as opened:
                    whole.update(hashlib.file_digest(opened, "blake2b").digest())
    for value in more:
        whole.update(msgspec.json.encode(value))
    return whole.hexdigest()
