"""Which names that a graph has are wrong: probability, reason, and the better name."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import EntityNames, ForeignName, GraphName, Group, name_of
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
from kgenrich.text import strip_qualifier, vote_key

FIND = 0.24
"""Calls a name wrong where finding errors matters: the best F1 of finding them on WikiKGE-10
(out of fold) is at about this probability."""
SURE = 0.11
"""Keeps a name only where it is most likely right: the best official precision F1 there."""
LABELS_WRONG = 0.03
"""The share of wrong ones among the labels of WikiKGE-10."""
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
) -> list[Finding]:
    """Judge an entity's names in one language by what sources call it.

    ``groups`` are the candidates of sources that did not see these names, ``foreign`` the
    entity's names in other languages. Where neither translation nor a language model speaks, only
    the label is judged, by its rivals: few sources give aliases, so silence says nothing of them.
    """
    if not graph:
        return []
    known = {vote_key(name.text) for name in graph}
    if not has_trained_kinds(groups):
        return _by_rivals(graph, groups, known)
    names = [name_of(group) for group in groups]
    entity = EntityNames(language, names, graph, foreign)
    (doubts,), (candidates,) = model.wrong([entity]), model.judge([entity])
    judged = _at_least_estimates(candidates, groups)
    lists = {name.key: name.total for name in names}
    findings = []
    for name, wrong in zip(graph, doubts, strict=True):
        chance, better = _better(name, wrong, judged, known)
        reasons = tuple(_reasons(name, graph, lists, language))
        findings.append(
            Finding(name.text, name.primary, round(wrong, 6), reasons, better, round(chance, 6))
        )
    return findings


def _by_rivals(
    graph: Sequence[GraphName], groups: Sequence[Group], known: set[str]
) -> list[Finding]:
    """The label against the most probable name that the graph lacks, as the pool sees both."""
    chances = {
        vote_key(group.candidate.text): (chance, group.candidate.text)
        for group, chance in zip(groups, pooled(groups), strict=True)
    }
    rivals = (rival for key, rival in chances.items() if key not in known)
    chance, rival = max(rivals, default=(0.0, ""))
    findings = []
    for label in (name.text for name in graph if name.primary):
        own = chances.get(vote_key(label), (0.0, ""))[0]
        right = against(1 - (1 - own) * LABELS_WRONG, chance)
        reasons = [f"the sources give it a probability of {own:.2f}"]
        if rival:
            reasons.append(f"and {rival!r} one of {chance:.2f}")
        offer = (rival, round(chance, 6)) if chance >= max(BETTER, right) else ("", 0.0)
        findings.append(Finding(label, True, round(1 - right, 6), tuple(reasons), *offer))
    return findings


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
