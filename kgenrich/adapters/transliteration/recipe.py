"""The recipe of the network of words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgenrich.adapters.training.recipe import Plan, Recipe, Settings, Task


class NetworkSettings(Settings, frozen=True, kw_only=True):
    """The shape of the network and how it is trained.

    ``first`` and ``hidden`` are the widths of the layers (of one direction), ``batch`` the words
    of a step. ``trim`` is the share of pairs, those that are the least likely, that a step does
    not learn from once ``trust`` of the steps are done: many are no transliterations.
    ``smoothing`` is that of labels, ``average`` the decay of the average of the weights, which is
    what is kept. Of a hundred words ``development`` are held out by a hash.
    """

    embedding: int = 64
    first: int = 128
    hidden: int = 192
    batch: int = 512
    rate: float = 3e-3
    dropout: float = 0.2
    smoothing: float = 0.05
    trim: float = 0.05
    trust: float = 0.2
    average: float = 0.999
    fewest: int = 3
    development: int = 2


class TransliterationRecipe(Recipe, frozen=True, kw_only=True, tag="transliteration"):
    """A network that writes words of a language (``of``) in others, or, ``turned``, words of the
    others in that one.

    ``words`` are TSV files of pairs by language (word, letters with spaces between, count).
    ``terms`` is a TSV of terms, whose names give pairs for the languages in ``names``; what a word
    of each consists of is a regular expression.
    """

    makes = ("model.safetensors",)

    of: str = "en"
    turned: bool = False
    words: Mapping[str, str]
    terms: str = ""
    names: Mapping[str, str] = {}
    train: Plan
    model: NetworkSettings = NetworkSettings()

    def files(self, data: Path) -> list[Path]:
        return [data / file for file in (*self.words.values(), self.terms) if file]

    def carry_out(self, task: Task) -> dict[str, Any]:
        from kgenrich.adapters.training.loop import train
        from kgenrich.adapters.transliteration.network_training import NetworkLearner

        pairs = self.pairs(task.data)
        learner, report = train(
            lambda: NetworkLearner(pairs, self.model, self.train),
            self.train,
            task.output,
            task.progress,
        )
        reads = (*self.words, *self.names) if self.turned else (self.of,)
        made = learner.transliterator(tuple(dict.fromkeys(reads)), self.name)
        made.save(task.output / self.makes[0])
        shares = {f"best1 of {code}": share for code, share in learner.shares().items()}
        return {"pairs": sum(map(len, pairs.values())), **shares, **report.figures()}

    def pairs(self, data: Path) -> dict[str, list[tuple[str, str]]]:
        """The pairs that the files of a folder give; raises `InputError` where one cannot be read.

        A word that stands in the files of pairs is taken from there alone.
        """
        from kgenrich.adapters.encoder.name_tables import read_terms
        from kgenrich.adapters.transliteration import word_pairs
        from kgenrich.adapters.transliteration.name_words import word_pairs as of_names

        counted = {
            code: list(word_pairs.read_pairs(data / file)) for code, file in self.words.items()
        }
        if self.terms:
            for code, found in of_names(read_terms(data / self.terms), self.of, self.names).items():
                mine = counted.setdefault(code, [])
                known = {word for word, _, _ in mine}
                mine += [(word, other, 1) for word, other in found if word not in known]
        if self.turned:
            return {self.of: word_pairs.usable(word_pairs.turned(counted))}
        return {
            code: word_pairs.usable((word, other) for word, other, _ in of)
            for code, of in counted.items()
        }
