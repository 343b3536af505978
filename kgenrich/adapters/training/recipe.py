"""Recipes: TOML files that say what is trained, from what, and how.

Each room has its own kinds of recipe, `kgenrich.adapters.recipes` joins them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from msgspec import Struct

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

    def carry_out(self, task: Task) -> dict[str, Any]:
        """Write what it ``makes`` into the output; the figures, as JSON has them."""
        raise NotImplementedError
