"""Training adapters by a recipe, and looking at what an encoder thinks of names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from kgenrich.adapters.recipes import carry_out, read_recipe
from kgenrich.verbs.workspace import Options, Workspace


class TrainOptions(Options, frozen=True, kw_only=True):
    """The file of a ``recipe``, the folder of its ``data``, the folder for the weights (``output``,
    else one with the recipe's name). ``seed`` and ``steps`` override the recipe's; ``force``
    trains anew what is finished or begun."""

    recipe: str
    data: str = "."
    output: str | None = None
    seed: int | None = None
    steps: int | None = None
    force: bool = False


class TrainReport(Struct, frozen=True):
    """The ``figures`` of the ``folder``; ``trained`` is False where it had them already."""

    folder: str
    trained: bool
    figures: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        return self.figures


def train(workspace: Workspace, options: TrainOptions) -> TrainReport:
    """Carry out a recipe: train an encoder, adapters or a calibration.

    Raises `InputError` for a recipe or data that cannot be read.
    """
    recipe = read_recipe(Path(options.recipe), seed=options.seed, steps=options.steps)
    folder = Path(options.output or recipe.name)
    figures, trained = carry_out(
        recipe,
        Path(options.data),
        folder,
        lambda: workspace.graph.entities(),
        workspace.progress,
        force=options.force,
    )
    if not trained:
        workspace.progress.remark(
            f"{folder} has it already, from the same data; --force trains anew."
        )
    return TrainReport(str(folder), trained, figures)
