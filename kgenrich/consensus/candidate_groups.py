"""The names that are judged: those that sources give, equal ones as one group with all the evidence
for it, those that the graph has, and those in other languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.languages import site_language, variants
from kgenrich.model import MUL, Candidate, Entity, Evidence, SourceKind, evidence_for
from kgenrich.text import vote_key

MOST_FOREIGN = 64
"""So many names in other languages are looked at."""

_WIDEST_SPOKEN = ("en", MUL, "de", "fr", "es", "it", "ru", "ja", "zh", "ar")


class Group(Struct, frozen=True):
    """The candidates of one request that are equal in normal form (`kgenrich.text.vote_key`).

    ``candidate`` is the best-supported way of writing it and carries the evidence of all;
    ``spellings`` are the texts, best first; ``allies`` the groups of other wordings of the same
    meaning, most alike first (`kgenrich.consensus.description_agreement`).
    """

    candidate: Candidate
    spellings: tuple[str, ...]
    allies: tuple[Ally, ...] = ()

    @property
    def _lists(self) -> set[tuple[SourceKind, str]]:
        every = (self, *(ally.group for ally in self.allies))
        return {(e.kind, answer_list(e)) for item in every for e in item.candidate.evidence}

    @property
    def score(self) -> int:
        """The answer lists that hold the name or an ally, but for one: no source votes for
        itself."""
        return len(self._lists) - 1

    @property
    def votes(self) -> dict[str, int]:
        """The answer lists that hold it or an ally, by kind of source."""
        return dict(sorted(Counter(str(kind) for kind, _ in self._lists).items()))


class Ally(Struct, frozen=True):
    """A group that speaks for another, and how alike their wordings are, in [0, 1]."""

    group: Group
    likeness: float


def answer_list(evidence: Evidence) -> str:
    """The name of the answer list that evidence belongs to: one source asked from one language."""
    return ":".join(filter(None, (evidence.source, evidence.from_language)))


def group(candidates: Iterable[Candidate]) -> list[Group]:
    """Group the candidates of one request, the best-supported group first.

    Candidates without a single letter or digit are left out: they have no normal form.
    """
    by_key: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        key = vote_key(candidate.text)
        if key:
            by_key.setdefault(key, []).append(candidate)
    groups = [_merge(members) for members in by_key.values()]
    return sorted(groups, key=lambda g: (*_support(g.candidate.evidence), g.candidate.text))


def _merge(members: Sequence[Candidate]) -> Group:
    evidence: dict[str, list[Evidence]] = {}
    for member in members:
        evidence.setdefault(member.text, []).extend(member.evidence)
    spellings = sorted(evidence, key=lambda text: (*_support(evidence[text]), text))
    best = spellings[0]
    given = ((text, piece) for text in spellings for piece in dict.fromkeys(evidence[text]))
    candidate = replace(members[0], text=best, evidence=evidence_for(best, given))
    return Group(candidate, tuple(spellings))


def _support(items: Sequence[Evidence]) -> tuple[int, int, float]:
    """Sort key: most kinds, then most answer lists, then the highest total score first."""
    return (
        -len({item.kind for item in items}),
        -len({answer_list(item) for item in items}),
        -sum(item.score or 0.0 for item in items),
    )


class Name(Struct, gc=False):
    """One name of a candidate set with what speaks for it.

    ``votes`` are the answer lists of graph, translation and search sources that hold it,
    ``mentions`` those with every spelling counted, ``models`` the best rank by language model.
    ``primary`` says whether some list has it first.
    """

    text: str
    key: str
    votes: int = 0
    mentions: int = 0
    models: Mapping[str, int] = {}
    primary: bool = False
    spellings: int = 1

    @property
    def total(self) -> int:
        """Answer lists that hold the name."""
        return self.votes + len(self.models)


class GraphName(Struct, frozen=True):
    """A name that the graph has; ``primary`` for the label, False for an alias."""

    text: str
    primary: bool


class ForeignName(Struct, frozen=True):
    """A name that the entity has in another language."""

    language: str
    text: str


class EntityNames(Struct, frozen=True):
    """One entity in one language: the ``candidates`` of sources, the names that the ``graph`` has,
    which may be judged by them, and the ``foreign`` ones."""

    language: str
    candidates: Sequence[Name]
    graph: Sequence[GraphName] = ()
    foreign: Sequence[ForeignName] = ()


def name_of(item: Group) -> Name:
    """The name that a group of equal candidates stands for."""
    text, every = item.candidate.text, item.candidate.evidence
    models: dict[str, int] = {}
    for evidence in every:
        if evidence.kind is SourceKind.LLM:
            best = models.get(evidence.source, evidence.rank)
            models[evidence.source] = min(best, evidence.rank)
    lists = [answer_list(evidence) for evidence in every if evidence.kind is not SourceKind.LLM]
    primary = any(evidence.rank == 1 for evidence in every)
    votes, mentions = len(set(lists)), len(lists)
    return Name(text, vote_key(text), votes, mentions, models, primary, len(item.spellings))


def foreign_names(entity: Entity, language: str) -> tuple[ForeignName, ...]:
    """The entity's names in languages other than this one, the widest spoken first."""
    order = {code: place for place, code in enumerate(_WIDEST_SPOKEN)}
    codes = sorted(
        entity.labels.keys() | entity.aliases.keys(), key=lambda c: (order.get(c, len(order)), c)
    )
    own = {language, *variants(language)}
    every = (ForeignName(c, text) for c in codes if c not in own for text in entity.names(c))
    return tuple(islice(every, MOST_FOREIGN))


def unnamed(entity: Entity, *languages: str) -> Entity:
    """The entity without its names and sitelinks in these languages."""
    return replace(
        entity,
        labels={c: t for c, t in entity.labels.items() if c not in languages},
        aliases={c: t for c, t in entity.aliases.items() if c not in languages},
        sitelinks={s: t for s, t in entity.sitelinks.items() if site_language(s) not in languages},
    )
