"""Knowledge graph completion on DBP-5L: adapters against the frozen encoder.

A triple hides its tail, then its head. The answer is looked for among all entities of the
language; other right answers are filtered out (Bordes et al., 2013). The adapters are trained on
the training triples of all languages; the development triples say when to stop.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct

from kgenrich.adapters.completion.adapter_training import CompletionLearner
from kgenrich.adapters.completion.dbp5l import (
    graph_files,
    languages,
    read_language,
    read_relations,
)
from kgenrich.adapters.encoder.name_encoder import Encoder, encoder_files
from kgenrich.adapters.encoders import open_encoder
from kgenrich.adapters.knowledge.recipe import BottleneckSettings
from kgenrich.adapters.training.loop import train
from kgenrich.adapters.training.ranking import ranking_of_ranks
from kgenrich.adapters.training.recipe import Plan, RunFolder, digest
from kgenrich.progress import SILENT, Progress

_ADAPTER = "adapter.safetensors"


class CompletionOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How adapters are trained. ``output`` is a folder that keeps them and whose own are used,
    unless ``force``; ``inner`` is the width of the bottlenecks.
    """

    encoder: str | None = None
    steps: int = 1000
    inner: int = 256
    seed: int = 0
    output: Path | None = None
    force: bool = False


class CompletionRanking(Struct, frozen=True, rename={"hits1": "hits@1", "hits10": "hits@10"}):
    """The mean reciprocal rank in [0, 1] and shares of queries in percent."""

    mrr: float
    hits1: float
    hits10: float
    queries: int


class LanguageCompletion(Struct, frozen=True):
    """The measures of one language, both directions together."""

    base: CompletionRanking
    adapters: CompletionRanking


class CompletionReport(Struct, frozen=True):
    """The measures by language; ``seconds`` of wall time."""

    languages: Mapping[str, LanguageCompletion]
    seconds: float


def evaluate_folder(
    folder: Path, options: CompletionOptions, progress: Progress = SILENT
) -> CompletionReport:
    """Train adapters on a folder in the layout of DBP-5L, or take those that were kept, and score.

    Raises `InputError` for a folder that is wrong.
    """
    began = time.monotonic()
    check = max(1, options.steps // 8)
    kept = check if options.output else 0
    plan = Plan(steps=options.steps, seed=options.seed, check=check, patience=3, checkpoint=kept)
    model = BottleneckSettings(inner=options.inner, batch=512, rate=4e-3, temperature=0.05)
    run, message = None, ""
    if options.output:
        encoder = options.encoder or "names"
        recipe = {"kind": "completion", "encoder": encoder, "model": model, "plan": plan}
        files = [*graph_files(folder), *encoder_files(options.encoder)]
        run = RunFolder(options.output, recipe, digest(files))
        if options.force:
            run.begin(force=True)
        message = f"The adapters were written to {options.output}."
        if run.figures() is not None:
            message = f"The adapters are those of {options.output}; --force trains anew."
    scores = evaluate(folder, open_encoder(options.encoder), model, plan, progress, run)
    if message:
        progress.remark(message)
    return CompletionReport(scores, round(time.monotonic() - began, 1))


def evaluate(
    folder: Path,
    encoder: Encoder,
    model: BottleneckSettings,
    plan: Plan,
    progress: Progress = SILENT,
    run: RunFolder | None = None,
) -> dict[str, LanguageCompletion]:
    """Train the adapters on the training triples and rank the test triples without and with.

    With a run its folder keeps the adapters, and those of the same run are taken from there. Raises
    `InputError` for a folder that is wrong.
    """
    relations = len(read_relations(folder))
    graphs = [read_language(folder, language, relations) for language in languages(folder)]
    progress.begin("neighbourhoods")
    learner = CompletionLearner(graphs, relations, encoder, model, plan.seed)
    if run is None:
        with TemporaryDirectory() as scratch:
            train(lambda: learner, plan, Path(scratch), progress)
    elif run.figures() is not None:
        learner.load(run.folder / _ADAPTER)
    else:
        run.begin()
        _, report = train(lambda: learner, plan, run.folder, progress)
        learner.save(run.folder / _ADAPTER)
        run.finish({"steps": report.steps, "score": report.score}, [_ADAPTER])
    scores = {}
    progress.begin("languages", len(graphs))
    for number, facts in enumerate(learner.facts):
        progress.update(number, facts.graph.language)
        base, adapters = (
            msgspec.convert(
                ranking_of_ranks(learner.ranks(facts, facts.graph.test, adapted=adapted)),
                CompletionRanking,
                from_attributes=True,
            )
            for adapted in (False, True)
        )
        scores[facts.graph.language] = LanguageCompletion(base, adapters)
    return scores
