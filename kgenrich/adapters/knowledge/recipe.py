"""The recipe of the adapters for four kinds of knowledge and of their fusion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kgenrich.adapters.encoder.name_encoder import encoder_files
from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.adapters.knowledge.training_text import (
    FUSION,
    NEEDS,
    PARTS,
    Knowledge,
    Part,
    sentences_about,
    text_pairs,
)
from kgenrich.adapters.training.files import write_json
from kgenrich.adapters.training.recipe import Plan, Recipe, Settings, Task
from kgenrich.corpus import pages
from kgenrich.errors import InputError
from kgenrich.model import Entity
from kgenrich.resources import resource

_RELATIONS = "adapters/knowledge/relations.tsv"


class BottleneckSettings(Settings, frozen=True, kw_only=True):
    """Bottlenecks of width ``inner`` and their training; ``development`` is the share of
    entities that are held out.
    """

    inner: int = 64
    batch: int = 128
    temperature: float = 0.07
    rate: float = 1e-3
    development: float = 0.1


class KnowledgeRecipe(Recipe, frozen=True, kw_only=True, tag="set"):
    """The adapters EP, TP, ES, TS and their fusion, from the entities of the store.

    ``base`` is ``names`` (the shipped encoder), a file of its kind, or a Hugging Face model.
    ``relations`` is the language of the names of properties: those of the store, else those that
    are shipped. ``corpus`` is local text (see `kgenrich.corpus`), whose sentences stand beside
    the descriptions of ES and TS.
    """

    checkpoints = (*PARTS, FUSION)
    needs_entities = True

    train: Plan
    base: str = "names"
    parts: tuple[Part, ...] = PARTS
    relations: str = "en"
    corpus: str = ""
    model: BottleneckSettings = BottleneckSettings()

    def files(self, data: Path) -> list[Path]:
        corpus = [data / self.corpus] if self.corpus else []
        return [*encoder_files(self.base), resource(_RELATIONS), *corpus]

    def knowledge(self, data: Path, entities: Sequence[Entity]) -> Knowledge:
        """What is learned from: the entities, names of their properties, local text."""
        rows = read_terms(resource(_RELATIONS))
        relations = {id: name for id, language, _, name in rows if language == self.relations}
        relations |= {e.id: label for e in entities if (label := e.labels.get(self.relations))}
        sentences = sentences_about(pages(data / self.corpus), entities) if self.corpus else {}
        return Knowledge(entities, relations, sentences)

    def carry_out(self, task: Task) -> dict[str, Any]:
        """A kind with too few pairs is left out. Raises `InputError` when no kind has enough."""
        from kgenrich.adapters.knowledge.adapter_training import (
            AdapterLearner,
            SplitPairs,
            open_gates,
            settle_gates,
        )
        from kgenrich.adapters.knowledge.backbone import open_backbone
        from kgenrich.adapters.training.loop import train

        knowledge, seed = self.knowledge(task.data, task.entities), self.train.seed
        pairs = {part: text_pairs(part, knowledge, seed) for part in self.parts}
        split = {part: SplitPairs.of(pairs[part], self.model.development) for part in self.parts}
        parts = [part for part in self.parts if split[part].are_enough]
        left_out = {
            part: f"{len(pairs[part])} pairs of text are too few: it needs {NEEDS[part]}"
            for part in self.parts
            if part not in parts
        }
        if not parts:
            reasons = "; ".join(f"{part}: {why}" for part, why in left_out.items())
            raise InputError(
                f"There is nothing to train on ({reasons}). Harvest more languages and properties "
                "(the settings languages and properties) and what these lead to, or name a corpus."
            )
        encoder = open_backbone(self.base)
        encoder.adapt(parts, self.model.inner, seed)

        def trained(part: str, pairs: SplitPairs) -> dict[str, Any]:
            learner = AdapterLearner(encoder, part, pairs, self.model, seed)
            folder = task.output / part
            return train(lambda: learner, self.train, folder, task.progress, part)[1].figures()

        figures: dict[str, Any] = {
            "pairs": {part: len(pairs[part]) for part in self.parts},
            "left_out": left_out,
            **{part: trained(part, split[part]) for part in parts},
        }
        together = SplitPairs(
            [pair for part in parts for pair in split[part].train],
            [pair for part in parts for pair in split[part].development],
        )
        scores = open_gates(encoder, together.development)
        figures[FUSION] = trained(FUSION, together)
        score = settle_gates(encoder, scores, together.development)
        figures["development"] = {part or "base": round(s, 2) for part, s in scores.items()}
        figures["development"][FUSION] = round(score, 2)
        encoder.save_adapters(task.output / "adapter.safetensors", self.base)
        write_json(task.output / "report.json", figures)
        return figures
