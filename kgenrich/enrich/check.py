"""Judging the names that a graph has: the sources are asked as if it had none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import Group, answer_list, group
from kgenrich.consensus.consensus import LIKELY
from kgenrich.consensus.entity_names import GraphName, foreign_names
from kgenrich.consensus.learned_ranker import LearnedRanker, Model, has_trained_kinds
from kgenrich.consensus.name_judgement import Finding, judge_names
from kgenrich.consensus.pool_ranker import PoolRanker
from kgenrich.consensus.spelling_variants import VARIANT_SOURCE
from kgenrich.consensus.validators import Validator, is_hard
from kgenrich.consensus.vote import score
from kgenrich.languages import site_language
from kgenrich.model import Candidate, Entity, Evidence, Proposal, SourceKind, TermKind, TermRequest
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.text import vote_key

BATCH = 200


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
) -> Iterator[JudgedEntity]:
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
                findings = judge_names(model, language, graph, groups, foreign)
                yield JudgedEntity(entity, language, tuple(findings), tuple(groups))


def unnamed(entity: Entity, language: str) -> Entity:
    """The entity without its names and sitelinks in one language."""
    return replace(
        entity,
        labels={c: t for c, t in entity.labels.items() if c != language},
        aliases={c: t for c, t in entity.aliases.items() if c != language},
        sitelinks={s: t for s, t in entity.sitelinks.items() if site_language(s) != language},
    )


def better_names(judged: JudgedEntity, over: float, validate: Validator) -> list[Proposal]:
    """Proposals for the review queue: for each name that is wrong with a probability of ``over``
    or more, the better name, with the reasons, where it is more probably right than not.

    For a label that is the label to replace it, for an alias another alias. A replacement is right
    where the old label is wrong and the new one right, so its probability is the product of both.
    What the validators forbid is left out.
    """
    by_key = {vote_key(item.candidate.text): item for item in judged.groups}
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
        codes = validate(TermRequest(judged.entity, judged.language, kind), text)
        if any(map(is_hard, codes)):
            continue
        why = [f"instead of {finding.text!r}, wrong with a probability of {finding.wrong:.2f}"]
        if finding.primary:
            why.append(f"a right name with a probability of {chance:.2f}")
            chance = round(finding.wrong * chance, 6)
        item = by_key.get(vote_key(text))
        variant = Evidence(VARIANT_SOURCE, SourceKind.GRAPH, raw=text, note="a variant")
        evidence = item.candidate.evidence if item else (variant,)
        lists = {(piece.kind, answer_list(piece)) for piece in evidence}
        proposals[text] = Proposal(
            Candidate(judged.entity.id, judged.language, kind, text, evidence),
            score=score(item) if item else 0,
            votes=dict(Counter(str(kind) for kind, _ in lists)),
            probability=chance,
            ranker=ranker.name,
            reasons=(*why, *finding.reasons),
            codes=tuple(codes),
            replaces=finding.text if finding.primary else "",
        )
    return list(proposals.values())
