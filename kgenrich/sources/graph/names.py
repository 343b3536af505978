"""The source ``names``: what the graph already holds as names of the same entity.

Every route by which a name can come (`name_routes`) has a probability counted on the graph
(`name_candidates`). The routes that lead to one text are combined by a logistic regression, fitted
on labels of the graph with rates counted on its other parts (`name_model`), so that the score of a
candidate is the probability that it is one of the entity's names. However many routes agree, this
is one source with one vote.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from kgenrich.languages import in_script
from kgenrich.languages import name as language_name
from kgenrich.model import MUL, Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import FreeSource, SourceContext
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.graph.name_candidates import CopyCounts, NameCandidate, name_candidates
from kgenrich.sources.graph.name_model import VERSION, NamesModel, NamesOptions, learn
from kgenrich.sources.graph.name_routes import find
from kgenrich.sources.graph.names_for_all import CLASSES, AllLanguages, NamesForAll
from kgenrich.sources.graph.names_for_all import VERSION as VERSION_FOR_ALL
from kgenrich.text import vote_key

NAME = "names"

_TITLES = {"turned": ", parts turned around", ",": ", which has a comma"}


class Names(FreeSource):
    name = NAME
    kind = SourceKind.GRAPH
    licence = ""

    def __init__(self, context: SourceContext, options: NamesOptions) -> None:
        self._graph = context.graph
        self._options = options
        self._targets = tuple(code for code in dict.fromkeys(context.languages) if code != MUL)
        self._class_names: dict[str, str] = {}
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

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """Names for labels and aliases; nothing for other kinds and unknown languages."""
        entity, language = request.entity, request.language
        if language == MUL:
            yield from self._names_for_all(request)
            return
        model = self._fitting.value
        calibration = model.calibrations.get(request.kind)
        if calibration is None or language not in self._targets:
            return
        is_label = request.kind is TermKind.LABEL
        minimum = self._options.minimum if is_label else self._options.alias_minimum
        known = set() if is_label else {vote_key(text) for text in entity.names(language)}
        found = find(entity, language, model.routes)
        offered = [
            candidate
            for candidate in name_candidates(self._counts, entity, language, found)
            if candidate.key not in known
        ]
        chances = calibration.chances([candidate.features for candidate in offered], language)
        ranked = sorted(zip(chances, offered, strict=True), key=lambda pair: -pair[0])
        for chance, candidate in ranked[: self._options.candidates]:
            if chance >= minimum and not self._is_foreign(request, candidate):
                text = candidate.text
                if model.routes.groups[candidate.best] == "title":
                    text = model.casing.of_title(text, entity, language)
                yield request.candidate(text, self._evidence(request, candidate, chance))

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

    def _evidence(self, request: TermRequest, candidate: NameCandidate, chance: float) -> Evidence:
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
        return Evidence(
            source=NAME,
            kind=SourceKind.GRAPH,
            from_language=routes.languages[best],
            from_text=candidate.text,
            score=round(chance, 4),
            licence=request.licence,
            note=how + (f"; {others} more of its names say the same" if others else ""),
        )

    def _is_foreign(self, request: TermRequest, candidate: NameCandidate) -> bool:
        """Whether it is in another script than the language, and no item says that such names are
        written so."""
        if in_script(candidate.text, request.language):
            return False
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
