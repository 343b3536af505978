"""Models of machine translation on this machine, asked in batches; what the neural ones share."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, ClassVar, Literal

import regex
from msgspec.structs import replace

from kgenrich.errors import KgenrichError, SourceStopped, UsageError
from kgenrich.sources.base import Answer, Question, SourceContext
from kgenrich.sources.mt.prose import LONGEST as LONGEST_SENTENCE
from kgenrich.sources.mt.prose import joined, sentences
from kgenrich.sources.mt.source import Job, MtOptions, Translated, Translation
from kgenrich.sources.naturalise import Sentence
from kgenrich.sources.remote_source import require_option

Family = Literal["marian", "m2m-100", "nllb"]

LICENCES: dict[Family, str] = {"marian": "CC-BY-4.0", "m2m-100": "MIT", "nllb": "CC-BY-NC-4.0"}
"""Licences of the published weights; another one can be set with the option ``licence``."""

LONGEST = 256
"""Tokens of a translation; sentences are far shorter, and a model that repeats itself stops."""

_PAIR = regex.compile(r"(?<![a-z0-9])([a-z]{2,3})-([a-z]{2,3})(?![a-z0-9])")


class LocalTranslation(Translation):
    """A model on this machine, asked in batches whose sentences are sorted by length, so that
    little is padded."""

    batch = 64

    def translate(self, jobs: Sequence[Job]) -> Sequence[Translated]:
        """The translations, in order. Raises `SourceStopped` when the model cannot be used."""
        raise NotImplementedError

    def translations(self, questions: Sequence[Question]) -> Iterator[Answer]:
        rest = iter(questions)
        while chosen := list(islice(rest, self.batch)):
            stop: SourceStopped | None = None
            allowed: list[Question] = []
            for question in chosen:
                try:
                    self.budget.take()
                except SourceStopped as error:
                    stop = error
                    break
                allowed.append(question)
            began = time.monotonic()
            made = iter(self._made([job for one in allowed for job in one.body.jobs]))
            each = (time.monotonic() - began) / max(1, len(allowed))
            for question in allowed:
                jobs = question.body
                reply = self.reply(question.request, jobs, list(islice(made, len(jobs.jobs))))
                yield self.answer(question, reply, each)
            if stop is not None:
                raise stop

    def takes(self, sentence: Sentence) -> bool:
        """Not prose with a sentence that is longer than what models see."""
        parts = sentences(sentence.text) if sentence.prose else []
        return all(len(part) <= LONGEST_SENTENCE for line in parts for part in line)

    def _made(self, jobs: Sequence[Job]) -> list[Translated]:
        """The translations, in order; of prose sentence by sentence."""
        pieces = [_pieces(job) for job in jobs]
        made = iter(self._by_length([one for lines in pieces for line in lines for one in line]))
        return [
            _whole(job, [list(islice(made, len(line))) for line in lines])
            for job, lines in zip(jobs, pieces, strict=True)
        ]

    def _by_length(self, jobs: Sequence[Job]) -> list[Translated]:
        order = sorted(range(len(jobs)), key=lambda place: len(jobs[place].sentence.text))
        try:
            made = self.translate([jobs[place] for place in order]) if jobs else []
        except KgenrichError:
            raise
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            why = " ".join(str(error).split())[:200].rstrip(".")
            raise SourceStopped(f"The model {self.model} failed: {why}.") from error
        return [one for _, one in sorted(zip(order, made, strict=True), key=lambda row: row[0])]


def _pieces(job: Job) -> list[list[Job]]:
    """The sentences of prose by line; what is no prose is one."""
    if not job.sentence.prose:
        return [[job]]
    return [
        [replace(job, sentence=replace(job.sentence, text=one, marked=one)) for one in line]
        for line in sentences(job.sentence.text)
    ]


def _whole(job: Job, lines: Sequence[Sequence[Translated]]) -> Translated:
    """A translation from its pieces; nothing where a sentence could not be translated. Its
    confidence is the mean of theirs, by length."""
    if not job.sentence.prose:
        return lines[0][0]
    texts = [[piece.text.strip() for piece in line] for line in lines]
    if not all(text for line in texts for text in line):
        return Translated("")
    sure = [(len(p.text), p.confidence) for line in lines for p in line if p.confidence is not None]
    length = sum(size for size, _ in sure)
    mean = sum(size * confidence for size, confidence in sure) / length if length else None
    return Translated(joined(texts), mean)


class NeuralOptions(MtOptions, frozen=True, kw_only=True):
    """The options of local neural models.

    ``model`` is a directory (for transformers also the id of a downloaded model). Models of one
    pair of languages each have ``{source}`` and ``{target}`` in their place; a single one has its
    ``pair`` (``en-it``) in its name or in this option. ``family`` is found out where it is not
    given. ``accept_licence`` must name the licence of weights that are not free for every
    use. ``beam`` is the width of the search, ``batch`` the requests, ``device`` cpu or cuda.
    """

    model: str = ""
    pair: str = ""
    family: Family | None = None
    accept_licence: str = ""
    device: str = "auto"
    beam: int = 4
    batch: int = 32
    threads: int = 0


class NeuralTranslation(LocalTranslation):
    """A local neural model, loaded when the first sentence needs it; ``adapter`` is what loads it.

    Raises `SourceStopped` without a model, for one whose family or pair is not known, and for
    weights that are only for non-commercial use until ``accept_licence`` names their licence;
    `UsageError` for numbers that make no sense.
    """

    adapter: ClassVar[str]
    options: NeuralOptions

    def __init__(self, context: SourceContext) -> None:
        options = context.read(NeuralOptions)
        require_option(options.model, "model", '"/models/m2m100"')
        if options.beam < 1 or options.batch < 1:
            raise UsageError("The options beam and batch are at least 1.")
        family = options.family or self.find_family(options.model)
        if family is None:
            raise SourceStopped(
                f"Which family is the model {options.model} of? Set family to marian, m2m-100 or "
                "nllb."
            )
        self.family: Family = family
        self._pair = ""
        if family == "marian" and "{source}" not in options.model:
            pairs = _PAIR.findall(PurePath(options.model).name, overlapped=True)
            self._pair = options.pair or ("-".join(pairs[-1]) if pairs else "")
            require_option(self._pair, "pair", '"en-it"')
        licence = options.licence or LICENCES[family]
        if "-NC" in licence.upper() and options.accept_licence != licence:
            raise SourceStopped(
                f"Its weights are licensed {licence}, which forbids commercial use, and what it "
                f'makes is marked so: set accept_licence = "{licence}" under '
                f"[sources.{context.name}] to use it."
            )
        identity = (self.adapter, options.model, family, str(options.beam))
        super().__init__(context, options, family, identity, options.model, licence)
        self.batch = options.batch
        self.loaded = cache(self.load)

    @staticmethod
    def find_family(model: str) -> Family | None:
        """Which family the model is of; None where nothing tells."""
        raise NotImplementedError

    def is_there(self, folder: Path) -> bool:
        """Whether a folder holds a model."""
        raise NotImplementedError

    def load(self, place: str) -> tuple[Any, ...]:
        """The model at a place with its tokenizers, which `loaded` keeps. Raises
        `SourceStopped`."""
        raise NotImplementedError

    def group(self, job: Job) -> Hashable:
        """Jobs of one group are translated together."""
        return job.source, job.target

    def translate_group(self, jobs: Sequence[Job]) -> Iterable[Translated]:
        """The translations of a group, in order."""
        raise NotImplementedError

    def place(self, source: str, target: str) -> str:
        """Where the model of a pair is."""
        return self.options.model.replace("{source}", source).replace("{target}", target)

    def tag(self, code: str) -> str:
        """The token of a language."""
        return f"__{code}__" if self.family == "m2m-100" else code

    def speaks(self, source: str, target: str) -> bool:
        """Whether there is a model for the pair."""
        if source == target or self._pair not in ("", f"{source}-{target}"):
            return False
        return self.is_there(Path(self.place(source, target)).expanduser())

    def translate(self, jobs: Sequence[Job]) -> list[Translated]:
        groups: dict[Hashable, list[int]] = {}
        for number, job in enumerate(jobs):
            groups.setdefault(self.group(job), []).append(number)
        made: dict[int, Translated] = {}
        for numbers in groups.values():
            made.update(zip(numbers, self.translate_group([jobs[n] for n in numbers]), strict=True))
        return [made[number] for number in range(len(jobs))]
