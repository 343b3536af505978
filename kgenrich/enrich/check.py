"""Judging the names that a graph has: the sources are asked as if it had none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.alike import foreign_names
from kgenrich.consensus.group import Group, answer_list, group
from kgenrich.consensus.judge import Finding, judge
from kgenrich.consensus.judge_features import GraphName
from kgenrich.consensus.pool import PoolRanker, score
from kgenrich.consensus.ranker import LearnedRanker, Model, is_known
from kgenrich.consensus.variants import VARIANT_SOURCE
from kgenrich.enrich.aliases import LIKELY
from kgenrich.languages import site_language
from kgenrich.model import Candidate, Entity, Evidence, Proposal, SourceKind, TermKind, TermRequest
from kgenrich.sources.panel import Panel
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
    entities: Iterable[Entity], languages: Sequence[str], panel: Panel, model: Model
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
        answers = panel.candidates(requests)
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


def better_names(checked: Checked, over: float) -> list[Proposal]:
    """Proposals for the review queue: for each name that is wrong with a probability of ``over``
    or more, the better name as an alias, with the reasons, where it is more probably right than
    not."""
    by_key = {vote_key(item.candidate.text): item for item in checked.groups}
    known = {vote_key(name) for name in checked.entity.names(checked.language)}
    ranker = LearnedRanker if is_known(checked.groups) else PoolRanker
    found: dict[str, Proposal] = {}
    for finding in checked.findings:
        if finding.wrong < over or not finding.better or vote_key(finding.better) in known:
            continue
        if finding.better_probability <= LIKELY:
            continue
        why = f"instead of {finding.text!r}, wrong with a probability of {finding.wrong:.2f}"
        item = by_key.get(vote_key(finding.better))
        evidence = (
            item.candidate.evidence
            if item
            else (Evidence(VARIANT_SOURCE, SourceKind.GRAPH, raw=finding.better, note="a variant"),)
        )
        lists = {(e.kind, answer_list(e)) for e in evidence}
        candidate = Candidate(
            checked.entity.id, checked.language, TermKind.ALIAS, finding.better, evidence
        )
        found[finding.better] = Proposal(
            candidate,
            score=score(item) if item else 0,
            votes=dict(Counter(str(kind) for kind, _ in lists)),
            probability=finding.better_probability,
            ranker=ranker.name,
            reasons=(why, *finding.reasons),
        )
    return list(found.values())
