"""Training text for the four kinds of knowledge (Hou et al., 2022), made from entities.

EP: two names of one entity. TP: "subject relation" and object. ES: a name and a text about the
entity. TS: "subject relation object" and a text that mentions the object. Names in texts are
replaced by names in other languages (code-switching, centred on entities), and a transliteration
is one more name.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from kgenrich.adapters.ngrams import ascii_form, normal_form
from kgenrich.model import Entity

Part = Literal["EP", "TP", "ES", "TS"]
PARTS: tuple[Part, ...] = get_args(Part)
TextPair = tuple[str, str, str]
"""(entity id, left text, right text)."""

_MOST_OF_ONE = 8
_SWITCHED = 0.5


def text_pairs(
    part: Part, entities: Sequence[Entity], relations: Mapping[str, str], seed: int = 0
) -> list[TextPair]:
    """The pairs of one kind, at most eight an entity, the same for the same seed.

    ``relations`` names properties (``P19``: "place of birth"); one without a name is left out.
    """
    rng = random.Random(seed)
    known = {entity.id: entity for entity in entities}
    make = {"EP": _ep, "TP": _tp, "ES": _es, "TS": _ts}[part]
    found = []
    for entity in entities:
        pairs = [(left, right) for left, right in make(entity, known, relations, rng)]
        rng.shuffle(pairs)
        found += [(entity.id, *pair) for pair in pairs[:_MOST_OF_ONE]]
    return found


def code_switched(text: str, entity: Entity, rng: random.Random) -> str:
    """A text with a name of the entity replaced by one in another language.

    >>> cat = Entity("Q146", labels={"en": "cat", "it": "gatto"})
    >>> code_switched("A cat sleeps.", cat, random.Random(0))
    'A gatto sleeps.'
    """
    for language, name in sorted(entity.labels.items(), key=lambda item: -len(item[1])):
        others = [other for code, other in sorted(entity.labels.items()) if code != language]
        if len(name) > 1 and others and name in text:
            return text.replace(name, rng.choice(others), 1)
    return text


_Pairs = Iterator[tuple[str, str]]
_Known = Mapping[str, Entity]


def _ep(entity: Entity, _: _Known, __: Mapping[str, str], rng: random.Random) -> _Pairs:
    names = _names(entity)
    for name in names:
        latin = ascii_form(normal_form(name))
        if latin and latin != normal_form(name):
            yield name, latin
    for _number in range(_MOST_OF_ONE if len(names) > 1 else 0):
        yield (pair := rng.sample(names, 2))[0], pair[1]


def _tp(entity: Entity, known: _Known, names: Mapping[str, str], rng: random.Random) -> _Pairs:
    for subject, relation, thing in _triples(entity, known, names, rng):
        yield f"{subject} {relation}", rng.choice(_names(thing))


def _es(entity: Entity, _: _Known, __: Mapping[str, str], rng: random.Random) -> _Pairs:
    names = _names(entity)
    for text in _texts(entity, rng) if names else ():
        yield rng.choice(names), text


def _ts(entity: Entity, known: _Known, names: Mapping[str, str], rng: random.Random) -> _Pairs:
    for subject, relation, thing in _triples(entity, known, names, rng):
        own = _names(thing)
        for text in entity.descriptions.values():
            if any(len(name) > 2 and name in text for name in own):
                switched = code_switched(text, thing, rng)
                yield f"{subject} {relation} {rng.choice(own)}", switched


def _names(entity: Entity) -> list[str]:
    return sorted(set(entity.labels.values()))


def _texts(entity: Entity, rng: random.Random) -> Iterable[str]:
    for text in entity.descriptions.values():
        yield code_switched(text, entity, rng) if rng.random() < _SWITCHED else text


def _triples(
    entity: Entity, known: _Known, relations: Mapping[str, str], rng: random.Random
) -> Iterator[tuple[str, str, Entity]]:
    own = _names(entity)
    for claim, values in entity.claims.items() if own else ():
        relation = relations.get(claim)
        for value in values if relation else ():
            thing = known.get(value.value) if value.kind == "entity" else None
            if relation and thing is not None and thing.labels:
                yield rng.choice(own), relation, thing
