"""Training text for the four kinds of knowledge (Hou et al., 2022), made from entities.

EP: two names of one entity. TP: "subject relation" and object. ES: a name and a text about the
entity. TS: "subject relation object" and a text that mentions the object. Names in texts are
replaced by names in other languages (code-switching, centred on entities), and a transliteration
is one more name.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from kgenrich.adapters.encoder.ngrams import ascii_form, normal_form
from kgenrich.corpus import Page
from kgenrich.languages import site_language
from kgenrich.model import Entity, Value
from kgenrich.property_roles import WIKIDATA

Part = Literal["EP", "TP", "ES", "TS"]
PARTS: tuple[Part, ...] = get_args(Part)
FUSION = "fusion"
"""What weighs the adapters of all parts."""
TextPair = tuple[str, str, str]
"""(entity id, left text, right text)."""
_Pairs = Iterator[tuple[str, str]]
_Triples = Iterator[tuple[str, str, Entity]]

NEEDS: Mapping[Part, str] = {
    "EP": "entities with names in two languages",
    "TP": "claims of named properties whose values are in the store",
    "ES": "descriptions or sentences of a corpus",
    "TS": "descriptions or sentences of a corpus that mention the value of a claim",
}
"""What the pairs of each kind are made from, for people who have too few."""

_INSTANCE_OF = WIKIDATA["instance_of"]
_MOST_OF_ONE = 8
_SWITCHED = 0.5
_END = re.compile(r"(?<=[.!?؟।])\s+|(?<=[。！？])|\n+")
_SHORTEST, _LONGEST = 12, 400


@dataclass(frozen=True)
class Knowledge:
    """What training text is made from.

    ``relations`` names properties (``P19``: "place of birth"; one without a name is left out),
    ``sentences`` are those of local text about an entity, by its id.
    """

    entities: Sequence[Entity]
    relations: Mapping[str, str]
    sentences: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Entity]:
        """The entities by their ids."""
        return {entity.id: entity for entity in self.entities}

    def texts(self, entity: Entity) -> list[str]:
        """Descriptions of an entity and sentences about it."""
        return [*entity.descriptions.values(), *self.sentences.get(entity.id, ())]

    def triples(self, entity: Entity, rng: random.Random) -> _Triples:
        """A name of the entity, the name of a relation, and the entity it leads to.

        Classes are values of "instance of"; a text is an entity of that name.
        """
        names = _names(entity)
        classes = {_INSTANCE_OF: tuple(Value("entity", id) for id in entity.classes)}
        for claim, values in {**classes, **entity.claims}.items() if names else ():
            relation = self.relations.get(claim)
            for value in values if relation else ():
                thing = self._thing(value)
                if relation and thing is not None and thing.labels:
                    yield rng.choice(names), relation, thing

    def _thing(self, value: Value) -> Entity | None:
        if value.kind == "text":
            return Entity(value.value, labels={value.language: value.value})
        return self.by_id.get(value.value) if value.kind == "entity" else None


def text_pairs(part: Part, knowledge: Knowledge, seed: int = 0) -> list[TextPair]:
    """The pairs of one kind, at most eight an entity, the same for the same seed."""
    rng = random.Random(seed)
    make = {"EP": _ep, "TP": _tp, "ES": _es, "TS": _ts}[part]
    text_pairs: list[TextPair] = []
    for entity in knowledge.entities:
        pairs = list(make(entity, knowledge, rng))
        rng.shuffle(pairs)
        text_pairs += [(entity.id, *pair) for pair in pairs[:_MOST_OF_ONE]]
    return text_pairs


def code_switched(text: str, entity: Entity, rng: random.Random) -> str:
    """A text with a name of the entity replaced by one in another language.

    >>> cat = Entity("Q146", labels={"en": "cat", "it": "gatto"})
    >>> code_switched("A cat sleeps.", cat, random.Random(0))
    'A gatto sleeps.'
    """
    names = _names(entity)
    mentions = [name for name in names if len(name) > 1 and name in text]
    if not mentions or len(names) < 2:
        return text
    longest = max(mentions, key=len)
    return text.replace(longest, rng.choice([name for name in names if name != longest]), 1)


def _ep(entity: Entity, _: Knowledge, rng: random.Random) -> _Pairs:
    names = _names(entity)
    for name in names:
        latin = ascii_form(normal_form(name))
        if latin and latin != normal_form(name):
            yield name, latin
    for _number in range(_MOST_OF_ONE if len(names) > 1 else 0):
        yield (pair := rng.sample(names, 2))[0], pair[1]


def _tp(entity: Entity, knowledge: Knowledge, rng: random.Random) -> _Pairs:
    for subject, relation, thing in knowledge.triples(entity, rng):
        yield f"{subject} {relation}", rng.choice(_names(thing))


def _es(entity: Entity, knowledge: Knowledge, rng: random.Random) -> _Pairs:
    names = _names(entity)
    for text in _some(knowledge.texts(entity), rng) if names else ():
        switched = code_switched(text, entity, rng) if rng.random() < _SWITCHED else text
        yield rng.choice(names), switched


def _ts(entity: Entity, knowledge: Knowledge, rng: random.Random) -> _Pairs:
    texts = knowledge.texts(entity)
    whole_text = "\n".join(texts)
    for subject, relation, thing in knowledge.triples(entity, rng):
        names = _names(thing)
        mentions = [name for name in names if _is_distinctive(name) and name in whole_text]
        mentioning = [text for text in texts if any(name in text for name in mentions)]
        for text in _some(mentioning, rng):
            switched = code_switched(text, thing, rng)
            yield f"{subject} {relation} {rng.choice(names)}", switched


def _some(texts: Sequence[str], rng: random.Random) -> list[str]:
    """As many as can be used, before work is spent on them."""
    return rng.sample(texts, min(len(texts), _MOST_OF_ONE))


def _names(entity: Entity) -> list[str]:
    return sorted(set(entity.labels.values()))


def _is_distinctive(name: str) -> bool:
    """Whether a name found in a text is one, and no chance."""
    return len(name) > (2 if name.isascii() else 1)


def sentences(text: str) -> list[str]:
    """The sentences of a text; what is too short or too long to be one is left out.

    >>> sentences("Rome is a city. It is the capital. 罗马是意大利的首都，也是最大的城市。")
    ['Rome is a city.', 'It is the capital.', '罗马是意大利的首都，也是最大的城市。']
    """
    parts = (" ".join(part.split()) for part in _END.split(text))
    return [part for part in parts if _SHORTEST <= len(part) <= _LONGEST]


def sentences_about(pages: Iterable[Page], entities: Sequence[Entity]) -> dict[str, list[str]]:
    """The sentences of the pages about each entity, by its id.

    A page without an id is about the entity that has a sitelink to its title.
    """
    ids = {entity.id for entity in entities}
    titles = {
        (site_language(site), title): entity.id
        for entity in entities
        for site, title in entity.sitelinks.items()
    }
    by_entity: dict[str, list[str]] = {}
    for page in pages:
        id = page.qid or titles.get((page.language, page.title), "")
        if id in ids:
            by_entity.setdefault(id, []).extend(sentences(page.text))
    return by_entity
