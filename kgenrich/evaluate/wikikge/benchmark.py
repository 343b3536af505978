"""WikiKGE-10 (Conia et al., EMNLP 2023): its items, and its two official scorers.

Names in ``wikidata`` of the target language are nearly all judged: for coverage they are the
answer and never evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from kgenrich.consensus.candidate_groups import EntityNames, ForeignName, GraphName, group, name_of
from kgenrich.consensus.ranker_training import Lesson
from kgenrich.model import Candidate, Evidence, SourceKind, TermKind

VOTERS = "m-nta"
"""The source name of the votes that translation and web search gave; they are not told apart."""


class Item(Struct, frozen=True):
    """One entity in one language.

    ``names`` are those of the graph, ``primary`` is parallel to them; ``scores`` the M-NTA score
    with GPT-4 by name; ``models`` the names by language model in the order of the answer;
    ``foreign`` the entity's names in other languages, as far as they are known.
    """

    id: str
    language: str
    correct: tuple[str, ...]
    incorrect: tuple[str, ...]
    names: tuple[str, ...] = ()
    primary: tuple[bool, ...] = ()
    scores: Mapping[str, int] = {}
    first: frozenset[str] = frozenset()
    models: Mapping[str, tuple[str, ...]] = {}
    foreign: tuple[ForeignName, ...] = ()

    def candidates(self) -> list[Candidate]:
        """The recorded answers as candidates with evidence, without any name of the graph.

        A score counts the answers that hold a name, GPT-4's own included, so that what is left
        are votes of translation and search; each becomes evidence from a list of its own.
        """
        evidence: dict[str, list[Evidence]] = {}
        held = frozenset(self.models.get("gpt-4", ()))
        for name, score in self.scores.items():
            rank = 1 if name in self.first else 2
            evidence[name] = [
                Evidence(VOTERS, SourceKind.MT, from_language=str(i), rank=rank, raw=name)
                for i in range(score - (name in held))
            ]
        for model, names in self.models.items():
            for rank, name in enumerate(names, 1):
                answer = Evidence(model, SourceKind.LLM, rank=rank, raw=name)
                evidence.setdefault(name, []).append(answer)
        return [
            Candidate(self.id, self.language, TermKind.LABEL, name, tuple(items))
            for name, items in evidence.items()
        ]

    @property
    def entity_names(self) -> EntityNames:
        """The recorded answers and the names of the graph, as the ranker takes them."""
        candidates = [name_of(item) for item in group(self.candidates())]
        graph = [GraphName(t, p) for t, p in zip(self.names, self.primary, strict=True)]
        return EntityNames(self.language, candidates, graph, self.foreign)

    @property
    def lesson(self) -> Lesson:
        """What the ranker is to learn from it."""
        gold = {normal(name) for name in self.correct}
        return Lesson(
            self.id,
            self.entity_names,
            lambda text: normal(text) in gold,
            len(gold),
            frozenset(self.incorrect),
        )


class Score(Struct, frozen=True):
    """Precision, recall and F1 in per cent."""

    p: float
    r: float
    f1: float


def score(p: float, r: float) -> Score:
    """From shares to per cent, with their harmonic mean."""
    return Score(100 * p, 100 * r, 200 * p * r / (p + r) if p + r else 0.0)


def normal(text: str) -> str:
    """The benchmark's normal form: lower case, only alphanumeric characters and spaces.

    >>> normal("Rock 'n' Roll (album)")
    'rock n roll album'
    """
    return "".join(c for c in text.lower() if c.isalnum() or c == " ")


def coverage(items: Sequence[Item], proposed: Sequence[Iterable[str]]) -> Score:
    """The official coverage scorer: micro-averaged over the sets of normal forms.

    ``proposed`` holds the proposed names of each item.
    """
    hits = given = wanted = 0
    for item, names in zip(items, proposed, strict=True):
        gold = {normal(name) for name in item.correct}
        offered = {normal(name) for name in names}
        hits += len(gold & offered)
        given += len(offered)
        wanted += len(gold)
    return score(hits / max(1, given), hits / max(1, wanted))


def precision(items: Sequence[Item], proposed: Sequence[Iterable[str]]) -> Score:
    """The official precision scorer: "P" is the accuracy over all judged names, right ones being
    proposed and wrong ones not; "R" the share of wrong names that are not proposed.
    """
    kept = dropped = judged = wrong = 0
    for item, names in zip(items, proposed, strict=True):
        offered = {normal(name) for name in names}
        kept += sum(normal(name) in offered for name in item.correct)
        dropped += sum(normal(name) not in offered for name in item.incorrect)
        judged += len(item.correct) + len(item.incorrect)
        wrong += len(item.incorrect)
    return score((kept + dropped) / max(1, judged), dropped / max(1, wrong))


def errors(items: Sequence[Item], called_wrong: Sequence[Iterable[str]]) -> Score:
    """Finding the wrong names among those that the graph really has, each as it is written.

    ``called_wrong`` holds the names of each item that a system calls wrong.
    """
    hits = called = wrong = 0
    for item, names in zip(items, called_wrong, strict=True):
        bad = set(item.incorrect) & set(item.names)
        flagged = set(names) & set(item.names)
        hits += len(bad & flagged)
        called += len(flagged)
        wrong += len(bad)
    return score(hits / max(1, called), hits / max(1, wrong))
