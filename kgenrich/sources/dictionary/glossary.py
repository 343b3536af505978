"""The source ``glossary``: a file of names that the user owns, in any format of `files`.

A concept is found by an identifier of the entity: its id or IRI, the value of a property, or an
IRI that is said to be the same (in the file, in a table of mappings, or by the entity itself). One
without is found by its name only where the user says in which language, and of which class the
entities are; a name that several such concepts have finds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from kgenrich.errors import InputError, SourceStopped, UsageError
from kgenrich.harvest.iris import Iris, is_bare
from kgenrich.languages import current, same_language
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.pairs import read_pairs
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.sources.base import FreeSource, SourceContext
from kgenrich.sources.dictionary.files.concepts import Concept, Names, Reading, merged
from kgenrich.sources.dictionary.files.graphs import SAME
from kgenrich.sources.dictionary.files.reading import read_concepts
from kgenrich.text import clean, vote_key

NAME = "glossary"


class GlossaryOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.NAME]``.

    The ``file``, its ``format`` where the name does not tell, its ``licence``, how far it is to be
    trusted (``trust``), and the languages of a file that does not say them (``source_language``,
    ``language``). Of its identifiers those in the field or column ``id`` count, else all; they are
    ids of the graph or values of the ``property`` (P297); ``mappings`` is a table (SSSOM) of what
    is the same in the file and in the graph. What has none of them is found by its name in the
    language ``name``, of entities of the ``class``.
    """

    file: str = ""
    format: str = ""
    licence: str = ""
    trust: float = 0.95
    source_language: str = "en"
    language: str = ""
    id: str = ""
    property: str = ""
    mappings: str = ""
    name: str = ""
    class_id: str = field(default="", name="class")


class Found(Struct, frozen=True):
    """A concept, and how it was found."""

    concept: Concept = Concept()
    how: str = ""


class Glossary(Struct, frozen=True):
    """The concepts by the id of the entity, by the value of the property, and by the normal form
    of a name, None for one that several have. ``unread`` counts what could not be read; ``same``
    are the properties by which an entity says what is the same in another graph."""

    by_id: Mapping[str, Found]
    by_value: Mapping[str, Concept]
    by_name: Mapping[str, Concept | None]
    unread: int = 0
    same: tuple[str, ...] = SAME

    def find(self, entity: Entity, options: GlossaryOptions) -> Found:
        """What it has for an entity; an empty concept if nothing."""
        if found := self.by_id.get(entity.id):
            return found
        if self.by_value and (found := self._by_value(entity, options.property)):
            return found
        if self.by_id and (found := self._by_sameness(entity)):
            return found
        if self.by_name and options.class_id in entity.classes:
            keys = {vote_key(name) for name in entity.names(options.name)} & self.by_name.keys()
            if len(keys) == 1 and (concept := self.by_name[keys.pop()]):
                return Found(concept, f"by its {options.name} name and its class")
        return Found()

    def _by_value(self, entity: Entity, name: str) -> Found | None:
        values = {v.value for v in entity.claims.get(name, ())} & self.by_value.keys()
        if len(values) != 1:
            return None
        value = values.pop()
        return Found(self.by_value[value], f"by {name} {value}")

    def _by_sameness(self, entity: Entity) -> Found | None:
        iris = (value.value for name in self.same for value in entity.claims.get(name, ()))
        found = {iri: self.by_id[iri].concept for iri in iris if iri in self.by_id}
        if len(set(map(id, found.values()))) != 1:
            return None
        iri, concept = next(iter(found.items()))
        return Found(concept, f"by what is the same as it, {iri}")


def names_in(names: Names, language: str) -> tuple[str, ...]:
    """The names in a language or, where it has none of its own, in one that it is a variant of."""
    code = current(language)
    return next((names[one] for one in (code, *same_language(code)) if one in names), ())


def read_glossary(
    options: GlossaryOptions, base: str, roles: PropertyRoles = OF_WIKIDATA
) -> Glossary:
    """The file of the options; ``base`` is that of bare ids. Raises `InputError`."""
    reading = Reading(options.source_language, options.language, options.id)
    same = _mappings(options, base)
    by_id: dict[str, Concept] = {}
    by_value: dict[str, Concept] = {}
    by_name: dict[str, Concept | None] = {}
    mapped: dict[str, Found] = {}
    iris = Iris(base)
    path = Path(options.file).expanduser()
    for concept in read_concepts(path, reading, options.format, needs_ids=not options.name):
        ids = list(filter(None, (_identifier(iris, value) for _, value in concept.ids)))
        for one in ids:
            by_id[one] = merged(by_id[one], concept) if one in by_id else concept
            for other in same.get(one, ()):
                mapped.setdefault(other, Found(concept, f"by the mapping of {one}"))
        if options.property:
            by_value |= {
                value: merged(by_value[value], concept) if value in by_value else concept
                for _, value in concept.ids
            }
        elif not ids:
            for name in concept.names.get(options.name, ()):
                key = vote_key(name)
                by_name[key] = concept if by_name.get(key, concept) is concept else None
    return Glossary(
        mapped | {one: Found(concept, "by its id") for one, concept in by_id.items()},
        by_value,
        by_name,
        reading.unread,
        (*roles.all_of("exact_match"), *SAME),
    )


def _identifier(iris: Iris, value: str) -> str:
    """The id of an entity that an identifier of a file may be; empty where it is none."""
    if "://" in value or value.startswith("urn:"):
        return iris.name(value)
    return value if is_bare(value) else ""


def _mappings(options: GlossaryOptions, base: str) -> Mapping[str, Iterable[str]]:
    """What is the same as what, both ways."""
    same: dict[str, list[str]] = {}
    if options.mappings:
        iris = Iris(base)
        for pair in read_pairs(Path(options.mappings).expanduser()):
            if pair.says_same:
                left, right = (_identifier(iris, one) or one for one in (pair.left, pair.right))
                same.setdefault(left, []).append(right)
                same.setdefault(right, []).append(left)
    return same


class GlossarySource(FreeSource):
    """A glossary as a source."""

    kind = SourceKind.DICTIONARY

    def __init__(self, name: str, options: GlossaryOptions, glossary: Glossary) -> None:
        self.name = name
        self.licence = options.licence
        self._options = options
        self._glossary = glossary
        self._file = Path(options.file).name

    @property
    def remark(self) -> str:
        """What to tell people of it; empty where it was read as it is."""
        count = self._glossary.unread
        return f"Entries of {self._file} that could not be read: {count:,}." if count else ""

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """The first name for a label, all that are not there for aliases."""
        if not request.kind.is_name:
            return
        entity = request.entity
        found = self._glossary.find(entity, self._options)
        texts = names_in(found.concept.names, request.language)
        if request.kind is TermKind.LABEL:
            texts = texts[:1]
        else:
            known = set(map(vote_key, entity.names(request.language)))
            texts = tuple(text for text in texts if vote_key(text) not in known)
        for rank, text in enumerate(texts, 1):
            yield request.candidate(
                text,
                Evidence(
                    self.name,
                    self.kind,
                    raw=text,
                    score=self._options.trust,
                    rank=rank,
                    licence=self.licence,
                    note=f"{clean(self._file)}, found {found.how}",
                ),
            )


def factory(context: SourceContext) -> GlossarySource:
    """The source over the file of its options.

    Raises `SourceStopped` where there is none or it cannot be read, `UsageError` for options that
    it lacks or that do not go together.
    """
    options = context.read(GlossaryOptions)
    if not options.file:
        raise SourceStopped('It needs the option file, for example file = "terms.csv".')
    if bool(options.name) != bool(options.class_id):
        raise UsageError(
            f"The options of the source {context.name!r} are wrong: a name finds entities of "
            "one class alone, so give both `name` and `class`."
        )
    if not 0 <= options.trust <= 1:
        raise UsageError(
            f"The options of the source {context.name!r} are wrong: `trust` is from 0 to 1."
        )
    try:
        glossary = read_glossary(options, context.settings.base, context.roles)
    except InputError as error:
        raise SourceStopped(str(error)) from error
    return GlossarySource(context.name, options, glossary)
