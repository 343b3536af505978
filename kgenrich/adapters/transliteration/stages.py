"""Training of the networks of a recipe, stage by stage; what is done is not done again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from kgenrich.adapters.training.files import write_json
from kgenrich.adapters.training.loop import train
from kgenrich.adapters.training.recipe import TRAINED, Plan, Task
from kgenrich.adapters.transliteration.alphabet import symbols_of
from kgenrich.adapters.transliteration.known_words import Hashes
from kgenrich.adapters.transliteration.network_training import NetworkLearner
from kgenrich.adapters.transliteration.recipe import NetworkSettings, Stage
from kgenrich.adapters.transliteration.transliterator import Transliterator
from kgenrich.adapters.transliteration.word_pairs import Pairs

Figures = dict[str, Any]


class Stages:
    """Stages of one ``task``, each in a folder of its own within the output. A network that is
    gone on from is that of the file, with its 8 bits."""

    def __init__(
        self, task: Task, of: NetworkSettings, plan: Plan, reads: tuple[str, ...], name: str
    ) -> None:
        self._task, self._of, self._plan = task, of, plan
        self._reads, self._name = reads, name

    def carry_out(
        self, part: str, pairs: Pairs, stage: Stage, start: Transliterator | None = None
    ) -> tuple[Transliterator, Figures]:
        """The network that a stage trains on ``pairs`` in the folder ``part``, and its figures."""
        folder = self._task.output / part
        path, said = folder / TRAINED, folder / "figures.json"
        if not path.exists():
            # Whoever knows the words can tell at once what is no transliteration.
            trust = 0.0 if start else self._of.trust
            of = replace(self._of, rate=stage.rate, dropout=stage.dropout, trust=trust)
            plan = replace(self._plan, steps=min(stage.steps, self._plan.steps))
            learner, report = train(
                lambda: NetworkLearner(pairs, of, plan, start),
                plan,
                folder,
                self._task.progress,
                f"training {part}".strip(),
            )
            made = learner.transliterator(self._reads, f"{self._name} {part}".strip())
            shares = {f"best1 of {code}": share for code, share in learner.shares().items()}
            write_json(said, {**shares, **report.figures()})
            made.save(path)
        figures: Figures = msgspec.json.decode(said.read_bytes())
        return Transliterator.load(path), figures


def added(figures: Figures, more: Mapping[str, Any]) -> Figures:
    """Figures of several stages: steps and seconds add up, of the rest the last count."""
    sums = {
        name: round(figures[name] + more[name], 1)
        for name in ("steps", "cpu_seconds", "gpu_seconds")
    }
    return {**figures, **more, **sums}


def symbols(pairs: Pairs) -> dict[str, set[str]]:
    """By language what its words are written with."""
    return {
        code: {symbol for _, word in of for symbol in symbols_of(word)}
        for code, of in pairs.items()
    }


def knowing(made: Transliterator, known: Mapping[str, Hashes]) -> Transliterator:
    """One that prefers the words of the languages that it writes."""
    return made.knowing({code: known[code] for code in made.alphabet.languages if code in known})
