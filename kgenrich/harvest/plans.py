"""What to make of the objects of each form, laid down before entities are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from kgenrich.harvest.about import about
from kgenrich.harvest.gathering import Gathered, ObjectForm
from kgenrich.harvest.literals import (
    MARKED_UP,
    PLAIN_LITERAL,
    STRING,
    TEXTS,
    is_well_formed,
    language_of,
)
from kgenrich.harvest.profiles import WIKIBASE, Meanings, Part, Place, meanings, ready
from kgenrich.harvest.untagged import ENOUGH, Untagged, language_of_untagged
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.harvest.wiki_facts import NODE
from kgenrich.languages import bcp47, same_language
from kgenrich.model import GIVES_WAY, MUL, UNDETERMINED, Form, Role

TERMS = ("label", "alias", "description", "definition")
NEVER_EVERYWHERE = ("description", "definition")
"""What is never valid in all languages."""


_IN_LANGUAGES = (*TERMS, "hidden", "note")
_ORDER = (*_IN_LANGUAGES, "class")
_LOOKED_AT = 20_000
"""Subjects among which texts are looked for that tell their language."""


class Make(IntEnum):
    """What an object becomes: nothing; a text as it is; a text that must be taken out of its
    literal; a value by its type; an entity; a class; what is said to have been left out."""

    NOTHING = 0
    TEXT = 1
    LITERAL = 2
    TYPED = 3
    ENTITY = 4
    CLASS = 5
    LEAVE = 6


class Plan(NamedTuple):
    """What to ``make`` of the objects of a form; ``language`` is that of the text, or why it is
    left out. ``part`` is what the profile calls it; ``in_node``: they stand in nodes."""

    make: Make
    form: Form
    language: str = ""
    part: Part = "claim"
    in_node: bool = False


NO_PLAN = Plan(Make.NOTHING, Form("claim"))


class Plans(NamedTuple):
    """The plans of the numbered forms, in the order in which statements are made: those of form
    number n stand at ``places[n]``. ``ours`` holds for entities that have a predicate for
    everything, ``wikis`` for those of a Wikibase. ``wanted`` gives the language in which a text in
    some other is kept, empty for none."""

    places: list[int]
    ours: list[Plan]
    wikis: list[Plan]
    meanings: Meanings
    wanted: Callable[[str], str]


def lay_down(vocabulary: Vocabulary, gathered: Gathered, base_iri: str) -> Plans:
    """Decide what a gathered file means; fills the summary of the ``vocabulary``."""
    profiles = vocabulary.profiles_of(gathered)
    ours = _Planner(vocabulary, gathered, meanings(profiles, vocabulary.labels))
    wikis = _Planner(vocabulary, gathered, meanings([ready(WIKIBASE)], vocabulary.labels))
    summary = vocabulary.summary
    said = about(gathered.headers, base_iri)
    summary.titles = tuple(profile.title for profile in profiles)
    summary.about = replace(said, profiles=tuple(profile.name for profile in profiles))
    texts = _untagged_texts(gathered, ours)
    summary.untagged_as = language_of_untagged(
        vocabulary.untagged, said.languages, texts if not vocabulary.untagged else ()
    )
    summary.blank = gathered.blank
    numbers = range(len(gathered.forms))
    found = {number: ours.plan(number, summary.untagged_as) for number in numbers}
    of_wikis = {number: wikis.plan(number, summary.untagged_as) for number in numbers}
    ours.count(found)
    summary.unread = gathered.unread.missed()
    forms = gathered.forms
    order = sorted(numbers, key=lambda n: (*_rank(found[n]), *forms[n]))
    places = [0] * len(order)
    for place, number in enumerate(order):
        places[number] = place
    return Plans(
        places,
        [found[number] for number in order],
        [of_wikis[number] for number in order],
        ours.meanings,
        ours.wanted,
    )


def _rank(plan: Plan) -> tuple[int, int]:
    role = plan.form.role
    return _ORDER.index(role) if role in _ORDER else len(_ORDER), plan.form.rank


def _untagged_texts(gathered: Gathered, planner: _Planner) -> list[str]:
    """Some texts without a tag of those that are terms."""
    wanted = {
        number
        for number, form in enumerate(gathered.forms)
        if number > NODE
        and planner.is_untagged_term(form)
        and form.predicate not in planner.meanings.proper
    }
    if not wanted:
        return []
    found: list[str] = []
    for _, (numbers, texts) in islice(gathered.groups, _LOOKED_AT):
        found += [t for n, t in zip(numbers, texts, strict=True) if n in wanted]
        if len(found) >= ENOUGH:
            break
    return [text.rpartition("\n")[2] for text in found]


def _gives_way(tag: str, language: str) -> bool:
    """Whether a tag is not that of the language (it-IT), or none."""
    return tag.lower() not in (language, bcp47(language).lower())


class _Planner:
    """Plans by the meanings of one set of profiles."""

    def __init__(self, vocabulary: Vocabulary, gathered: Gathered, means: Meanings) -> None:
        self.meanings = means
        self._vocabulary, self._gathered = vocabulary, gathered
        of_part = Counter[str]()
        for form, count in zip(gathered.forms, gathered.counts, strict=True):
            if form.kind != "iri" and (place := self._place(form)):
                of_part[place.part] += count
        # A graph with some definitions has its remarks for remarks.
        self._has_definitions = 0 < of_part["definition"] * 4 >= of_part["remark"]

    def is_untagged_term(self, form: ObjectForm) -> bool:
        """Whether objects of a form are terms in no language that is known."""
        role = self._role(form)
        told = form.tag and form.tag.lower() != UNDETERMINED
        return role in TERMS and form.kind != "iri" and not told and form.datatype in {"", *TEXTS}

    def plan(self, number: int, untagged_as: Untagged) -> Plan:
        """What to make of the objects of a form."""
        form = self._gathered.forms[number]
        untagged = self._untagged(form, untagged_as)
        role = self._role(form)
        place = self._place(form)
        if number <= NODE or form.kind == "link" or role is None:
            return NO_PLAN
        part = place.part if place else "claim"
        datatype = "" if form.datatype == STRING else form.datatype
        mine = Form(role, form.predicate, form.tag, datatype, self._rank(place, role))
        in_node = form.kind == "node"
        if role == "class":
            return Plan(Make.CLASS if form.kind == "iri" else Make.NOTHING, mine, "", part)
        if form.kind == "iri":
            if role in TERMS:
                return Plan(Make.LEAVE, mine, f"{role} that is no text", part)
            return Plan(Make.ENTITY, mine, "", part)
        if form.datatype == PLAIN_LITERAL and role in _IN_LANGUAGES:
            return Plan(Make.LITERAL, mine, untagged, part, in_node)
        if not form.tag and role not in TERMS:
            return Plan(Make.TYPED, mine, "", part, in_node)
        if not form.tag and form.datatype not in TEXTS:
            return Plan(Make.LEAVE, mine, f"{role} of type <{form.datatype}>", part)
        code = language_of(form.tag) if form.tag else UNDETERMINED
        if code == UNDETERMINED and role in TERMS:
            code = untagged
        if not code and role in TERMS:
            return Plan(Make.LEAVE, mine, f"no language is called {form.tag[:100]!r}", part)
        language = self.wanted(code)
        if language == MUL and role in NEVER_EVERYWHERE:
            language = UNDETERMINED
        if not language and role in _IN_LANGUAGES:
            return NO_PLAN
        if role in TERMS and _gives_way(form.tag, language or code):
            mine = replace(mine, rank=mine.rank + GIVES_WAY)
        is_literal = form.datatype in MARKED_UP
        make = Make.LITERAL if is_literal or in_node else Make.TEXT
        return Plan(make, mine, language or code, part, in_node)

    def _untagged(self, form: ObjectForm, untagged_as: Untagged) -> str:
        is_guess = untagged_as.reason == "guessed"
        is_proper = form.predicate in self.meanings.proper
        return UNDETERMINED if is_guess and is_proper else untagged_as.language

    def wanted(self, code: str) -> str:
        """The wanted language that a text in ``code`` is kept in: itself, or that of which it is a
        region's variety; empty if there is none."""
        wanted = self._vocabulary.languages
        if not wanted or code in wanted:
            return code
        return next((other for other in same_language(code) if other in wanted), "")

    def count(self, plans: dict[int, Plan]) -> None:
        """Count in the summary what is told of a file as a whole."""
        summary, notes = self._vocabulary.summary, self._vocabulary.notes
        gathered = self._gathered
        for number, plan in plans.items():
            form, count = gathered.forms[number], gathered.counts[number]
            if (plan is NO_PLAN and self._role(form) is None) or plan.make is Make.NOTHING:
                self._miss(number)
                continue
            role = plan.form.role
            if plan.in_node:
                summary.in_nodes[role] += count
            if self.is_untagged_term(form):
                language = self._untagged(form, summary.untagged_as)
                summary.untagged[form.predicate, language] += count
            elif role in TERMS and form.tag and plan.make is not Make.LEAVE:
                code = language_of(form.tag)
                if plan.language != code and code != UNDETERMINED and plan.language:
                    summary.regions[form.tag, plan.language] += count
            if form.tag and plan.make is not Make.LEAVE and not is_well_formed(form.tag):
                notes.repaired["language tag"] += count

    def _miss(self, number: int) -> None:
        """Add the texts of a form that is not read to those of its predicate."""
        gathered = self._gathered
        form, count = gathered.forms[number], gathered.counts[number]
        if number <= NODE or form.kind not in ("literal", "node") or self._is_filtered(form):
            return
        example = gathered.examples[number]
        gathered.unread.add(form.predicate, form.tag, form.datatype, example, count)

    def _is_filtered(self, form: ObjectForm) -> bool:
        """Whether texts are read, but not in this language."""
        return self._role(form) in _IN_LANGUAGES

    def _place(self, form: ObjectForm) -> Place | None:
        if form.predicate == self._vocabulary.instance_of:
            return Place("class", 0)
        means = self.meanings
        return (means.nodes if form.kind == "node" else means.predicates).get(form.predicate)

    def _role(self, form: ObjectForm) -> Role | None:
        place = self._place(form)
        if place is None and form.kind == "iri":
            place = self.meanings.nodes.get(form.predicate)
        if place is None:
            return "claim" if form.predicate in self._vocabulary.properties else None
        if place.part == "remark":
            return "note" if self._has_definitions else "definition"
        if place.part == "deprecated":
            return "claim"
        return None if place.part == "silent" else place.part

    def _rank(self, place: Place | None, role: Role) -> int:
        if place is None:
            return 0
        if place.part == "remark":
            own = [p.rank for p in self.meanings.predicates.values() if p.part == role]
            return place.rank + max(own, default=-1) + 1
        return place.rank
