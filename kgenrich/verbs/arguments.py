"""What a person gives a verb, as the values that it takes: languages, kinds, states, a class, an
entity, and in whose language entities are named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import get_args

from kgenrich.errors import StoreError, UsageError
from kgenrich.languages import CODES, chain, valid_codes
from kgenrich.model import Entity, EntityType, Scope, TermKind
from kgenrich.store.facts.graph import find_entities, find_entity, has_class
from kgenrich.store.facts.graph_kinds import is_wikibase, kinds_held
from kgenrich.store.facts.origins import origin_number
from kgenrich.store.keys import chunks, read_id
from kgenrich.store.story.runs import harvested_languages
from kgenrich.targets import TargetProfile, profile
from kgenrich.verbs.workspace import Options, Workspace

STATES = ("asserted", "accepted", "proposed")
_SINGULAR = {
    "labels": "label",
    "descriptions": "description",
    "aliases": "alias",
    "definitions": "definition",
    "properties": "property",
    "ontologies": "ontology",
}


class ScopeOptions(Options, frozen=True, kw_only=True):
    """What narrows a verb: codes of languages, kinds of term (``label``, ``descriptions``), the id
    or IRI of a class, types of entities. What is not given does not narrow; but terms are missing
    of items alone where no ``types`` are given."""

    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    class_id: str | None = None
    types: tuple[str, ...] = ()


def read_scope(workspace: Workspace, options: ScopeOptions) -> Scope:
    """The scope of the options, as wide as they leave it.

    Raises `UsageError` for an unknown language, kind or type, `StoreError` for a class of nothing.
    """
    return Scope(
        valid_codes(options.languages) if options.languages else (),
        read_kinds(workspace, options.kinds) if options.kinds else (),
        read_class(workspace, options.class_id),
        types=read_types(options.types),
    )


def read_languages(workspace: Workspace, asked: Sequence[str]) -> tuple[str, ...]:
    """The languages asked for, else those of the settings; `UsageError` if neither or unknown."""
    languages = tuple(asked or workspace.settings.languages)
    if not languages:
        raise UsageError(
            "Which languages? Give --languages it,ja or set `languages` in kgenrich.toml."
        )
    return valid_codes(languages)


def read_kinds(workspace: Workspace, asked: Sequence[str]) -> tuple[TermKind, ...]:
    """The kinds of term asked for, else those that the target's profile says, which for a
    vocabulary hang on what the graph has; `UsageError` for one that there is not."""
    if not asked:
        profile = store_profile(workspace)
        held = kinds_held(workspace.store) if profile.asked_where_present else ()
        present = (kind for kind in profile.asked_where_present if kind in held)
        return (*profile.asked, *present)
    try:
        return tuple(dict.fromkeys(TermKind(_SINGULAR.get(kind, kind)) for kind in asked))
    except ValueError as error:
        raise UsageError(f"{error}: use label, description, alias or definition.") from error


def read_origin(workspace: Workspace, name: str) -> str:
    """The name of an origin of the store, empty for none. Raises `UsageError` for an unknown one,
    naming those that there are."""
    if name:
        origin_number(workspace.store, name)
    return name


def read_types(
    asked: Sequence[str], default: tuple[EntityType, ...] = ()
) -> tuple[EntityType, ...]:
    """The types of entities asked for, in the plural or not, else ``default``; `UsageError` for
    an unknown one."""
    known: tuple[EntityType, ...] = get_args(EntityType)
    names = [_SINGULAR.get(name, name.removesuffix("s")) for name in asked]
    for name, given in zip(names, asked, strict=True):
        if name not in known:
            raise UsageError(f"There is no type of entity {given!r}: use {', '.join(known)}.")
    return tuple(name for name in known if name in names) or default


def store_profile(workspace: Workspace) -> TargetProfile:
    """The profile of the target that the settings name, else that of the graph as a whole: of a
    Wikibase where any entity is of one."""
    name = workspace.settings.target.profile
    return profile(name or ("wikibase" if is_wikibase(workspace.store) else "vocabulary"))


def remark_on_kinds(workspace: Workspace, kinds: Iterable[TermKind]) -> None:
    """Remark on kinds that the target has no place for."""
    held = store_profile(workspace)
    if foreign := [kind for kind in kinds if kind not in held.kinds]:
        workspace.progress.remark(
            f"Warning: {held.title} has no place for a {foreign[0]}, so none is accepted for it: "
            'profile = "vocabulary" under [target] is for a target that has.',
            grave=True,
        )


def read_class(workspace: Workspace, name: str | None) -> str | None:
    """The id of the class that a person names; None for None.

    Raises `StoreError` when nothing in the store belongs to it.
    """
    if name is None:
        return None
    class_id = read_entity_id(workspace, name)
    if not has_class(workspace.store, class_id):
        raise StoreError(f"The store has nothing of the class {class_id}.")
    return class_id


def read_entity_id(workspace: Workspace, name: str) -> str:
    """The id of an entity or a class as a person names it: bare, by its IRI or by a CURIE.

    Raises `UsageError` for a prefix that nobody knows or that means several things.
    """
    store = workspace.store
    try:
        return read_id(workspace.curies.expand(name), store.base)
    except UsageError:
        # What looks like a CURIE may be an IRI.
        id = name.strip()
        if has_class(store, id) or find_entity(store, id):
            return id
        raise


def read_states(asked: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """The states of terms asked for, in their order; `UsageError` for an unknown one."""
    chosen = asked or default
    for state in chosen:
        if state not in STATES:
            raise UsageError(f"There is no state {state!r}: use {', '.join(STATES)}.")
    return tuple(state for state in STATES if state in chosen)


def reader_language(asked: str = "") -> str:
    """The language asked for, else that of the environment, else English.

    Raises `UsageError` for an unknown one asked for.
    """
    if asked:
        return valid_codes([asked])[0]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable, "").split(".")[0]:
            for code in (value, value.split("_")[0]):
                try:
                    return valid_codes([code])[0]
                except UsageError:
                    continue
    return "en"


def entity_labels(workspace: Workspace, ids: Iterable[str], reader: str) -> dict[str, str]:
    """A label for each entity that has one: in the reader's chain of languages, else in any."""
    unlabelled = set(ids)
    labels: dict[str, str] = {}
    for order in (chain(reader), CODES):
        for entity, by_language in workspace.graph.labels(unlabelled, order).items():
            labels[entity] = next(by_language[code] for code in order if code in by_language)
        unlabelled -= labels.keys()
        if not unlabelled:
            break
    return labels


def entity_descriptions(workspace: Workspace, ids: Iterable[str], reader: str) -> dict[str, str]:
    """A description, or else a definition, for each entity that has one in the reader's chain of
    languages."""
    found: dict[str, str] = {}
    for chunk in chunks(dict.fromkeys(ids), 500):
        for id, entity in find_entities(workspace.store, chunk).items():
            told = (entity.descriptions, entity.definitions)
            texts = (terms[code] for terms in told for code in chain(reader) if code in terms)
            if text := next(texts, ""):
                found[id] = text
    return found


def entity_named(workspace: Workspace, name: str) -> Entity:
    """The entity that a person names, as ``Q5``, ``q5``, ``skos:c1`` or by its IRI.

    Raises `StoreError` when the store has not got it, `UsageError` for a prefix that means nothing.
    """
    entity_id = read_entity_id(workspace, name)
    entity = find_entity(workspace.store, entity_id)
    if entity is None:
        raise StoreError(f"The store has no entity {entity_id}: harvest it first.")
    return entity


def warn_of_unharvested(
    workspace: Workspace, languages: Sequence[str], *, allowed: bool = True
) -> None:
    """Remark on those of the languages that were not harvested; `UsageError` where that is not
    ``allowed``."""
    harvested = harvested_languages(workspace.store)
    missed = [code for code in languages if harvested is not None and code not in harvested]
    if not missed:
        return
    warning = (
        f"{', '.join(missed)} {'was' if len(missed) == 1 else 'were'} not harvested: what is "
        "missing here may exist in the graph."
    )
    if not allowed:
        raise UsageError(f"{warning} Harvest first, or enrich all the same with --unharvested.")
    workspace.progress.remark(f"Warning: {warning}", grave=True)
