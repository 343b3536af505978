"""Carrying out a recipe: from data to weights, calibration and a report in one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from kgenrich.adapters.alignment.dbp15k import read_folder
from kgenrich.adapters.alignment.match_calibration import calibrate
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.encoder.name_tables import build, mentioned, read_terms
from kgenrich.adapters.encoder.training_names import TrainingNames
from kgenrich.adapters.encoders import files_of
from kgenrich.adapters.knowledge.adapter_files import save_change, save_sites
from kgenrich.adapters.knowledge.sentences import about
from kgenrich.adapters.knowledge.training_text import NEEDS, PARTS, Knowledge, text_pairs
from kgenrich.adapters.training.recipe import (
    CalibrationRecipe,
    NamesRecipe,
    Recipe,
    SeedRecipe,
    SetRecipe,
)
from kgenrich.adapters.training.run_folder import Run, digest
from kgenrich.corpus import pages
from kgenrich.errors import InputError
from kgenrich.model import Entity
from kgenrich.resources import resource

Tick = Callable[[int, float], None]


Entities = Callable[[], Iterable[Entity]]


class Outcome(NamedTuple):
    """The figures of a run; ``trained`` is false where it was finished before."""

    figures: dict[str, Any]
    trained: bool


def carry_out(
    recipe: Recipe, data: Path, output: Path, entities: Entities, tick: Tick, *, force: bool = False
) -> Outcome:
    """Train what a recipe says into ``output``.

    Files are looked for in ``data``; ``entities`` gives those of the store, if they are needed.
    Nothing is done where ``output`` has it all from the same recipe and data, unless ``force``.
    """
    known = list(entities()) if isinstance(recipe, SetRecipe) else []
    run = Run(output, recipe, digest(_files(recipe, data), known))
    if not force and (figures := run.finished()) is not None:
        return Outcome(figures, False)
    run.begin((*PARTS, "fusion") if isinstance(recipe, SetRecipe) else (), force=force)
    made = ["adapter.safetensors"]
    if isinstance(recipe, CalibrationRecipe):
        figures, made = _calibration(recipe, data, output), ["calibration.json"]
    elif isinstance(recipe, SeedRecipe):
        figures = _seeds(recipe, data, output, tick)
    elif isinstance(recipe, SetRecipe):
        figures = _set(recipe, data, known, output, tick)
    else:
        figures = _names(recipe, data, output, tick)
        made = ["model.safetensors", "seen.safetensors"]
    run.finish(figures, made)
    return Outcome(figures, True)


def _files(recipe: Recipe, data: Path) -> list[Path]:
    """The files and folders that a recipe is carried out from."""
    if isinstance(recipe, CalibrationRecipe):
        return [*files_of(), *(data / folder for folder in recipe.folders)]
    if isinstance(recipe, SeedRecipe):
        return [*files_of(), data / recipe.folder]
    if isinstance(recipe, NamesRecipe):
        return [data / recipe.terms, *(data / path for path in recipe.without)]
    corpus = [data / recipe.corpus] if recipe.corpus else []
    return [*files_of(recipe.base), resource("adapters/knowledge/relations.tsv"), *corpus]


def _names(recipe: NamesRecipe, data: Path, output: Path, tick: Tick) -> dict[str, Any]:
    from kgenrich.adapters.encoder.name_training import NameLearner
    from kgenrich.adapters.training.loop import train

    hidden = mentioned(data / path for path in recipe.without)
    table = build(row for row in read_terms(data / recipe.terms) if row[0] not in hidden)
    plan, model = recipe.train, recipe.model
    learner, report = train(lambda: NameLearner(table, model, plan.seed), plan, output, tick)
    assert isinstance(learner, NameLearner)  # noqa: S101
    encoder = learner.encoder()
    encoder.name = recipe.name
    encoder.save(output / "model.safetensors")
    trained = table.fold[table.entity] >= model.test + model.development
    texts = [table.texts[i] for i in np.unique(table.text[trained]).tolist()]
    TrainingNames.of(texts).save(output / "seen.safetensors")
    return {"names": len(texts), **_figures(report)}


def _seeds(recipe: SeedRecipe, data: Path, output: Path, tick: Tick) -> dict[str, Any]:
    from kgenrich.adapters.alignment.seed_training import SeedLearner, nonzero
    from kgenrich.adapters.training.loop import train

    graphs, base = read_folder(data / recipe.folder), NameEncoder.load()
    plan = recipe.train
    learner, report = train(
        lambda: SeedLearner(base, graphs, recipe.model, plan.seed), plan, output, tick
    )
    assert isinstance(learner, SeedLearner)  # noqa: S101
    rows, change = nonzero(learner.rows, learner.change.numpy())
    save_change(output / "adapter.safetensors", base.name, rows, change)
    return _figures(report)


def _set(
    recipe: SetRecipe, data: Path, entities: Sequence[Entity], output: Path, tick: Tick
) -> dict[str, Any]:
    from kgenrich.adapters.knowledge.adapter_modules import FUSION
    from kgenrich.adapters.knowledge.adapter_training import (
        SiteLearner,
        enough,
        make_sites,
        prefer_best,
        settle,
        split,
    )
    from kgenrich.adapters.knowledge.backbone import open_backbone
    from kgenrich.adapters.training.loop import train

    plan, model = recipe.train, recipe.model
    knowledge = gathered(recipe, data, entities)
    pairs = {part: text_pairs(part, knowledge, plan.seed) for part in recipe.parts}
    own = {part: split(found, model.development) for part, found in pairs.items()}
    parts = [part for part in recipe.parts if enough(*own[part])]
    left_out = {
        part: f"{len(pairs[part])} pairs of text are too few: it needs {NEEDS[part]}"
        for part in recipe.parts
        if part not in parts
    }
    if not parts:
        reasons = "; ".join(f"{part}: {why}" for part, why in left_out.items())
        raise InputError(
            f"There is nothing to train on ({reasons}). Harvest more languages and properties (the "
            "settings languages and properties) and what these lead to, or name a corpus."
        )
    backbone = open_backbone(recipe.base)
    sites = make_sites(backbone, parts, model.inner, plan.seed)
    figures: dict[str, Any] = {
        "pairs": {part: len(found) for part, found in pairs.items()},
        "left_out": left_out,
    }
    for number, part in enumerate(parts):
        learner = SiteLearner(backbone, sites, part, *own[part], model, plan.seed)
        told = _share(tick, number, len(parts) + 1, plan.steps)
        figures[part] = _figures(train(lambda: learner, plan, output / part, told)[1])  # noqa: B023
    kept, held = ([pair for part in parts for pair in own[part][side]] for side in (0, 1))
    scores = prefer_best(backbone, sites, parts, held)
    gates = SiteLearner(backbone, sites, FUSION, kept, held, model, plan.seed)
    told = _share(tick, len(parts), len(parts) + 1, plan.steps)
    report = train(lambda: gates, plan, output / FUSION, told)[1]
    figures[FUSION] = _figures(report)
    figures["development"] = {part or "base": round(s, 2) for part, s in scores.items()}
    figures["development"][FUSION] = round(settle(backbone, sites, scores, held), 2)
    save_sites(output / "adapter.safetensors", recipe.base, sites, parts, model.inner, FUSION)
    (output / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    return figures


def gathered(recipe: SetRecipe, data: Path, entities: Sequence[Entity]) -> Knowledge:
    """What a set is trained on: the entities, names of their properties, local text."""
    language = recipe.relations
    rows = read_terms(resource("adapters/knowledge/relations.tsv"))
    relations = {id: name for id, of, _, name in rows if of == language}
    relations |= {e.id: label for e in entities if (label := e.labels.get(language))}
    sentences = about(pages(data / recipe.corpus), entities) if recipe.corpus else {}
    return Knowledge(entities, relations, sentences)


def _share(tick: Tick, number: int, of: int, steps: int) -> Tick:
    """The progress of one run among several, as if they were one of so many steps."""
    return lambda step, loss: tick((number * steps + step) // of, loss)


def _calibration(recipe: CalibrationRecipe, data: Path, output: Path) -> dict[str, Any]:
    graphs = [read_folder(data / folder) for folder in recipe.folders]
    found = calibrate(graphs, NameEncoder.load(), recipe.share)
    (output / "calibration.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    return msgspec.to_builtins(found)  # type: ignore[no-any-return]


def _figures(report: Any) -> dict[str, Any]:
    figures: dict[str, Any] = msgspec.to_builtins(report)
    del figures["log"]
    return figures
