"""Judging the names that a graph has: the sources are asked as if it had none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import Group, answer_list, group
from kgenrich.consensus.consensus import LIKELY
from kgenrich.consensus.judgement_features import GraphName
from kgenrich.consensus.learned_ranker import LearnedRanker, Model, is_known
from kgenrich.consensus.name_judgement import Finding, judge
from kgenrich.consensus.name_likeness import foreign_names
from kgenrich.consensus.pool_ranker import PoolRanker, score
from kgenrich.consensus.spelling_variants import VARIANT_SOURCE
from kgenrich.consensus.validators import Validator, is_hard
from kgenrich.languages import site_language
from kgenrich.model import Candidate, Entity, Evidence, Proposal, SourceKind, TermKind, TermRequest
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.text import vote_key

BATCH = 200


class Checked(Struct, frozen=True):
    """The names of one entity in one language with what was found; ``groups`` are what the
    sources answered."""

    entity: Entity
    language: str
    findings: tuple[Finding, ...]
    groups: tuple[Group, ...]


def check(
    entities: Iterable[Entity],
    languages: Sequence[str],
    collector: CandidateCollector,
    model: Model,
) -> Iterator[Checked]:
    """Judge the names of every entity in every language, in the order given.

    Sources see the entity without its names and sitelinks in the language. Where none answers,
    nothing can be said and nothing is yielded.
    """
    stream = (
        (entity, language)
        for entity in entities
        if not (entity.redirect or entity.deleted)
        for language in languages
        if entity.names(language)
    )
    while batch := list(islice(stream, BATCH)):
        requests = [
            TermRequest(unnamed(entity, language), language, TermKind.LABEL)
            for entity, language in batch
        ]
        answers = collector.candidates(requests)
        for (entity, language), candidates in zip(batch, answers, strict=True):
            if groups := group(candidates):
                label = entity.labels.get(language)
                graph = [GraphName(text, text == label) for text in entity.names(language)]
                foreign = foreign_names(entity, language)
                findings = judge(model, language, graph, groups, foreign)
                yield Checked(entity, language, tuple(findings), tuple(groups))


def unnamed(entity: Entity, language: str) -> Entity:
    """The entity without its names and sitelinks in one language."""
    return replace(
        entity,
        labels={c: t for c, t in entity.labels.items() if c != language},
        aliases={c: t for c, t in entity.aliases.items() if c != language},
        sitelinks={s: t for s, t in entity.sitelinks.items() if site_language(s) != language},
    )


def better_names(checked: Checked, over: float, validate: Validator) -> list[Proposal]:
    """Proposals for the review queue: for each name that is wrong with a probability of ``over``
    or more, the better name, with the reasons, where it is more probably right than not.

    For a label that is the label to replace it, for an alias another alias. A replacement is right
    where the old label is wrong and the new one right, so its probability is the product of both.
    What the validators forbid is left out.
    """
    by_key = {vote_key(item.candidate.text): item for item in checked.groups}
    known = {vote_key(name) for name in checked.entity.names(checked.language)}
    ranker = LearnedRanker if is_known(checked.groups) else PoolRanker
    found: dict[str, Proposal] = {}
    for finding in checked.findings:
        kind = TermKind.LABEL if finding.primary else TermKind.ALIAS
        if finding.wrong < over or not finding.better or finding.better in found:
            continue
        if kind is TermKind.ALIAS and vote_key(finding.better) in known:
            continue
        if finding.better_probability <= LIKELY:
            continue
        codes = validate(TermRequest(checked.entity, checked.language, kind), finding.better)
        if any(map(is_hard, codes)):
            continue
        why = [f"instead of {finding.text!r}, wrong with a probability of {finding.wrong:.2f}"]
        if kind is TermKind.LABEL:
            why.append(f"a right name with a probability of {finding.better_probability:.2f}")
        item = by_key.get(vote_key(finding.better))
        evidence = (
            item.candidate.evidence
            if item
            else (Evidence(VARIANT_SOURCE, SourceKind.GRAPH, raw=finding.better, note="a variant"),)
        )
        lists = {(e.kind, answer_list(e)) for e in evidence}
        candidate = Candidate(checked.entity.id, checked.language, kind, finding.better, evidence)
        chance = finding.better_probability
        if kind is TermKind.LABEL:
            chance = round(finding.wrong * chance, 6)
        found[finding.better] = Proposal(
            candidate,
            score=score(item) if item else 0,
            votes=dict(Counter(str(kind) for kind, _ in lists)),
            probability=chance,
            ranker=ranker.name,
            reasons=(*why, *finding.reasons),
            codes=tuple(codes),
            replaces=finding.text if kind is TermKind.LABEL else "",
        )
    return list(found.values())
