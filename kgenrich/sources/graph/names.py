"""The source ``names``: what an entity is called, by what the graph has of names.

Candidates come by routes (what other languages call the entity, converted where need be), by
phrases (how the graph's labels write the name, its words and its templates) and by sound, for words
that no label has; each has a probability, fitted on labels of the graph as if they were missing
(`name_model`). However many ways lead to a text, this is one source with one vote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct

from kgenrich.languages import in_script
from kgenrich.languages import name as language_name
from kgenrich.model import MUL, Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import Answer, Question, SourceContext
from kgenrich.sources.calibration import traits
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.graph.copy_counts import CopyCounts
from kgenrich.sources.graph.name_candidates import NameCandidate
from kgenrich.sources.graph.name_maker import NameMaker
from kgenrich.sources.graph.name_model import VERSION, NamesModel, NamesOptions, learn
from kgenrich.sources.graph.name_routes import find
from kgenrich.sources.graph.names_for_all import CLASSES, AllLanguages, NamesForAll
from kgenrich.sources.graph.names_for_all import VERSION as VERSION_FOR_ALL
from kgenrich.sources.graph.phrases.composer import note_of
from kgenrich.sources.graph.phrases.words_by_sound import WordWays
from kgenrich.text import vote_key

NAME = "names"

_TITLES = {"turned": ", parts turned around", ",": ", which has a comma"}


class RankedName(Struct, frozen=True):
    """A name with its probability, and the parts of the source that lead to it: ``copy`` (of the
    language that most are named in), ``siblings`` (other routes), ``phrases``,
    ``transliteration``."""

    text: str
    probability: float
    parts: tuple[str, ...]
    candidate: NameCandidate


class Names:
    name = NAME
    kind = SourceKind.GRAPH
    licence = ""

    def __init__(self, context: SourceContext, options: NamesOptions) -> None:
        self._graph = context.graph
        self._options = options
        self._roles = context.roles
        self._targets = tuple(code for code in dict.fromkeys(context.languages) if code != MUL)
        self._class_names: dict[str, str] = {}
        self._ways = WordWays()
        self._superclass = context.roles.of("subclass_of")
        self._fitting = Fitting(
            context,
            NAME,
            NamesModel,
            lambda graph: learn(graph, self._targets, options, context.roles),
            (VERSION, self._targets, options, context.roles),
            options.entities,
        )

        classes = options.all_languages
        if classes is None:
            # Elsewhere Wikidata's numbers stand for something else.
            classes = CLASSES if context.settings.is_wikidata else ()
        self._for_all = AllLanguages(context.graph, classes, context.roles)
        self._fitting_for_all = Fitting(
            context,
            f"{NAME}-for-all",
            NamesForAll,
            lambda graph: self._for_all.learn(options.entities),
            (VERSION_FOR_ALL, classes, context.roles, options.entities),
            None,
        )

    @cached_property
    def _counts(self) -> CopyCounts:
        model = self._fitting.value
        return CopyCounts(self._targets, model.routes, model.counts)

    @cached_property
    def _maker(self) -> NameMaker:
        model = self._fitting.value
        return NameMaker(
            model.hub,
            self._counts,
            model.learned,
            self._ways,
            self._superclass,
        )

    def prepare(self, requests: Sequence[TermRequest]) -> list[Question]:
        """Names alone are asked for."""
        return [Question(request) for request in requests if request.kind.is_name]

    def propose(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Names for labels and aliases; nothing in unknown languages."""
        requests = [question.request for question in questions]
        for request in requests:
            if request.language == MUL:
                yield Answer(request, tuple(self._names_for_all(request)))
        asked = [request for request in requests if request.language in self._targets]
        for request, ranked in zip(asked, self.ranked(asked), strict=True):
            yield Answer(request, tuple(self._candidates(request, ranked)))

    def ranked(self, requests: Sequence[TermRequest]) -> list[list[RankedName]]:
        """All names that were looked at for each request, the likeliest first."""
        if not requests:
            return []
        model = self._fitting.value
        self._maker.prepare((request.entity, request.language) for request in requests)
        offered = [self._offered(request, model) for request in requests]
        by_language: dict[tuple[TermKind, str], list[int]] = {}
        for place, request in enumerate(requests):
            by_language.setdefault((request.kind, request.language), []).append(place)
        ranked: list[list[RankedName]] = [[] for _ in requests]
        for (kind, language), places in by_language.items():
            calibration = model.calibration(kind, language)
            some = [(place, one) for place in places for one in offered[place]]
            if calibration is None or not some:
                continue
            chances = calibration.chances(
                np.array([one.features for _, one in some]),
                language,
                [traits(requests[place].entity, one.text, self._roles) for place, one in some],
            )
            for (place, one), chance in zip(some, chances, strict=True):
                parts = one.parts(model.routes, model.hub)
                ranked[place].append(RankedName(one.text, chance, parts, one))
        return [sorted(of_it, key=lambda one: -one.probability) for of_it in ranked]

    def _offered(self, request: TermRequest, model: NamesModel) -> list[NameCandidate]:
        entity, language = request.entity, request.language
        if language not in self._targets or model.calibration(request.kind, language) is None:
            return []
        return self._maker.candidates(entity, language, find(entity, language, model.routes))

    def _candidates(
        self, request: TermRequest, ranked: Sequence[RankedName]
    ) -> Iterator[Candidate]:
        model = self._fitting.value
        entity, language = request.entity, request.language
        is_label = request.kind is TermKind.LABEL
        minimum = self._options.minimum if is_label else self._options.alias_minimum
        known = set() if is_label else {vote_key(text) for text in entity.names(language)}
        offered = [one for one in ranked if one.candidate.key not in known]
        for one in offered[: self._options.candidates]:
            candidate = one.candidate
            if one.probability >= minimum and not self._is_foreign(request, candidate):
                text = candidate.text
                if candidate.best >= 0 and model.routes.groups[candidate.best] == "title":
                    text = model.casing.of_title(text, entity, language)
                yield request.candidate(text, self._evidence(request, one))

    def _names_for_all(self, request: TermRequest) -> Iterator[Candidate]:
        if request.kind is not TermKind.LABEL:
            return
        model = self._fitting_for_all.value
        text, languages = self._for_all.name(request.entity, model)
        if text and model.probability >= self._options.minimum:
            told = f"; so are {model.right} of {model.told} such labels" if model.told else ""
            yield request.candidate(
                text,
                Evidence(
                    source=NAME,
                    kind=SourceKind.GRAPH,
                    from_language="en" if "en" in languages else languages[0],
                    from_text=text,
                    score=round(model.probability, 4),
                    licence=request.licence,
                    note=f"the label in {len(languages)} languages of the Latin script, "
                    f"and in none of them another{told}",
                ),
            )

    def _evidence(self, request: TermRequest, ranked: RankedName) -> Evidence:
        model, candidate = self._fitting.value, ranked.candidate
        if candidate.best >= 0:
            from_language, note = self._of_routes(request, candidate)
        else:
            from_language, note = model.hub, self._of_parts(request, candidate)
        return Evidence(
            source=NAME,
            kind=SourceKind.GRAPH,
            from_language=from_language,
            from_text=request.entity.labels.get(from_language, candidate.text),
            score=round(ranked.probability, 4),
            licence=request.licence,
            note=note,
        )

    def _of_routes(self, request: TermRequest, candidate: NameCandidate) -> tuple[str, str]:
        routes, best = self._fitting.value.routes, candidate.best
        classes = request.entity.classes
        equal, compared, class_id = self._counts.seen(classes, request.language, best)
        kind = self._class_name(class_id)
        share = f"{equal / compared:.0%} of {compared} {kind}" if compared else "no item yet"
        target, source = language_name(request.language), language_name(routes.languages[best])
        site, _, form = routes.names[best].partition(" ")
        how = {
            "label": f"written alike in {source} and {target} for {share}",
            "converted": f"{source}, converted ({form or site}); right for {share}",
            "title": f"page title in {site}{_TITLES.get(form, '')}; "
            f"such titles are the {target} label of {share}",
            "native": f"native name ({site}); it is the {target} label of {share}",
        }[routes.groups[best]]
        others = len(candidate.routes) - 1
        how += f"; {others} more of its names say the same" if others else ""
        return routes.languages[best], how

    def _of_parts(self, request: TermRequest, candidate: NameCandidate) -> str:
        learned = self._fitting.value.learned.get(request.language)
        put = candidate.composed
        if learned is None or put is None:
            return ""
        return note_of(put.part, learned.table)

    def _is_foreign(self, request: TermRequest, candidate: NameCandidate) -> bool:
        """Whether it is in another script than the language, and no item says that such names are
        written so."""
        if in_script(candidate.text, request.language):
            return False
        if candidate.best < 0:
            return True
        classes = request.entity.classes
        return not self._counts.seen(classes, request.language, candidate.best)[1]

    def _class_name(self, class_id: str) -> str:
        if not class_id:
            return "items"
        if class_id not in self._class_names:
            labels = self._graph.labels([class_id], ("en", "mul")).get(class_id, {})
            self._class_names[class_id] = next(iter(labels.values()), class_id)
        return f"items of the class {self._class_names[class_id]}"


def factory(context: SourceContext) -> Names:
    """The source for a graph. Raises `UsageError` for options that it lacks."""
    return Names(context, context.read(NamesOptions))
