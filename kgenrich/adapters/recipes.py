"""Carrying out a recipe: from data to weights, calibration and a report in one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kgenrich.adapters.adapted import save_change, save_sites
from kgenrich.adapters.calibration import calibrate
from kgenrich.adapters.dbp15k import read_folder
from kgenrich.adapters.encoder import NameEncoder
from kgenrich.adapters.knowledge import TextPair, text_pairs
from kgenrich.adapters.names import build, mentioned, read_terms
from kgenrich.adapters.recipe import (
    CalibrationRecipe,
    NamesRecipe,
    Recipe,
    SeedRecipe,
    SetRecipe,
)
from kgenrich.adapters.seen import SeenNames
from kgenrich.model import Entity

Tick = Callable[[int, float], None]


Entities = Callable[[], Iterable[Entity]]


def carry_out(
    recipe: Recipe, data: Path, output: Path, entities: Entities, tick: Tick
) -> dict[str, Any]:
    """Train what a recipe says into ``output``; the figures of the run.

    Files are looked for in ``data``; ``entities`` gives those of the store, if they are needed.
    """
    output.mkdir(parents=True, exist_ok=True)
    if isinstance(recipe, CalibrationRecipe):
        return _calibration(recipe, data, output)
    if isinstance(recipe, SeedRecipe):
        return _seeds(recipe, data, output, tick)
    if isinstance(recipe, SetRecipe):
        return _set(recipe, list(entities()), output, tick)
    return _names(recipe, data, output, tick)


def _names(recipe: NamesRecipe, data: Path, output: Path, tick: Tick) -> dict[str, Any]:
    from kgenrich.adapters.name_training import NameLearner
    from kgenrich.adapters.training import train

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
    SeenNames.of(texts).save(output / "seen.safetensors")
    return {"names": len(texts), **_figures(report)}


def _seeds(recipe: SeedRecipe, data: Path, output: Path, tick: Tick) -> dict[str, Any]:
    from kgenrich.adapters.seed_training import SeedLearner, nonzero
    from kgenrich.adapters.training import train

    graphs, base = read_folder(data / recipe.folder), NameEncoder.load()
    plan = recipe.train
    learner, report = train(
        lambda: SeedLearner(base, graphs, recipe.model, plan.seed), plan, output, tick
    )
    assert isinstance(learner, SeedLearner)  # noqa: S101
    rows, change = nonzero(learner.rows, learner.change.numpy())
    save_change(output / "adapter.safetensors", base.name, rows, change)
    return _figures(report)


def _set(recipe: SetRecipe, entities: Sequence[Entity], output: Path, tick: Tick) -> dict[str, Any]:
    from kgenrich.adapters.backbone import open_backbone
    from kgenrich.adapters.knowledge_training import (
        SiteLearner,
        make_sites,
        prefer_best,
        settle,
        split,
    )
    from kgenrich.adapters.sites import FUSION
    from kgenrich.adapters.training import train

    plan, model, parts = recipe.train, recipe.model, recipe.parts
    names = {e.id: label for e in entities if (label := e.labels.get(recipe.relations))}
    backbone = open_backbone(recipe.base)
    sites = make_sites(backbone, parts, model.inner, plan.seed)
    figures: dict[str, Any] = {}
    together: tuple[list[TextPair], list[TextPair]] = ([], [])
    for part in parts:
        own = split(text_pairs(part, entities, names, plan.seed), model.development)
        together[0].extend(own[0])
        together[1].extend(own[1])
        learner = SiteLearner(backbone, sites, part, *own, model, plan.seed)
        figures[part] = _figures(train(lambda: learner, plan, output / part, tick)[1])  # noqa: B023
    scores = prefer_best(backbone, sites, parts, together[1])
    gates = SiteLearner(backbone, sites, FUSION, *together, model, plan.seed)
    report = train(lambda: gates, plan, output / FUSION, tick)[1]
    figures[FUSION] = _figures(report)
    figures["development"] = {part or "base": round(s, 2) for part, s in scores.items()}
    figures["development"][FUSION] = round(settle(backbone, sites, scores, together[1]), 2)
    save_sites(output / "adapter.safetensors", recipe.base, sites, parts, model.inner, FUSION)
    (output / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    return figures


def _calibration(recipe: CalibrationRecipe, data: Path, output: Path) -> dict[str, Any]:
    graphs = [read_folder(data / folder) for folder in recipe.folders]
    found = calibrate(graphs, NameEncoder.load(), recipe.share)
    (output / "calibration.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    return msgspec.to_builtins(found)  # type: ignore[no-any-return]


def _figures(report: Any) -> dict[str, Any]:
    figures: dict[str, Any] = msgspec.to_builtins(report)
    del figures["log"]
    return figures
