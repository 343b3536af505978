"""Recipes of alignment: an encoder adapted to two graphs, and the probability of a match."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kgenrich.adapters.alignment.dbp15k import read_folder
from kgenrich.adapters.encoder.name_encoder import NameEncoder, encoder_files
from kgenrich.adapters.training.files import AdapterCard, write_arrays, write_json
from kgenrich.adapters.training.recipe import Plan, Recipe, Settings, Task


class SeedSettings(Settings, frozen=True, kw_only=True):
    """How the shipped encoder is adapted to the known pairs of two graphs."""

    batch: int = 1024
    temperature: float = 0.08
    dropout: float = 0.2
    rate: float = 0.02
    development: float = 0.1


class SeedRecipe(Recipe, frozen=True, kw_only=True, tag="seeds"):
    """An adapter to two graphs: ``folder`` is in the layout of DBP15K."""

    folder: str
    train: Plan
    model: SeedSettings = SeedSettings()

    def files(self, data: Path) -> list[Path]:
        return [*encoder_files(), data / self.folder]

    def carry_out(self, task: Task) -> dict[str, Any]:
        from kgenrich.adapters.alignment.seed_training import SeedLearner
        from kgenrich.adapters.training.loop import train

        graphs, base, plan = read_folder(task.data / self.folder), NameEncoder.load(), self.train
        learner, report = train(
            lambda: SeedLearner(base, graphs, self.model, plan.seed),
            plan,
            task.output,
            task.progress,
        )
        change = learner.change.numpy()
        moved = np.abs(change).max(axis=1) > 0
        arrays = {
            "rows": learner.rows[moved].astype(np.int32),
            "change": change[moved].astype(np.float16),
        }
        card = AdapterCard(kind="ngrams", base=base.name)
        write_arrays(task.output / "adapter.safetensors", card, arrays)
        return report.figures()


class CalibrationRecipe(Recipe, frozen=True, kw_only=True, tag="calibration"):
    """The probability of a match: ``folders`` are in the layout of DBP15K, ``share`` is how many
    of the partners are taken away.
    """

    makes = ("calibration.json",)

    folders: tuple[str, ...]
    share: float = 0.3

    def files(self, data: Path) -> list[Path]:
        return [*encoder_files(), *(data / folder for folder in self.folders)]

    def carry_out(self, task: Task) -> dict[str, Any]:
        from kgenrich.adapters.alignment.match_calibration import calibrate

        graphs = [read_folder(task.data / folder) for folder in self.folders]
        calibration = calibrate(graphs, NameEncoder.load(), self.share)
        write_json(task.output / "calibration.json", calibration)
        return msgspec.to_builtins(calibration)  # type: ignore[no-any-return]
