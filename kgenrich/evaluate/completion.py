"""Knowledge graph completion on DBP-5L: adapters against the frozen encoder.

A triple hides its tail, then its head. The answer is looked for among all entities of the
language; other right answers are filtered out (Bordes et al., 2013). The adapters are trained on
the training triples of all languages; the development triples say when to stop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kgenrich.adapters.completion.adapter_training import CompletionLearner
from kgenrich.adapters.completion.dbp5l import languages, read_language, read_relations
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.encoder.retrieval import Ranking, rank_measures
from kgenrich.adapters.training.loop import train
from kgenrich.adapters.training.recipe import Plan, SetModel
from kgenrich.adapters.training.run_folder import Run

_ADAPTER = "adapter.safetensors"


@dataclass(frozen=True)
class CompletionResult:
    """The measures of one language, both directions together."""

    language: str
    base: Ranking
    adapters: Ranking


def evaluate(
    folder: Path,
    encoder: Encoder,
    model: SetModel,
    plan: Plan,
    tick: Callable[[str], None] = lambda _step: None,
    run: Run | None = None,
) -> list[CompletionResult]:
    """Train the adapters on the training triples and rank the test triples without and with.

    With a run its folder keeps the adapters, and those of the same run are taken from there.
    """
    relations = len(read_relations(folder))
    graphs = [read_language(folder, language, relations) for language in languages(folder)]
    tick("neighbourhoods")
    learner = CompletionLearner(graphs, relations, encoder, model, plan.seed)

    def told(step: int, loss: float) -> None:
        tick(f"step {step} of {plan.steps}, loss {loss:.2f}")

    if run is None:
        with TemporaryDirectory() as scratch:
            train(lambda: learner, plan, Path(scratch), told)
    elif run.finished() is not None:
        learner.load(run.folder / _ADAPTER)
    else:
        run.begin()
        _, report = train(lambda: learner, plan, run.folder, told)
        learner.save(run.folder / _ADAPTER)
        run.finish({"steps": report.steps, "score": report.score}, [_ADAPTER])
    results = []
    for facts in learner.facts:
        tick(facts.graph.language)
        base, adapters = (
            rank_measures(learner.ranks(facts, facts.graph.test, adapted=adapted))
            for adapted in (False, True)
        )
        results.append(CompletionResult(facts.graph.language, base, adapters))
    return results
