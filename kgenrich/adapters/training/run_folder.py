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

from kgenrich.adapters.training.files import write_json

_NAME = "run.json"


class _RunFile(Struct, frozen=True):
    recipe: Any
    data: str
    made: dict[str, str] = {}
    figures: dict[str, Any] = {}


class RunFolder:
    """The folder of a run; ``recipe`` is all that is set, ``data`` a digest of the rest."""

    def __init__(self, folder: Path, recipe: Any, data: str) -> None:
        self.folder, self.data = folder, data
        self.recipe = msgspec.json.decode(msgspec.json.encode(recipe))

    def figures(self) -> dict[str, Any] | None:
        """The figures of the run if the folder has all of what it made; None where it has not."""
        run = self._read()
        if run is None or not run.made:
            return None
        whole = all(digest([self.folder / name]) == made for name, made in run.made.items())
        return run.figures if whole else None

    def begin(self, parts: Sequence[str] = (), *, force: bool = False) -> None:
        """Throw away the checkpoints of another run, or any with ``force``; ``parts`` are folders
        within this one that have some too.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if force or self._read() is None:
            for part in ("", *parts):
                for name in ("progress.json", "best.safetensors"):
                    (self.folder / part / name).unlink(missing_ok=True)
        write_json(self.folder / _NAME, _RunFile(self.recipe, self.data))

    def finish(self, figures: dict[str, Any], made: Iterable[str]) -> None:
        """Say what was made: names of files in the folder."""
        digests = {name: digest([self.folder / name]) for name in made}
        write_json(self.folder / _NAME, _RunFile(self.recipe, self.data, digests, figures))

    def _read(self) -> _RunFile | None:
        """What the folder says, if it is of this run."""
        try:
            run = msgspec.json.decode((self.folder / _NAME).read_bytes(), type=_RunFile)
        except (OSError, msgspec.MsgspecError):
            return None
        return run if (run.recipe, run.data) == (self.recipe, self.data) else None


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
