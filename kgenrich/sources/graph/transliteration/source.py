"""The source ``transliteration``: a name that the graph has in another script, written word by
word as its labels write the words, and as the network of words does.

The score of a candidate is the probability that it is one of the entity's names, calibrated on
labels of the graph. Languages and words that nobody taught have no candidates, nor has a name of
which a word cannot be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kgenrich.adapters.transliteration.transliterator import Ways
from kgenrich.languages import CODES, script
from kgenrich.languages import name as language_name
from kgenrich.model import Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import Answer, Question, SourceContext
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.graph.transliteration.model import (
    VERSION,
    TransliterationModel,
    TransliterationOptions,
    learn,
)
from kgenrich.sources.graph.transliteration.transcripts import Transcript, transcripts
from kgenrich.sources.graph.transliteration.words import Name, WordWays, name_of, writer

NAME = "transliteration"

_SCRIPTS = {script(code): code for code in reversed(CODES)}
"""A language of each script, to ask from which one another is written at all."""


class Transliteration:
    name = NAME
    kind = SourceKind.GRAPH
    licence = ""

    def __init__(self, context: SourceContext, options: TransliterationOptions) -> None:
        self._options, self._ways = options, WordWays()
        self._targets = tuple(code for code in dict.fromkeys(context.languages) if _written(code))
        self._fitting = Fitting(
            context,
            NAME,
            TransliterationModel,
            lambda graph: learn(graph, self._targets, options),
            (VERSION, self._targets, options),
            options.entities,
        )

    def prepare(self, requests: Sequence[TermRequest]) -> list[Question]:
        """Labels in languages that are written, of entities with a name to take them from."""
        return [
            Question(request, body=name)
            for request in requests
            if request.kind is TermKind.LABEL
            and request.language in self._targets
            and (name := name_of(request.entity, request.language))
        ]

    def propose(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """The words of all questions in a language are written at once."""
        for target in self._targets:
            asked = [question for question in questions if question.request.language == target]
            if asked and self._fitting.value.is_sure(target):
                network = self._ways.of((question.body for question in asked), target)
                for question in asked:
                    found = tuple(self._candidates(question.request, question.body, network))
                    yield Answer(question.request, found)

    def _candidates(
        self, request: TermRequest, name: Name, network: Mapping[str, Ways]
    ) -> Iterator[Candidate]:
        model, target = self._fitting.value, request.language
        calibration = model.calibration
        if calibration is None:
            return
        found = transcripts(request.entity, name, target, model.spellings, network)
        chances = calibration.chances([transcript.features for transcript in found], target)
        ranked = sorted(zip(chances, found, strict=True), key=lambda pair: -pair[0])
        for chance, transcript in ranked[: self._options.candidates]:
            if chance >= self._options.minimum:
                evidence = self._evidence(request, name, transcript, chance)
                yield request.candidate(transcript.text, evidence)

    def _evidence(
        self, request: TermRequest, name: Name, transcript: Transcript, chance: float
    ) -> Evidence:
        spellings, target = self._fitting.value.spellings, request.language
        known = [word for word in name.words if spellings.seen(word, target)]
        source, written_in = language_name(name.language), language_name(target)
        note = f"{source} name written in {written_in} by sound"
        if known:
            note += f", as other labels write {', '.join(dict.fromkeys(known))}"
        return Evidence(
            source=NAME,
            kind=SourceKind.GRAPH,
            from_language=name.language,
            from_text=name.text,
            score=round(chance, 4),
            licence=request.licence,
            note=note,
        )


def _written(target: str) -> bool:
    """Whether there is a language that another can be written from."""
    return any(writer(code, target) for code in _SCRIPTS.values())


def factory(context: SourceContext) -> Transliteration:
    """The source for a graph. Raises `UsageError` for options that it lacks."""
    return Transliteration(context, context.read(TransliterationOptions))
