"""The recipe of the network of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgenrich.adapters.training.recipe import Plan, Recipe, Settings, Task
from kgenrich.adapters.transliteration.known_words import Hashes, hashes, words_of_names
from kgenrich.adapters.transliteration.word_pairs import Pairs, conversion, held_out


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


class Conversion(Settings, frozen=True, kw_only=True):
    """Words that another language (``of``) has, put into another script in a ``way`` of OpenCC."""

    of: str
    way: str


class Stage(Settings, frozen=True, kw_only=True):
    """More training that begins with the weights that are there, with a ``rate`` and a ``dropout``
    of its own.
    """

    steps: int
    rate: float = 1.5e-3
    dropout: float = 0.05


class TransliterationRecipe(Recipe, frozen=True, kw_only=True, tag="transliteration"):
    """A network that writes words of a language (``of``) in others, or, ``turned``, words of the
    others in that one.

    ``words`` are TSV files of pairs by language (word, letters with spaces between, count).
    ``terms`` is a TSV of terms, whose names give pairs for the languages in ``names``; what a word
    of each consists of is a regular expression. What is ``converted`` is a language with the pairs
    of another, whose words OpenCC puts into another script.

    The network is trained as ``model`` and ``train`` say, then in further ``stages``. Languages
    that get a network of their ``own``, with stages of their own, begin with that one's weights;
    languages that are converted belong to the one that they are converted from. No stage has more
    steps than ``train``. Words that are learned, and those that names in the terms consist of (a
    regular expression for each language that is ``known``), are preferred to others.
    """

    makes = ("model.safetensors",)

    of: str = "en"
    turned: bool = False
    words: Mapping[str, str]
    terms: str = ""
    names: Mapping[str, str] = {}
    converted: Mapping[str, Conversion] = {}
    train: Plan
    model: NetworkSettings = NetworkSettings()
    stages: Sequence[Stage] = ()
    own: Mapping[str, Sequence[Stage]] = {}
    known: Mapping[str, str] = {}

    def all_made(self) -> Sequence[str]:
        return [*self.makes, *(f"{code}.safetensors" for code in self.own)]

    def all_checkpoints(self) -> Sequence[str]:
        own = (f"{code}{n}" for code, stages in self.own.items() for n in range(len(stages)))
        return [*(str(number) for number in range(1, 1 + len(self.stages))), *own]

    def files(self, data: Path) -> list[Path]:
        return [data / file for file in (*self.words.values(), self.terms) if file]

    def carry_out(self, task: Task) -> dict[str, Any]:
        from kgenrich.adapters.transliteration.stages import Stages, added, knowing, symbols

        pairs = self.pairs(task.data)
        reads = tuple(dict.fromkeys((*self.words, *self.names))) if self.turned else (self.of,)
        stages = Stages(task, self.model, self.train, reads, self.name)
        first = Stage(steps=self.train.steps, rate=self.model.rate, dropout=self.model.dropout)
        shared = {code: of for code, of in pairs.items() if code not in self.converted}
        made, figures = stages.carry_out("", shared, first)
        for number, stage in enumerate(self.stages, 1):
            made, more = stages.carry_out(str(number), shared, stage, made)
            figures = added(figures, more)
        known = self._known(task.data, pairs)
        others = {code: of for code, of in known.items() if code not in self.own}
        knowing(made, others).save(task.output / self.makes[0])
        for code, of_own in self.own.items():
            alike = {one: pairs[one] for one, by in self.converted.items() if by.of == code}
            own, mine = made.part(code, symbols(alike)), {code: pairs[code], **alike}
            for number, stage in enumerate(of_own):
                own, more = stages.carry_out(f"{code}{number}", mine, stage, own)
                figures = added(figures, more)
            knowing(own, known).save(task.output / f"{code}.safetensors")
        return {"pairs": sum(map(len, pairs.values())), **figures}

    def _known(self, data: Path, pairs: Pairs) -> dict[str, Hashes]:
        """By language the words that are preferred."""
        from kgenrich.adapters.encoder.name_tables import read_terms

        rows = read_terms(data / self.terms) if self.terms else ()
        words = words_of_names(rows, self.known)
        for code, by in self.converted.items():
            if by.of in words:
                words[code] = {conversion(by.way)(word) for word in words[by.of]}
        learned = held_out(pairs, self.model.development, development=False)
        return {
            code: hashes(of | {word for _, word in learned[code]}) for code, of in words.items()
        }

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
        usable = {
            code: word_pairs.usable((word, other) for word, other, _ in of)
            for code, of in counted.items()
        }
        for code, by in self.converted.items():
            usable[code] = word_pairs.converted(usable[by.of], by.way)
        return usable
