"""The names of an entity as the ranker looks at them: candidates with what speaks for them, names
that the graph has, and names in other languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec import Struct

from kgenrich.consensus.candidate_groups import Group, answer_list
from kgenrich.languages import variants
from kgenrich.model import MUL, Entity, SourceKind
from kgenrich.text import vote_key

MOST_FOREIGN = 64
"""So many names in other languages are looked at."""

_WIDEST_SPOKEN = ("en", MUL, "de", "fr", "es", "it", "ru", "ja", "zh", "ar")


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
    lists: set[str] = set()
    mentions = 0
    models: dict[str, int] = {}
    primary = False
    for evidence in item.candidate.evidence:
        primary = primary or evidence.rank == 1
        if evidence.kind is SourceKind.LLM:
            best = models.get(evidence.source, evidence.rank)
            models[evidence.source] = min(best, evidence.rank)
        else:
            mentions += 1
            lists.add(answer_list(evidence))
    text = item.candidate.text
    return Name(text, vote_key(text), len(lists), mentions, models, primary, len(item.spellings))


def foreign_names(entity: Entity, language: str) -> tuple[ForeignName, ...]:
    """The entity's names in languages other than this one, the widest spoken first."""
    order = {code: place for place, code in enumerate(_WIDEST_SPOKEN)}
    codes = sorted(
        entity.labels.keys() | entity.aliases.keys(), key=lambda c: (order.get(c, len(order)), c)
    )
    own = {language, *variants(language)}
    every = (ForeignName(c, text) for c in codes if c not in own for text in entity.names(c))
    return tuple(islice(every, MOST_FOREIGN))
