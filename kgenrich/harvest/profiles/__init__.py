"""What the predicates of a vocabulary mean: the profiles, a TOML file each, and one's own.

A profile says by which predicates a vocabulary names, defines and orders its terms, which of
several is preferred, and what a subject of a type is. CURIEs have the prefixes of the file. Several
may hold for one graph; where two of them speak of a predicate, the first does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.inputs import read_text
from kgenrich.model import EntityType, Role
from kgenrich.namespaces import NAMESPACES

Part = Role | Literal["remark", "deprecated", "silent"]
"""What a predicate may be. A ``remark`` is a definition where the graph has none, else a note; what
is ``deprecated`` is so by the value "true"; what is ``silent`` is never missed."""

NodeType = Literal["node"]
"""The type of what is no entity but carries a text or a note of one: a label of SKOS-XL."""

ORDER = (
    "getty",
    "gnd",
    "ror",
    "obo",
    "skos",
    "skos-xl",
    "owl",
    "schema-org",
    "dcat",
    "foaf",
    "dublin-core",
    "wikibase",
    "generic",
)
"""The ready profiles: of two that a graph is told to have, the first has the first word."""

GENERIC = "generic"
WIKIBASE = "wikibase"


class _File(Struct, forbid_unknown_fields=True, frozen=True):
    """A profile as it is written. ``signs`` are predicates, types or what their IRIs begin with,
    by which a graph is told to have it; ``extends`` names profiles that hold after it; ``nodes``
    are predicates that lead to a node whose ``text`` is what counts; ``proper`` are predicates of
    proper names, whose language no guess can tell; ``items`` says what one of a type is called."""

    title: str = ""
    signs: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    proper: tuple[str, ...] = ()
    prefixes: dict[str, str] = {}
    predicates: dict[Part, tuple[str, ...]] = {}
    nodes: dict[Role | Literal["text"], tuple[str, ...]] = {}
    types: dict[EntityType | NodeType, tuple[str, ...]] = {}
    items: dict[str, str] = {}


class Profile(Struct, frozen=True):
    """A profile with whole IRIs, in order of preference; ``name`` is what it is asked for by."""

    name: str
    title: str
    signs: tuple[str, ...]
    extends: tuple[str, ...]
    proper: tuple[str, ...]
    predicates: Mapping[Part, tuple[str, ...]]
    nodes: Mapping[Role | Literal["text"], tuple[str, ...]]
    types: Mapping[EntityType | NodeType, tuple[str, ...]]
    items: Mapping[str, str]

    def is_told_by(self, iris: Iterable[str]) -> bool:
        """Whether a graph that has these predicates and types has this profile."""
        begins = tuple(sign for sign in self.signs if sign[-1] in "#/_:")
        return any(iri in self.signs or (begins and iri.startswith(begins)) for iri in iris)


class Place(NamedTuple):
    """What a predicate is, and its rank among those that are the same."""

    part: Part
    rank: int


class Meanings(Struct, frozen=True):
    """What the predicates and types of a graph mean, by the profiles that hold for it.

    ``nodes`` are predicates that lead to a node, ``texts`` those of its text, ``proper`` those of
    proper names, ``names`` what one of a type is called.
    """

    predicates: Mapping[str, Place]
    nodes: Mapping[str, Place]
    texts: Collection[str]
    proper: Collection[str]
    types: Mapping[str, EntityType | NodeType]
    names: Mapping[str, str]


def meanings(profiles: Iterable[Profile], labels: Sequence[str] = ()) -> Meanings:
    """What several profiles say together; ``labels`` take the place of their label predicates."""
    predicates: dict[str, Place] = {}
    nodes: dict[str, Place] = {}
    texts: set[str] = set()
    proper: set[str] = set()
    types: dict[str, EntityType | NodeType] = {}
    names: dict[str, str] = {}
    ranks: dict[str, int] = {}

    def give(places: dict[str, Place], part: Part, iris: Iterable[str]) -> None:
        for iri in iris:
            if iri not in places:
                places[iri] = Place(part, ranks.setdefault(part, 0))
                ranks[part] += 1

    give(predicates, "label", labels)
    for profile in profiles:
        for part, iris in profile.predicates.items():
            if not (labels and part == "label"):
                give(predicates, part, iris)
        for role, iris in profile.nodes.items():
            if role == "text":
                texts.update(iris)
            elif not (labels and role == "label"):
                give(nodes, role, iris)
        for kind, iris in profile.types.items():
            for iri in iris:
                types.setdefault(iri, kind)
        proper.update(profile.proper)
        names = {**profile.items, **names}
    return Meanings(predicates, nodes, texts, proper, types, names)


def told(iris: Collection[str]) -> list[Profile]:
    """The ready profiles that a graph with these predicates and types has, and what they extend."""
    return [profile for name in ORDER if (profile := ready(name)).is_told_by(iris)]


def named(names: Iterable[str]) -> list[Profile]:
    """The profiles of these names or files, each followed by what it extends.

    Raises `UsageError` for one that there is not, or that cannot be used.
    """
    found: dict[str, Profile] = {}
    for profile in chain.from_iterable(map(_with_extended, names)):
        found.setdefault(profile.name, profile)
    return list(found.values())


def _with_extended(name: str, seen: tuple[str, ...] = ()) -> Iterator[Profile]:
    if name in seen:
        raise UsageError(f"The profile {name} extends itself: remove it from its `extends`.")
    profile = ready(name) if name in ORDER else _own(name)
    yield profile
    for other in profile.extends:
        yield from _with_extended(other, (*seen, name))


@cache
def ready(name: str) -> Profile:
    """One of the ready profiles."""
    return _profile(name, (files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


def _own(name: str) -> Profile:
    if not Path(name).is_file():
        raise UsageError(
            f"There is no profile {name!r}: name a file, or one of {', '.join(ORDER)}."
        )
    return _profile(name, read_text(name))


def _profile(name: str, text: str) -> Profile:
    try:
        told = msgspec.toml.decode(text, type=_File)
    except (msgspec.DecodeError, ValueError) as error:
        raise UsageError(f"The profile {name} cannot be used: {error}.") from error
    prefixes = {**NAMESPACES, **told.prefixes}

    def whole(key: str, curies: Iterable[str]) -> tuple[str, ...]:
        return tuple(_iri(name, key, curie, prefixes) for curie in curies)

    return Profile(
        name,
        told.title or Path(name).stem,
        whole("signs", told.signs),
        told.extends,
        whole("proper", told.proper),
        {part: whole(f"predicates.{part}", curies) for part, curies in told.predicates.items()},
        {role: whole(f"nodes.{role}", curies) for role, curies in told.nodes.items()},
        {kind: whole(f"types.{kind}", curies) for kind, curies in told.types.items()},
        {whole("items", [curie])[0]: called for curie, called in told.items.items()},
    )


def _iri(name: str, key: str, curie: str, prefixes: Mapping[str, str]) -> str:
    """A whole IRI; raises `UsageError` for a prefix that is not declared."""
    prefix, colon, local = curie.partition(":")
    if colon and prefix in prefixes:
        return prefixes[prefix] + local
    if colon and (local.startswith("//") or prefix == "urn"):
        return curie
    raise UsageError(
        f"The profile {name} cannot be used: {curie!r} in `{key}` is no IRI, and `prefixes` does "
        "not say what its prefix stands for."
    )
