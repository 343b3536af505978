"""What a comparison is worth: the chance that an entity is the one that is meant.

It is learned on the graph itself. Names are taken out of what is found and asked for: as they are
where the entity has others, with a letter wrong, with the words in another order; and of every
fifth entity all names are taken out, so that whatever is found is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import fit, probability
from kgenrich.matching.comparison import FEATURES, Compared, Floats, compare
from kgenrich.matching.name_index import RETRIEVED, NameIndex
from kgenrich.matching.name_rows import NameRow
from kgenrich.store.facts.names import EntityNames

ASKED = 1500
"""Questions that are learned from."""

_KINDS = 5
_LOOKED_AT = 10
_PRIOR = {
    "constant": -6.0,
    "same_name": 3.0,
    "word_likeness": 4.0,
    "sound_likeness": 2.0,
    "best": 1.0,
}
"""Where few names are: likeness counts."""
_RIDGE = 1.0


class Question(NamedTuple):
    """A name that is asked for, the key of the entity that is meant, and the texts that are not to
    be found of it (None: none of its names)."""

    text: str
    key: int
    without: frozenset[str] | None


class Chances(Struct, frozen=True):
    """Coefficients, one a feature."""

    coefficients: tuple[float, ...]

    def of(self, compared: Sequence[Compared]) -> Floats:
        """The chance of each entity (n,), of which one at most is meant."""
        if not compared:
            return np.zeros(0)
        rows = np.stack([one.features for one in compared])
        found = probability(rows, np.array(self.coefficients))
        return np.asarray(found / max(found.sum(), 1.0))


def learn(index: NameIndex, entities: Iterable[EntityNames], seed: int = 0) -> Chances:
    """Learn from the names of some entities, in random order."""
    rows, right = [], []
    for question in _questions(entities, Random(seed)):
        for one in ask(index, question)[:_LOOKED_AT]:
            rows.append(one.features)
            right.append(float(one.row.key == question.key))
    start = np.array([_PRIOR.get(name, 0.0) for name in FEATURES])
    if not rows:
        return Chances(tuple(start.tolist()))
    ridge, lowest = np.full(len(FEATURES), _RIDGE), np.full(len(FEATURES), -np.inf)
    found = fit(np.stack(rows), np.array(right), np.ones(len(rows)), ridge, start, lowest)
    return Chances(tuple(found.tolist()))


def ask(index: NameIndex, question: Question) -> list[Compared]:
    """What is found for a question."""
    more = 0 if question.without == frozenset() else RETRIEVED
    rows = index.search(question.text, most=RETRIEVED + more)
    return compare(question.text, [row for row in rows if not _is_hidden(row, question)])


def _is_hidden(row: NameRow, question: Question) -> bool:
    if row.key != question.key:
        return False
    return question.without is None or row.text in question.without


def _questions(entities: Iterable[EntityNames], random: Random) -> Iterator[Question]:
    """Questions of each kind about as often; where there are few entities several of each."""
    some = list(islice(entities, ASKED))
    turns = (entity for _ in range(_KINDS) for entity in some)
    for number, entity in enumerate(islice(turns, ASKED)):
        # Where the number of entities is one of that of kinds, each would get one kind alone.
        kind = (number + number // len(some)) % _KINDS
        text = random.choice(entity.names)
        if kind == 0:
            yield Question(text, entity.key, None)
        elif kind == 1 and len(entity.names) > 1:
            yield Question(text, entity.key, frozenset((text,)))
        elif kind == 2 and len(words := text.split()) > 1:
            yield Question(" ".join(reversed(words)), entity.key, frozenset())
        elif kind == 3:
            yield Question(misspelt(text, random), entity.key, frozenset())
        else:
            yield Question(text, entity.key, frozenset())


def misspelt(text: str, random: Random) -> str:
    """A text with one letter left out, added, exchanged for another or for the next one.

    >>> misspelt("Berlin", Random(1))
    'Brlin'
    """
    letters = [place for place, char in enumerate(text) if char.isalpha()]
    if not letters:
        return text
    place = random.choice(letters)
    other = text[random.choice(letters)]
    match random.randrange(4):
        case 0:
            return text[:place] + text[place + 1 :]
        case 1:
            return text[:place] + other + text[place:]
        case 2:
            return text[:place] + other + text[place + 1 :]
        case _:
            return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
