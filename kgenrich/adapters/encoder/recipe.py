"""The recipe of the name encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kgenrich.adapters.encoder.name_tables import (
    TrainingNames,
    build_table,
    item_ids_in,
    read_terms,
)
from kgenrich.adapters.encoder.ngrams import NgramSpec
from kgenrich.adapters.training.recipe import Plan, Recipe, Settings, Task


class NameEncoderSettings(Settings, frozen=True, kw_only=True):
    """The shape of the encoder and how it is trained.

    ``dropout`` is the share of n-grams left out of a training batch; ``evenness`` the power of
    the number of pairs with which languages are drawn (1: as they come, 0: all alike); ``cross``
    and ``within`` the shares of batches between two languages neither of which is the hub, and
    between two names of the hub.
    """

    ngrams: NgramSpec = NgramSpec()
    dimension: int = 128
    hidden: int = 256
    batch: int = 1024
    temperature: float = 0.07
    dropout: float = 0.2
    table_rate: float = 0.05
    layer_rate: float = 1e-3
    evenness: float = 0.6
    cross: float = 0.1
    within: float = 0.05
    fewest: int = 300
    test: int = 5
    development: int = 1


class NamesRecipe(Recipe, frozen=True, kw_only=True, tag="names"):
    """The shipped name encoder. ``terms`` is a TSV of terms.

    ``without`` are text files and folders of such: every entity whose id (``Q42``) stands in one
    is left out, so that what is measured on these entities is not memory.
    """

    makes = ("model.safetensors", "seen.safetensors")

    terms: str
    train: Plan
    model: NameEncoderSettings = NameEncoderSettings()
    without: tuple[str, ...] = ()

    def files(self, data: Path) -> list[Path]:
        return [data / self.terms, *(data / path for path in self.without)]

    def carry_out(self, task: Task) -> dict[str, Any]:
        from kgenrich.adapters.encoder.name_training import NameLearner
        from kgenrich.adapters.training.loop import train

        hidden = item_ids_in(task.data / path for path in self.without)
        rows = read_terms(task.data / self.terms)
        table = build_table(row for row in rows if row[0] not in hidden)
        seed = self.train.seed
        learner, report = train(
            lambda: NameLearner(table, self.model, seed), self.train, task.output, task.progress
        )
        encoder = learner.encoder()
        encoder.name = self.name
        encoder.save(task.output / "model.safetensors")
        trained = table.fold[table.entity] >= self.model.test + self.model.development
        texts = [table.texts[i] for i in np.unique(table.text[trained]).tolist()]
        TrainingNames.of(texts).save(task.output / "seen.safetensors")
        return {"names": len(texts), **report.figures()}
