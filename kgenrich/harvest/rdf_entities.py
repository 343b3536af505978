"""Entities from what an RDF file says of each subject."""

from __future__ import annotations

from collections.abc import Iterable

from kgenrich.harvest.gathering import Gathered
from kgenrich.harvest.grouping import Facts
from kgenrich.harvest.iris import is_bare
from kgenrich.harvest.literals import (
    MARKED_UP,
    PLAIN_LITERAL,
    language_of,
    split_plain,
    typed_value,
    without_markup,
)
from kgenrich.harvest.plans import TERMS, Make, Plan, Plans
from kgenrich.harvest.profiles import WIKIBASE
from kgenrich.harvest.texts import PLAIN_TERM, fact
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.harvest.wiki_entities import WikiEntity
from kgenrich.harvest.wiki_facts import ARTICLE, NODE
from kgenrich.model import Entity, EntityType, Statement, Value

_NOT_OF_WIKIS = frozenset({"definition", "hidden", "note", "notation", "hierarchy", "scheme"})
"""What nobody says of an item in the RDF of a Wikibase."""
_WIKIBASE = "http://wikiba.se/ontology#"
_TYPES: tuple[EntityType, ...] = (
    "deprecated",
    "ontology",
    "scheme",
    "collection",
    "property",
    "lexeme",
    "media",
)
"""What an entity of several types is, before others."""


class EntityMaker:
    """Makes the entities of one file by its ``plans``."""

    def __init__(self, vocabulary: Vocabulary, gathered: Gathered, plans: Plans) -> None:
        self._vocabulary, self._forms = vocabulary, gathered.forms
        self._iris, self._notes = vocabulary.iris, vocabulary.notes
        self._summary, self._tags = vocabulary.summary, vocabulary.noted.tags
        self._plans, self._types = plans, plans.meanings.types
        self._called = plans.meanings.names
        self._numbers = [0] * len(plans.places)
        for number, place in enumerate(plans.places):
            self._numbers[place] = number
        self._is_of_wikibase = WIKIBASE in vocabulary.summary.about.profiles
        self._special = [plans.places[number] for number in range(NODE + 1)]

    def entity(self, name: str, facts: Facts) -> Entity | None:
        """The entity of a name, if it is one and anything is said of it."""
        # In the order of their plans, each once: RDF has neither order nor repetition.
        places = map(self._plans.places.__getitem__, facts[0])
        pairs = sorted(set(zip(places, facts[1], strict=True)))
        if is_bare(name) and not self._is_of_vocabulary(pairs):
            return self._of_wiki(name, pairs)
        plans = self._plans.ours
        statements: list[Statement] = []
        classes: list[str] = []
        add = statements.append
        is_deprecated = False
        is_plain, marked = PLAIN_TERM.fullmatch, bool(self._tags)
        for place, text in pairs:
            make, form, language, part, _ = plans[place]
            if make == 1:
                if is_plain(text) and not (marked and "x-kgtag-" in text):
                    add(Statement(form, Value("text", text, language)))
                elif found := self._text(name, plans[place], text):
                    add(found)
            elif make == 0:
                if place in self._special and self._numbers[place] in (ARTICLE, NODE):
                    return None
            elif make == 5:
                if kind := self._class(text):
                    classes.append(kind)
                    add(Statement(form, Value("entity", kind), "" if kind == text else text))
            elif found := self._statement(name, plans[place], text):
                add(found)
                is_deprecated |= part == "deprecated" and text in ("true", "1")
        if not statements or all(each.form.role == "claim" for each in statements):
            return None
        kind_of = self._type(classes, is_deprecated)
        if kind_of is None:
            return None
        self._count(kind_of, classes)
        return Entity(name, classes=tuple(classes), type=kind_of, statements=tuple(statements))

    def _is_of_vocabulary(self, pairs: Iterable[tuple[int, str]]) -> bool:
        """Whether a vocabulary speaks of an item of a wiki, in ways that the wiki has not."""
        if self._is_of_wikibase:
            return False
        plans = self._plans.ours
        return any(
            plans[place].form.role in _NOT_OF_WIKIS
            or (plans[place].make is Make.CLASS and (text in self._types or text in self._called))
            for place, text in pairs
            if self._numbers[place] > NODE
        )

    def _type(self, classes: Iterable[str], is_deprecated: bool) -> EntityType | None:
        types = {self._types[kind] for kind in classes if kind in self._types}
        if "node" in types:
            return None
        if is_deprecated:
            return "deprecated"
        return next((each for each in _TYPES if each in types), "item") if types else "item"

    def _count(self, kind: EntityType, classes: Iterable[str]) -> None:
        self._summary.types[kind] += 1
        if kind == "item" and self._called:
            called = next((self._called[name] for name in classes if name in self._called), "")
            if called:
                self._summary.called[called] += 1

    def _class(self, iri: str) -> str:
        return "" if iri.startswith(_WIKIBASE) else self._iris.told_name(iri)

    def _statement(self, name: str, plan: Plan, text: str) -> Statement | None:
        """What is not as simple as a text."""
        if plan.make is Make.ENTITY:
            other = self._iris.told_name(text)
            raw = "" if other == text else text
            return Statement(plan.form, Value("entity", other), raw) if other else None
        if plan.make is Make.LEAVE:
            self._notes.leave(plan.form.role, plan.language, name)
            return None
        if plan.make is Make.TYPED:
            node, text = self._split(plan, text)
            value = typed_value(text, plan.form.datatype)
            if value is None:
                return None
            raw = "" if value.value == text else text
            return Statement(plan.form, value, raw, node)
        return self._text(name, plan, text)

    def _split(self, plan: Plan, text: str) -> tuple[str, str]:
        """The name of a node, where there is one, and the text as the file has it."""
        node = ""
        if plan.in_node:
            node, _, text = text.partition("\n")
        return node, self._tags.restored(text)

    def _text(self, name: str, plan: Plan, text: str) -> Statement | None:
        """A text, where it is one."""
        node, raw = self._split(plan, text)
        text, language = raw, plan.language
        role = plan.form.role
        if plan.form.datatype == PLAIN_LITERAL:
            text, tag = split_plain(raw)
            code = language_of(tag)
            language = self._plans.wanted(code) if tag else language
            if tag and code and not language:
                return None
            if not language:
                self._notes.leave(role, f"no language is called {tag[:100]!r}", name)
                return None
        elif plan.form.datatype in MARKED_UP:
            text = without_markup(raw)
        said = fact(text.strip())
        if not said or "\ufffd" in said:
            if text.strip():
                self._notes.leave(role, f"{role} that is too long or damaged", name)
            return None
        return Statement(plan.form, Value("text", said, language), "" if said == raw else raw, node)

    def _of_wiki(self, name: str, pairs: Iterable[tuple[int, str]]) -> Entity | None:
        """An item or a property of a Wikibase, which has its own forms."""
        maker = WikiEntity()
        plans, properties = self._plans.wikis, self._vocabulary.properties
        for place, text in pairs:
            number = self._numbers[place]
            plan = plans[place]
            if number <= NODE:
                maker.say(number, text)
            elif plan.make is Make.CLASS:
                if kind := self._class(text):
                    maker.classes[kind] = None
            elif plan.form.role in TERMS and (found := self._statement(name, plan, text)):
                maker.name(plan.form.role, plan.form.rank, plan.form.tag, found.value)
            predicate = self._forms[number].predicate
            if predicate in properties and (value := self._value(number, text)):
                maker.claims.setdefault(properties[predicate], {})[value] = None
        entity = maker.entity(name)
        if entity is not None:
            self._summary.types[entity.type] += 1
        return entity

    def _value(self, number: int, text: str) -> Value | None:
        form = self._forms[number]
        if form.kind == "iri":
            return Value("entity", other) if (other := self._iris.told_name(text)) else None
        text = self._tags.restored(text)
        if form.tag:
            return Value("text", said, language_of(form.tag)) if (said := fact(text)) else None
        return typed_value(text, form.datatype)
