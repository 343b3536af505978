"""What holds of a whole file of exchange, by the store and the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from kgenrich.exchange.formats import Format, Header
from kgenrich.exchange.ontologies.predicates import USUAL
from kgenrich.model import Role, TermKind
from kgenrich.namespaces import OBO_IN_OWL
from kgenrich.store.base import Store
from kgenrich.store.facts.origins import all_origins
from kgenrich.store.story.entity_rows import Manner, has_forms, manners
from kgenrich.verbs.workspace import Workspace

_ROLES: dict[TermKind, Role] = {
    TermKind.LABEL: "label",
    TermKind.DEFINITION: "definition",
    TermKind.ALIAS: "alias",
    TermKind.DESCRIPTION: "description",
}


def header_of(
    workspace: Workspace, store: Store, form: Format, source_language: str, language: str
) -> Header:
    """The header of a file in a format."""
    if not form.of_ontologies:
        return Header(source_language, language, store.base)
    files = [origin for origin in all_origins(store) if origin.kind != "wiki"]
    origin = files[0] if len(files) == 1 else None
    return Header(
        source_language,
        language,
        store.base,
        workspace.curies,
        predicates_of(manners(store) if has_forms(store) else ()),
        origin.place if origin else "",
        origin.retrieved if origin else "",
    )


def predicates_of(found: Iterable[Manner]) -> dict[TermKind, str]:
    """The predicate that most terms of each kind are said with; of the synonyms of the OBO Foundry
    the exact ones, since a name that is asked for is one."""
    counts: dict[Role, Counter[str]] = {}
    for manner in found:
        counts.setdefault(manner.form.role, Counter())[manner.form.predicate] += manner.times
    chosen = {}
    for kind, role in _ROLES.items():
        if role in counts:
            ((predicate, _),) = counts[role].most_common(1)
            is_synonym = kind is TermKind.ALIAS and predicate.startswith(OBO_IN_OWL)
            chosen[kind] = USUAL[kind] if is_synonym else predicate
    return {kind: predicate for kind, predicate in chosen.items() if predicate}
