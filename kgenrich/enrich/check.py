"""Judging the names that a graph has: each label is looked at for signs that it is broken, and the
sources are asked as if there were no names.

A whole graph is checked batch by batch, so that a run that is stopped keeps what it found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from msgspec import Struct

from kgenrich.consensus.candidate_groups import GraphName, Group, foreign_names, group, unnamed
from kgenrich.consensus.consensus import LIKELY
from kgenrich.consensus.label_faults.facts import LabelFacts
from kgenrich.consensus.label_faults.judgement import judge_label
from kgenrich.consensus.learned_ranker import LearnedRanker, Model, has_trained_kinds
from kgenrich.consensus.name_judgement import UNSEEN, Finding, judge_names
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.consensus.spelling import VARIANT_SOURCE
from kgenrich.consensus.validators import Validator
from kgenrich.enrich.steps import Counts, Step, run_scope, run_steps
from kgenrich.model import (
    Entity,
    Evidence,
    Proposal,
    Scope,
    SourceKind,
    TermKind,
    TermRequest,
    is_refused,
)
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.sources.fit_cache import Fit
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.keys import chunks
from kgenrich.store.story.runs import latest_harvest
from kgenrich.store.tables import ITEMS
from kgenrich.text import vote_key


class JudgedEntity(Struct, frozen=True):
    """The names of one entity in one language with what was found; ``groups`` are what the
    sources answered."""

    entity: Entity
    language: str
    findings: tuple[Finding, ...]
    groups: tuple[Group, ...]


def judge_entities(
    entities: Iterable[Entity],
    languages: Sequence[str],
    collector: CandidateCollector,
    model: Model,
    licences: Mapping[str, str] = {},
    facts: LabelFacts | None = None,
) -> Iterator[JudgedEntity]:
    """Judge the names of every entity in every language, in the order given. ``licences`` are those
    of what is known of them, by id; ``facts`` what the labels of the graph are like.

    Sources see the entity without its names and sitelinks in the language. Where none answers and
    there are no facts, nothing can be said and nothing is yielded.
    """
    asked = [
        (entity, TermRequest(unnamed(entity, language), language, TermKind.LABEL, licence))
        for entity in entities
        if not (entity.redirect or entity.deleted)
        for licence in [licences.get(entity.id, "")]
        for language in languages
        if entity.names(language)
    ]
    answers = collector.candidates([request for _, request in asked])
    for (entity, request), candidates in zip(asked, answers, strict=True):
        groups = group(candidates)
        language, label = request.language, entity.labels.get(request.language)
        if groups or (facts and label):
            graph = [GraphName(text, text == label) for text in entity.names(language)]
            fault = judge_label(facts, entity, language, label) if facts and label else UNSEEN
            foreign = foreign_names(entity, language)
            findings = judge_names(model, language, graph, groups, foreign, fault)
            yield JudgedEntity(entity, language, tuple(findings), tuple(groups))


def better_names(judged: JudgedEntity, over: float, validate: Validator) -> list[Proposal]:
    """Proposals for the review queue: for each name that is wrong with a probability of ``over``
    or more, the better name, with the reasons, where it is more probably right than not.

    For a label that is the label to replace it, for an alias another alias. A replacement is right
    where the old label is wrong and the new one right, so its probability is the product of both.
    What the validators forbid is left out.
    """
    evidence = {vote_key(g.candidate.text): g.candidate.evidence for g in judged.groups}
    known = {vote_key(name) for name in judged.entity.names(judged.language)}
    ranker = LearnedRanker if has_trained_kinds(judged.groups) else PoolRanker
    proposals: dict[str, Proposal] = {}
    for finding in judged.findings:
        text, chance = finding.better, finding.better_probability
        if finding.wrong < over or chance <= LIKELY or not text or text in proposals:
            continue
        if not finding.primary and vote_key(text) in known:
            continue
        kind = TermKind.LABEL if finding.primary else TermKind.ALIAS
        request = TermRequest(judged.entity, judged.language, kind)
        codes = validate(request, text)
        if is_refused(codes):
            continue
        why = [f"instead of {finding.text!r}, wrong with a probability of {finding.wrong:.2f}"]
        if finding.primary:
            why.append(f"a right name with a probability of {chance:.2f}")
            chance = round(finding.wrong * chance, 6)
        variant = Evidence(VARIANT_SOURCE, SourceKind.GRAPH, raw=text, note="a variant")
        pieces = evidence.get(vote_key(text), (variant,))
        support = Group(request.candidate(text, *pieces), (text,))
        proposals[text] = Proposal(
            support.candidate,
            score=support.score,
            votes=support.votes,
            probability=chance,
            ranker=ranker.name,
            reasons=(*why, *finding.reasons),
            codes=tuple(codes),
            replaces=finding.text if finding.primary else "",
        )
    return list(proposals.values())


class CheckCounts(Counts):
    """What happened: names judged, beside `Counts`, whose proposals are the better names;
    ``before`` counts the entities that a stopped run had checked."""

    before: int = 0
    judged: int = 0

    @property
    def done(self) -> int:
        return self.before + self.entities

    @property
    def note(self) -> str:
        return f"{self.proposals} better names for {self.judged} judged"


def check_graph(
    store: Store,
    sources: Sequence[Source],
    model: Model,
    validate: Validator,
    scope: Scope,
    settings_hash: str,
    *,
    over: float,
    facts: LabelFacts | None = None,
    limit: int | None = None,
    batch: int = 200,
    dry_run: bool = False,
    fits: Mapping[str, Fit] = MappingProxyType({}),
    progress: Progress = SILENT,
) -> tuple[CheckCounts, list[JudgedEntity], CandidateCollector]:
    """Judge the names of the graph in the languages of a scope and put better ones into the review
    queue: what is wrong with a probability of ``over`` is doubtful.

    ``facts`` are what the labels of the graph are like. ``limit`` and ``batch`` count entities.
    Returns the counts, where something is
    doubtful, and the collector, which knows what failed.
    """
    counts = CheckCounts()
    doubtful: list[JudgedEntity] = []

    def steps(collector: CandidateCollector, position: str) -> Iterator[Step]:
        done, _, after = position.partition(" ")
        counts.before = int(done or 0)
        named = _named(store, scope, after or None)
        if limit is not None:
            named = islice(named, max(limit - counts.before, 0))
        for entities in chunks(named, batch):
            suspects = []
            licences = StoreGraph(store).licences(entity.id for entity in entities)
            for one in judge_entities(entities, scope.languages, collector, model, licences, facts):
                counts.judged += len(one.findings)
                if any(finding.wrong >= over for finding in one.findings):
                    suspects.append(one)
            doubtful.extend(suspects)
            better = [name for one in suspects for name in better_names(one, over, validate)]
            yield Step(entities, better, f"{counts.done + len(entities)} {entities[-1].id}")

    # After another harvest the graph is another one, and a run over it begins anew.
    told = {"over": over, "harvest": latest_harvest(store)} | run_scope(scope, sources, limit)
    collector = run_steps(
        store,
        sources,
        "check",
        told,
        settings_hash,
        steps,
        counts,
        progress,
        dry_run=dry_run,
        fits=fits,
    )
    return counts, doubtful, collector


def _named(store: Store, scope: Scope, after: str | None) -> Iterator[Entity]:
    """Entities of the class and types (items where none are named) that have a name in one of the
    languages, in key order."""
    types = scope.types or ITEMS
    return (
        entity
        for entity in StoreGraph(store).entities(after=after)
        if entity.type in types
        if scope.class_id is None or scope.class_id in entity.classes
        if not scope.ids or entity.id in scope.ids
        if any(entity.names(code) for code in scope.languages)
    )
