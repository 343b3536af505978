"""What a model is told of an entity. From the graph: its names and descriptions in other languages,
its classes, what its claims point to, and an example of the same class; where its definition is
wanted, those in other languages and what it is narrower than. From a corpus: passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from msgspec import Struct
from platformdirs import user_cache_path

from kgenrich.languages import name as language_name
from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.sources.base import Graph, LabelLookup
from kgenrich.sources.dictionary.glossary_rules import GlossaryRule
from kgenrich.sources.hierarchy import broader_labels
from kgenrich.sources.llm.prompt import LONGEST_PROSE, Material
from kgenrich.sources.naturalise import PAPER_LANGUAGES, named, source_language

VERSION = "1"
"""Of how examples are found: those of another one are not taken for them."""

NAMES, RELATED = 8, 12
"""Names in other languages, and related entities, that are told at most."""

PASSAGES, LONGEST = 4, 600
"""How many passages are given, and code points of each."""

_Place = tuple[int, bytes, str]


class Examples(Struct):
    """Entities that serve as examples: the ids of those ``chosen`` by class (empty: any), language
    and kind of term, the better one first."""

    chosen: dict[tuple[str, str, TermKind], list[str]]
    entities: dict[str, Entity]


class EntityFacts:
    """Tells of entities of one graph. ``examples`` gives what `find_examples` found in it,
    ``rules`` what glossaries of the user's say of them."""

    def __init__(
        self,
        graph: Graph,
        examples: Callable[[], Examples],
        rules: Callable[[], Sequence[GlossaryRule]] = tuple,
    ) -> None:
        self._graph = graph
        self._labels = LabelLookup(graph)
        self._examples = examples
        self._read_rules = rules

    @cached_property
    def _rules(self) -> Sequence[GlossaryRule]:
        return self._read_rules()

    def material(self, request: TermRequest, *, glossary: bool = True) -> Material:
        """The facts that go with a request, and what glossaries bind its answer to; ``glossary``
        adds the labels that related entities have in the language, or shall have."""
        language = request.language
        entity = named(request.entity, language)
        home = source_language(entity)
        facts: list[tuple[str, tuple[str, ...]]] = [
            (f"name in {language_name(home)}", (entity.labels.get(home, ""),)),
            (f"description in {language_name(home)}", (entity.descriptions.get(home, ""),)),
        ]
        values = [value for _, some in sorted(entity.claims.items()) for value in some[:2]]
        related = [value.value for value in values if value.kind == "entity"][: 2 * RELATED]
        things = (*entity.classes, *related)
        labels = self._labels.get(things, tuple({home, language}))
        classes = (labels.get(id, {}).get(home, "") for id in entity.classes[:3])
        facts.append(("is a", tuple(filter(None, classes))))
        others = [
            f"{language_name(code)}: {entity.labels[code]}"
            for code in (*PAPER_LANGUAGES, *sorted(entity.labels))
            if code in entity.labels and code not in (home, language)
        ]
        facts.append(("names in other languages", tuple(dict.fromkeys(others))[:NAMES]))
        if not request.kind.is_name and (own := entity.labels.get(language)):
            facts.append((f"name in {language_name(language)}", (own,)))
        if glossary:
            labels = self._preferred(things, language, labels)
            terms = [
                f"{labels[id][home]} = {labels[id][language]}"
                for id in things
                if home in labels.get(id, {}) and language in labels[id]
            ]
            facts.append((f"glossary {home} = {language}", tuple(dict.fromkeys(terms))[:RELATED]))
        definitions: tuple[tuple[str, str], ...] = ()
        if request.kind is TermKind.DEFINITION:
            facts.append(("narrower than", broader_labels(entity, self._labels, (home, language))))
            definitions = _definitions(entity, language)
        told = tuple((name, values) for name, values in facts if any(values))
        wanted = [text for rule in self._rules if (text := rule.preferred(request))]
        unwanted = [text for rule in self._rules for text in rule.forbidden(request)]
        return Material(
            told,
            definitions=definitions,
            wanted=next(iter(wanted), ""),
            unwanted=tuple(dict.fromkeys(unwanted)),
        )

    def _preferred(
        self, ids: Sequence[str], language: str, labels: Mapping[str, Mapping[str, str]]
    ) -> Mapping[str, Mapping[str, str]]:
        """The labels, with those that glossaries prefer in the place of others."""
        if not self._rules:
            return labels
        found = dict(labels)
        for entity in self._graph.entities(dict.fromkeys(ids)):
            request = TermRequest(entity, language, TermKind.LABEL)
            for rule in reversed(self._rules):
                if text := rule.preferred(request):
                    found[entity.id] = {**found.get(entity.id, {}), language: text}
        return found

    def example(self, request: TermRequest) -> tuple[Entity, str] | None:
        """Another entity of the same class, else of any, and its term of the kind in the language.

        It is the entity with the most sitelinks, among equals the first by a hash: the paper takes
        a random popular one, but the same question must be the same call in every run.
        """
        examples = self._examples()
        kind = TermKind.LABEL if request.kind.is_name else request.kind
        for class_id in (*sorted(request.entity.classes), ""):
            for id in examples.chosen.get((class_id, request.language, kind), ()):
                if id != request.entity.id:
                    entity = examples.entities[id]
                    return entity, entity.terms(kind)[request.language]
        return None


def find_examples(graph: Graph, languages: Iterable[str], entities: int) -> Examples:
    """The examples among the first ``entities`` of a graph: two by class, language and kind."""
    best: dict[tuple[str, str, TermKind], list[_Place]] = {}
    held: dict[str, Entity] = {}
    for entity in islice(graph.entities(), entities):
        home = source_language(named(entity, ""))
        if not home or entity.redirect or entity.deleted:
            continue
        hashed = blake2b(entity.id.encode(), digest_size=8).digest()
        place: _Place = (-len(entity.sitelinks), hashed, entity.id)
        for language in languages:
            for kind in (TermKind.LABEL, TermKind.DESCRIPTION, TermKind.DEFINITION):
                # An example whose answer is the question's name teaches to copy.
                if not entity.terms(kind).get(language) or language == home:
                    continue
                if kind is TermKind.DEFINITION and not _definitions(entity, language):
                    continue
                for class_id in (*entity.classes, ""):
                    two = best.setdefault((class_id, language, kind), [])
                    if len(two) < 2 or place < two[-1]:
                        two[:] = sorted([*two, place])[:2]
                        held[entity.id] = entity
    chosen = {key: [id for *_, id in two] for key, two in best.items()}
    return Examples(chosen, {id: held[id] for two in chosen.values() for id in two})


def _definitions(entity: Entity, language: str) -> tuple[tuple[str, str], ...]:
    """The definitions in other languages, two at most; none where one would have to be cut."""
    held = entity.definitions
    codes = [c for c in dict.fromkeys((*PAPER_LANGUAGES, *sorted(held))) if held.get(c)]
    chosen = [code for code in codes if code != language][:2]
    if any(len(held[code]) > LONGEST_PROSE for code in chosen):
        return ()
    return tuple((f"definition in {language_name(code)}", held[code]) for code in chosen)


class Passage(Struct, frozen=True):
    """A piece of text with where it is from."""

    text: str
    url: str = ""
    licence: str = ""


Retriever = Callable[[TermRequest], Sequence[Passage]]


def from_corpus(path: str, licence: str = "") -> Retriever:
    """Passages from a local corpus (see `kgenrich.corpus`): of the entity itself,
    then with its name as their title, then that mention it."""
    from kgenrich.sources.search.text_index import TextIndex, open_index

    opened: list[TextIndex] = []

    def retrieve(request: TermRequest) -> list[Passage]:
        if not opened:
            opened.append(open_index([Path(path).expanduser()], user_cache_path("kgenrich")))
        index, entity, language = opened[0], request.entity, request.language
        name = entity.labels.get(source_language(entity), "")
        pages = [
            *index.of_entity(entity.id, language, PASSAGES),
            *index.titled(name, language, PASSAGES),
            *index.mentioning(name, language, PASSAGES),
        ]
        texts = dict.fromkeys(f"{page.title}: {page.text}"[:LONGEST] for page in pages)
        return [Passage(text, licence=licence) for text in list(texts)[:PASSAGES]]

    return retrieve
