"""Recipes of alignment: an encoder adapted to two graphs, and the probability of a match."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kgenrich.adapters.alignment.dbp15k import PairedGraphs, read_folder
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.encoder.name_encoder import NameEncoder, encoder_files
from kgenrich.adapters.encoder.name_tables import Row, read_terms
from kgenrich.adapters.training.files import AdapterCard, write_arrays, write_json
from kgenrich.adapters.training.recipe import Plan, Recipe, Settings, Task
from kgenrich.model import TermKind


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
    """The probability of a match: ``folders`` are in the layout of DBP15K, ``terms`` a table of
    names whose labels and aliases in a ``language`` are matched with each other; of each as many
    entities as ``sizes`` say, of which the ``overlaps`` are shares that keep their partner.
    """

    makes = ("calibration.json",)

    folders: tuple[str, ...]
    terms: str
    language: str
    overlaps: tuple[float, ...]
    sizes: tuple[int, ...]

    def files(self, data: Path) -> list[Path]:
        return [*encoder_files(), *(data / file for file in (*self.folders, self.terms))]

    def carry_out(self, task: Task) -> dict[str, Any]:
        from kgenrich.adapters.alignment.match_calibration import calibrate

        graphs = [read_folder(task.data / folder) for folder in self.folders]
        graphs.append(labels_and_aliases(read_terms(task.data / self.terms), self.language))
        calibration = calibrate(graphs, NameEncoder.load(), self.overlaps, self.sizes)
        write_json(task.output / "calibration.json", calibration)
        return msgspec.to_builtins(calibration)  # type: ignore[no-any-return]


def labels_and_aliases(rows: Iterable[Row], language: str) -> PairedGraphs:
    """The labels of entities as one graph, and as another a label or an alias of each, in turn."""
    labels: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for entity, code, kind, text in rows:
        if code == language and kind is TermKind.LABEL:
            labels[entity] = text
        elif code == language and kind is TermKind.ALIAS:
            aliases.setdefault(entity, text)
    ids = sorted(labels.keys() & aliases.keys())
    left = [labels[id] for id in ids]
    right = [(labels, aliases)[place % 2][id] for place, id in enumerate(ids)]
    none = np.zeros((0, 3), np.int64)
    first, second = (Graph(ids, names, none, language=language) for names in (left, right))
    pairs = np.stack([np.arange(len(ids))] * 2, axis=1)
    return PairedGraphs(first, second, pairs, pairs[:0])
