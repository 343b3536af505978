"""Recipes: TOML files that say what is trained, from what, and how; and the folders of their runs.

Each room has its own kinds of recipe, `kgenrich.adapters.recipes` joins them. ``run.json`` in a
folder says what is trained and from what data; once the run is finished also what was made, and
its figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import msgspec
from msgspec import Struct

from kgenrich.adapters.training.files import write_json
from kgenrich.model import Entity
from kgenrich.progress import Progress


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part of a recipe."""


class Plan(Settings, frozen=True, kw_only=True):
    """How long to train and when to look.

    The learning rate rises over ``warmup`` (a share of the steps) and falls to 0 in a straight
    line. The development part is scored every ``check`` steps (0: at the end only); training
    ends early after ``patience`` scores without a better one (0: never), and the best state is
    kept.
    """

    steps: int
    seed: int = 0
    threads: int = 1
    warmup: float = 0.03
    check: int = 0
    patience: int = 0
    checkpoint: int = 500


class Task(NamedTuple):
    """What a recipe is carried out with: the folder of its files, the entities of the store (if it
    needs them), and where results go.
    """

    data: Path
    entities: Sequence[Entity]
    output: Path
    progress: Progress


class Recipe(Settings, frozen=True, kw_only=True, tag_field="kind"):
    """What all kinds of recipe have; paths in them are relative to the data folder.

    ``makes`` are the files that are written, ``checkpoints`` the folders within the output that
    have checkpoints too, ``needs_entities`` says if it learns from those of the store.
    """

    makes: ClassVar[Sequence[str]] = ("adapter.safetensors",)
    checkpoints: ClassVar[Sequence[str]] = ()
    needs_entities: ClassVar[bool] = False

    name: str

    def files(self, data: Path) -> list[Path]:
        """The files and folders that it is carried out from."""
        raise NotImplementedError

    def all_made(self) -> Sequence[str]:
        """The files that it writes."""
        return self.makes

    def all_checkpoints(self) -> Sequence[str]:
        """The folders within the output that have checkpoints."""
        return self.checkpoints

    def carry_out(self, task: Task) -> dict[str, Any]:
        """Write what it ``makes`` into the output; the figures, as JSON has them."""
        raise NotImplementedError


_NAME = "run.json"
TRAINED = "trained.safetensors"
"""What a part of a run ends with, in the folder of its checkpoints."""


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
                for name in ("progress.json", "best.safetensors", TRAINED):
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
