"""Carrying out a recipe of any kind: from data to weights, figures and a report in one folder."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from kgenrich.adapters.alignment.recipe import CalibrationRecipe, SeedRecipe
from kgenrich.adapters.encoder.recipe import NamesRecipe
from kgenrich.adapters.knowledge.recipe import KnowledgeRecipe
from kgenrich.adapters.training.recipe import RunFolder, Task, digest
from kgenrich.adapters.transliteration.recipe import TransliterationRecipe
from kgenrich.errors import InputError, UsageError
from kgenrich.model import Entity
from kgenrich.progress import SILENT, Progress

Recipe = NamesRecipe | KnowledgeRecipe | SeedRecipe | CalibrationRecipe | TransliterationRecipe


class Outcome(NamedTuple):
    """The figures of a run; ``trained`` is false where it was finished before."""

    figures: dict[str, Any]
    trained: bool


def read_recipe(path: Path, *, seed: int | None = None, steps: int | None = None) -> Recipe:
    """Read a recipe; ``seed`` and ``steps`` override those of a recipe that has some.

    Raises `UsageError` when there is none, `InputError` when it is wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        recipe: Recipe = msgspec.convert(table, Recipe)
    except FileNotFoundError as error:
        raise UsageError(f"There is no recipe {path}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError) as error:
        raise InputError(f"The recipe {path} cannot be read: {error}.") from error
    if isinstance(recipe, CalibrationRecipe):
        return recipe
    plan = recipe.train
    plan = replace(plan, seed=plan.seed if seed is None else seed, steps=steps or plan.steps)
    return replace(recipe, train=plan)


def carry_out(
    recipe: Recipe,
    data: Path,
    output: Path,
    entities: Callable[[], Iterable[Entity]],
    progress: Progress = SILENT,
    *,
    force: bool = False,
) -> Outcome:
    """Train what a recipe says into ``output``.

    Files are looked for in ``data``; ``entities`` gives those of the store, if they are needed.
    Nothing is done where ``output`` has it all from the same recipe and data, unless ``force``.
    Raises `InputError` when the data is missing, wrong or too little.
    """
    graph = list(entities()) if recipe.needs_entities else []
    folder = RunFolder(output, recipe, digest(recipe.files(data), graph))
    if not force and (figures := folder.figures()) is not None:
        return Outcome(figures, False)
    folder.begin(recipe.all_checkpoints(), force=force)
    figures = recipe.carry_out(Task(data, graph, output, progress))
    folder.finish(figures, recipe.all_made())
    return Outcome(figures, True)
