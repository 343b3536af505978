"""Which names that a graph has are wrong: probability, reason, and the better name.

A language may have a name of its own for an entity. So what the graph's other languages call it is
no reason to call a label wrong: that takes a sign that the label is broken
(`kgenrich.consensus.label_faults`), or what others than the graph say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import EntityNames, ForeignName, GraphName, Group, name_of
from kgenrich.consensus.label_faults.judgement import SHARE_WRONG, Fault
from kgenrich.consensus.learned_ranker import (
    JudgedName,
    Model,
    estimate_of,
    has_trained_kinds,
    is_estimate,
)
from kgenrich.consensus.rankers import against, pooled
from kgenrich.consensus.spelling import unaccented
from kgenrich.languages import in_script
from kgenrich.model import SourceKind
from kgenrich.text import strip_qualifier, vote_key

FIND = 0.24
"""Calls a name wrong where finding errors matters: the best F1 of finding them on WikiKGE-10
(out of fold) is at about this probability."""
SURE = 0.11
"""Keeps a name only where it is most likely right: the best official precision F1 there."""
UNSEEN = Fault(SHARE_WRONG)
"""Of a label that nobody looked at."""
BETTER = 0.3
"""A better name is offered from this probability of being right."""


class Finding(Struct, frozen=True):
    """A name of the graph: how probably it is ``wrong``, why (sentences for people), and the
    most probable other name with its probability of being right (empty and 0 for none)."""

    text: str
    primary: bool
    wrong: float
    reasons: tuple[str, ...] = ()
    better: str = ""
    better_probability: float = 0.0


def judge_names(
    model: Model,
    language: str,
    graph: Sequence[GraphName],
    groups: Sequence[Group],
    foreign: Sequence[ForeignName] = (),
    fault: Fault = UNSEEN,
) -> list[Finding]:
    """Judge an entity's names in one language by what sources call it.

    ``groups`` are the candidates of sources that did not see these names, ``foreign`` the
    entity's names in other languages, ``fault`` what its label itself gives away. Where neither
    translation nor a language model speaks, only the label is judged, by that and by its rivals:
    few sources give aliases, so silence says nothing of them.
    """
    if not graph:
        return []
    known = {vote_key(name.text) for name in graph}
    if not has_trained_kinds(groups):
        return _by_rivals(graph, groups, known, fault)
    names = [name_of(group) for group in groups]
    entity = EntityNames(language, names, graph, foreign)
    (doubts,), (candidates,) = model.wrong([entity]), model.judge([entity])
    judged = _at_least_estimates(candidates, groups)
    lists = {name.key: name.total for name in names}
    findings = []
    for name, wrong in zip(graph, doubts, strict=True):
        chance, better = _better(name, wrong, judged, known)
        reasons = tuple(_reasons(name, graph, lists, language))
        if name.primary and fault.probability > wrong:
            wrong, reasons = fault.probability, fault.reasons + reasons
        findings.append(
            Finding(name.text, name.primary, round(wrong, 6), reasons, better, round(chance, 6))
        )
    return findings


def _by_rivals(
    graph: Sequence[GraphName], groups: Sequence[Group], known: set[str], fault: Fault
) -> list[Finding]:
    """The label by its fault, and against the most probable name that the graph lacks, as those see
    it that do not only look at the graph."""
    everyone = _chances(groups)
    outside = _chances(list(_not_of_graph(groups)))
    rival, chance = _most_probable(everyone, known)
    _, against_it = _most_probable(outside, known)
    findings = []
    for label in (name.text for name in graph if name.primary):
        own = everyone.get(vote_key(label), ("", 0.0))[1]
        right = against(1 - (1 - own) * fault.probability, against_it)
        reasons = list(fault.reasons)
        if groups:
            reasons.append(f"the sources give it a probability of {own:.2f}")
        if rival:
            reasons.append(f"and {rival!r} one of {chance:.2f}")
        offer = (rival, round(chance, 6)) if chance >= max(BETTER, right) else ("", 0.0)
        findings.append(Finding(label, True, round(1 - right, 6), tuple(reasons), *offer))
    return findings


def _chances(groups: Sequence[Group]) -> dict[str, tuple[str, float]]:
    """Text and pooled probability by normal form."""
    return {
        vote_key(group.candidate.text): (group.candidate.text, chance)
        for group, chance in zip(groups, pooled(groups), strict=True)
    }


def _most_probable(chances: dict[str, tuple[str, float]], known: set[str]) -> tuple[str, float]:
    rivals = (rival for key, rival in chances.items() if key not in known)
    return max(rivals, key=lambda rival: (rival[1], rival[0]), default=("", 0.0))


def _not_of_graph(groups: Sequence[Group]) -> Iterator[Group]:
    for group in groups:
        evidence = tuple(e for e in group.candidate.evidence if e.kind is not SourceKind.GRAPH)
        if evidence:
            yield replace(group, candidate=replace(group.candidate, evidence=evidence))


def _at_least_estimates(judged: Sequence[JudgedName], groups: Sequence[Group]) -> list[JudgedName]:
    """What only estimates speak for has the probability that these give it, the model has never
    seen such; no name has less."""
    result = []
    for item in judged:
        group = groups[item.name]
        own = 0.0 if item.rule else estimate_of(group)
        unseen = all(is_estimate(evidence) for evidence in group.candidate.evidence)
        if unseen or own > item.probability:
            item = replace(item, probability=own)
        result.append(item)
    return result


def _better(
    name: GraphName, wrong: float, judged: Sequence[JudgedName], known: set[str]
) -> tuple[float, str]:
    """For a label the most probable name, else the most probable that the graph lacks, with its
    probability; none where it is no more probable than the name itself."""
    key = vote_key(name.text)
    others = (
        (item.probability, item.text)
        for item in judged
        if item.probability >= max(BETTER, 1 - wrong)
        and (other := vote_key(item.text)) != key
        and (name.primary or other not in known)
    )
    return max(others, default=(0.0, ""))


def _reasons(
    name: GraphName, graph: Sequence[GraphName], lists: dict[str, int], language: str
) -> list[str]:
    text = name.text
    held, most = lists.get(vote_key(text), 0), max(lists.values(), default=0)
    reasons = [f"given by {held} of the sources' answers, the most agreed name by {most}"]
    for other in (other.text for other in graph if other.text != text):
        if vote_key(other) == vote_key(text):
            reasons.append(f"the same as {other!r} but for case or punctuation")
        elif unaccented(other) == unaccented(text) and unaccented(text) == text:
            reasons.append(f"{other!r} without its accents")
    if not in_script(text, language):
        reasons.append("in another script than the language's")
    if strip_qualifier(text) != text:
        reasons.append("with a qualifier in brackets")
    return reasons
