"""Machine translation as a source: naturalised sentences and prose, translated, and what came
back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

import msgspec
from msgspec import Struct, field

from kgenrich.languages import name as language_name
from kgenrich.model import Entity, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import Answer, LabelLookup, Question, SourceContext
from kgenrich.sources.hierarchy import broader_labels
from kgenrich.sources.mt.codes import Codes
from kgenrich.sources.naturalise import (
    PAPER_LANGUAGES,
    Sentence,
    as_prose,
    bracketed,
    named,
    naturalise,
)
from kgenrich.sources.plausible import objection, plausible, translation_objection
from kgenrich.sources.remote_source import CallOptions, RemoteSource, Reply, Suggestion

VERSION = "naturalise-1"
"""Of the sentences and of reading the answers; part of the fingerprint."""


class MtOptions(CallOptions, frozen=True, kw_only=True):
    """What every engine has: ``source_languages`` in order of preference, ``codes`` that differ
    from those of `kgenrich.sources.mt.codes`, and ``trust``, the expected share of right answers,
    by which the model's own confidence is scaled."""

    source_languages: tuple[str, ...] = PAPER_LANGUAGES
    codes: dict[str, str] = field(default_factory=dict)
    trust: float = 0.35


class Job(Struct, frozen=True):
    """A sentence with the engine's codes of its language and of the one wanted."""

    sentence: Sentence
    source: str
    target: str

    @property
    def parts(self) -> tuple[str, ...]:
        """What the answer hangs on; of a sentence the context is in it."""
        context = (self.sentence.about,) if self.sentence.prose else ()
        return (self.source, self.target, self.sentence.text, *context)


class Jobs(Struct, frozen=True):
    """Everything to be translated for one request."""

    jobs: tuple[Job, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """What the answer hangs on."""
        return tuple(part for job in self.jobs for part in job.parts)


class Translated(Struct, frozen=True):
    """A translation. ``confidence`` is the mean probability of its tokens, None where the engine
    does not tell; ``bare`` that it is the term itself and not a sentence with brackets."""

    text: str
    confidence: float | None = None
    bare: bool = False


class Translation(RemoteSource[Jobs]):
    """What all engines share. ``engine`` is one of `kgenrich.sources.mt.codes`, to whose codes
    those ``installed`` are added, ``width`` how many source languages go into one request, and
    ``kinds`` what the engine is fit for."""

    kind = SourceKind.MT
    kinds: frozenset[TermKind] = frozenset(TermKind)
    options: MtOptions

    def __init__(
        self,
        context: SourceContext,
        options: MtOptions,
        engine: str,
        identity: Sequence[str],
        model: str = "",
        licence: str = "",
        width: int = 7,
        installed: Iterable[str] = (),
    ) -> None:
        super().__init__(context, options, model or engine, (*identity, VERSION), licence)
        self._codes = Codes(engine, options.codes, installed)
        self._width = width
        self._labels = LabelLookup(context.graph)
        self._tried: set[str] = set()

    def speaks(self, source: str, target: str) -> bool:
        """Whether the engine translates between two of its codes."""
        return source != target

    def body(self, request: TermRequest) -> Jobs | None:
        """The sentences, from as many source languages as fit; None without any."""
        pairs = self._pairs(request.language) if request.kind in self.kinds else ()
        entity = named(request.entity, request.language, self.options.source_languages)
        jobs = (
            Job(sentence, source, target)
            for language, source, target in pairs
            if (sentence := self._sentence(entity, request.kind, language))
        )
        first = tuple(islice(jobs, self._width))
        return Jobs(first) if first else None

    def prepare(self, requests: Sequence[TermRequest]) -> list[Question]:
        """To the first request in a language that the engine does not speak there is a question
        that costs nothing, and whose answer says so."""
        questions = super().prepare(requests)
        for request in requests:
            language = request.language
            if request.kind in self.kinds and language not in self._tried:
                self._tried.add(language)
                if not any(self._pairs(language)):
                    questions.append(Question(request))
        return questions

    def propose(self, questions: Sequence[Question]) -> Iterator[Answer]:
        for request in (question.request for question in questions if question.body is None):
            named = f"{language_name(request.language)} ({request.language})"
            yield Answer(request, failure=f"it does not translate into {named}")
        yield from self.translations([one for one in questions if one.body is not None])

    def translations(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """The answers to questions that the engine can be asked."""
        return super().propose(questions)

    def reply(self, request: TermRequest, jobs: Jobs, made: Sequence[Translated]) -> Reply:
        """Read the translations of one request."""
        suggestions: list[Suggestion] = []
        record: list[dict[str, str]] = []
        for job, translated in zip(jobs.jobs, made, strict=True):
            sentence, text, reason = job.sentence, translated.text, ""
            if not (translated.bare or sentence.prose):
                span = bracketed(sentence, text)
                text, reason = span.text, span.reason
            codes = {job.source, job.target, request.language}
            reason = reason or translation_objection(request, text.strip(), codes)
            term = "" if reason else plausible(request, text)
            row = {"from": sentence.language, "sent": sentence.text, "got": translated.text[:1000]}
            if term:
                suggestions.append(self._suggestion(sentence, translated, term))
            else:
                row["lost"] = reason or objection(request, text.strip()) or "it is no term"
            record.append(row)
        return Reply(
            suggestions=suggestions,
            answer=msgspec.json.encode(record).decode(),
            model=self.model,
            failure="" if suggestions else f"nothing usable came back ({record[0]['lost']})",
        )

    def _suggestion(self, sentence: Sentence, translated: Translated, term: str) -> Suggestion:
        sure = translated.confidence
        return Suggestion(
            text=term,
            from_language=sentence.language,
            from_text=sentence.text,
            raw=translated.text,
            score=None if sure is None else round(sure * self.options.trust, 4),
            note=f"translated from {language_name(sentence.language)}"
            + ("" if sentence.prose else f": {sentence.marked}")
            + ("" if sure is None else f"; mean token probability {sure:.2f}"),
        )

    def _pairs(self, language: str) -> Iterator[tuple[str, str, str]]:
        """What it can be translated from: the language, its code, and that of the one wanted."""
        targets = self._codes.targets(language)
        for code in self.options.source_languages if targets else ():
            pairs = product(self._codes.sources(code), targets) if code != language else ()
            if pair := next((pair for pair in pairs if self.speaks(*pair)), None):
                yield code, *pair

    def takes(self, sentence: Sentence) -> bool:
        """Whether the engine can be given this at all."""
        return True

    def _sentence(self, entity: Entity, kind: TermKind, language: str) -> Sentence | None:
        name = entity.labels.get(language, "")
        if kind is TermKind.DEFINITION:
            if not (definition := entity.definitions.get(language, "").strip()):
                return None
            above = broader_labels(entity, self._labels, (language,))
            sentence = as_prose(language, definition, name, above)
            return sentence if self.takes(sentence) else None
        description = entity.descriptions.get(language, "")
        if kind is TermKind.DESCRIPTION:
            if not description:
                return None
            name = name or next((n for c in PAPER_LANGUAGES if (n := entity.labels.get(c))), "")
        elif not name:
            return None
        class_name = "" if description else self._class(entity.classes, language)
        try:
            return naturalise(language, name, description, class_name, kind=kind)
        except ValueError:
            return None

    def _class(self, classes: Sequence[str], language: str) -> str:
        labels = self._labels.get(classes[:3], (language,))
        return next((names[language] for names in labels.values() if names), "")
