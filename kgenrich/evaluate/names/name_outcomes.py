"""What sources propose for names that were held out: all together, each kind of source, and each
part of what the graph teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from kgenrich.consensus.consensus import Consensus
from kgenrich.evaluate.names.held_out_names import HeldOutNames, first_name
from kgenrich.languages import script
from kgenrich.model import Candidate, SourceKind, TermRequest, is_refused
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.sources.graph.names import NAME, Names, RankedName
from kgenrich.text import vote_key

ALL = "all"
"""The system that is what the tool proposes: all sources, and the consensus of them."""

DICTIONARIES = "dictionaries"
FEW_DATA = 10_000
"""Names of a language in the file below which its data are few."""

_SHOWN = 3
_BATCH = 500

Answers = tuple[tuple[str, float], ...]
"""Texts with their probabilities, the best first."""


class NameOutcome(Struct, frozen=True):
    """The best three answers of each system to one request, and the slices that it belongs to."""

    entity: str
    language: str
    gold: tuple[str, ...]
    answers: Mapping[str, Answers]
    slices: tuple[str, ...]

    def rank(self, system: str) -> int:
        """The place of the first right answer of a system, from 1; 0 where none is right."""
        right = set(map(vote_key, self.gold))
        answers = self.answers.get(system, ())
        return next((n for n, (text, _) in enumerate(answers, 1) if vote_key(text) in right), 0)


def outcomes(
    held: HeldOutNames,
    collector: CandidateCollector,
    consensus: Consensus,
    few: frozenset[str] = frozenset(),
    progress: Progress = SILENT,
) -> list[NameOutcome]:
    """Ask the sources for all that was held out. ``few`` are the languages with few data."""
    names = next((source for source in collector.sources if isinstance(source, Names)), None)
    found = []
    for begin in range(0, len(held.requests), _BATCH):
        requests = held.requests[begin : begin + _BATCH]
        gold = held.gold[begin : begin + _BATCH]
        ranked = names.ranked(requests) if names else [[] for _ in requests]
        answered = collector.candidates(requests)
        for request, right, candidates, mine in zip(requests, gold, answered, ranked, strict=True):
            proposals = (
                (one.candidate.text, one.probability)
                for one in consensus.propose(request, candidates)
                if not is_refused(one.codes)
            )
            systems = {ALL: tuple(proposals)[:_SHOWN], DICTIONARIES: _of_dictionaries(candidates)}
            if names:
                systems[NAME] = _best(mine)
                for part in dict.fromkeys(part for one in mine for part in one.parts):
                    systems[part] = _best([one for one in mine if part in one.parts])
            slices = slices_of(request, held.classes, few)
            asked = request.entity.id, request.language
            found.append(NameOutcome(*asked, right, systems, slices))
        progress.update(len(found))
    return found


def _best(ranked: Sequence[RankedName]) -> Answers:
    return tuple((one.text, one.probability) for one in ranked[:_SHOWN])


def _of_dictionaries(candidates: Sequence[Candidate]) -> Answers:
    sure = [
        (candidate.text, max(e.score or 0.0 for e in evidence))
        for candidate in candidates
        if (evidence := [e for e in candidate.evidence if e.kind is SourceKind.DICTIONARY])
    ]
    return tuple(sorted(sure, key=lambda answer: -answer[1])[:_SHOWN])


def slices_of(
    request: TermRequest, classes: frozenset[str], few: frozenset[str]
) -> tuple[str, ...]:
    """What a request is counted with: its language and script, and what its first name looks
    like; whether it is a class or an instance only where classes are known."""
    name, entity, language = first_name(request), request.entity, request.language
    written = script(language)
    slices = [language, written, "Latin script" if written == "Latn" else "other scripts"]
    slices.append("one word" if len(name.split()) < 2 else "many words")
    if name[:1].lower() != name[:1].upper():
        slices.append("lower case" if name[:1].islower() else "upper case")
    if entity.id in classes:
        slices.append("class items")
    elif entity.classes:
        slices.append("instances")
    if language in few:
        slices.append("few data")
    return tuple(slices)
