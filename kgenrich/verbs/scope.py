"""From what a person asks for to the scope of a verb, and what to say of it."""

from __future__ import annotations

from collections.abc import Sequence

from kgenrich.errors import StoreError, UsageError
from kgenrich.languages import valid_codes
from kgenrich.model import Scope, TermKind
from kgenrich.verbs.workspace import Options, Workspace

LABELS_AND_DESCRIPTIONS = (TermKind.LABEL, TermKind.DESCRIPTION)
STATES = ("asserted", "accepted", "proposed")
_SINGULAR = {"labels": "label", "descriptions": "description", "aliases": "alias"}


class ScopeOptions(Options, frozen=True, kw_only=True):
    """What narrows a verb: codes of languages, kinds of term (``label``, ``descriptions``), the id
    or IRI of a class. What is not given does not narrow."""

    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    class_id: str | None = None


def read_scope(workspace: Workspace, options: ScopeOptions) -> Scope:
    """The scope of the options, as wide as they leave it.

    Raises `UsageError` for an unknown language or kind, `StoreError` for a class of nothing.
    """
    return Scope(
        valid_codes(options.languages) if options.languages else (),
        read_kinds(options.kinds) if options.kinds else (),
        read_class(workspace, options.class_id),
    )


def read_languages(workspace: Workspace, asked: Sequence[str]) -> tuple[str, ...]:
    """The languages asked for, else those of the settings; `UsageError` if neither or unknown."""
    languages = tuple(asked or workspace.settings.languages)
    if not languages:
        raise UsageError(
            "Which languages? Give --languages it,ja or set `languages` in kgenrich.toml."
        )
    return valid_codes(languages)


def read_kinds(asked: Sequence[str]) -> tuple[TermKind, ...]:
    """The kinds of term asked for, else labels and descriptions; `UsageError` for another one."""
    if not asked:
        return LABELS_AND_DESCRIPTIONS
    try:
        return tuple(dict.fromkeys(TermKind(_SINGULAR.get(kind, kind)) for kind in asked))
    except ValueError as error:
        raise UsageError(f"{error}: use label, description or alias.") from error


def read_class(workspace: Workspace, name: str | None) -> str | None:
    """The id of the class that a person names; None for None.

    Raises `StoreError` when nothing in the store belongs to it.
    """
    if name is None:
        return None
    from kgenrich.store.facts.graph import has_class
    from kgenrich.store.keys import read_id

    class_id = read_id(name, workspace.store.base)
    if not has_class(workspace.store, class_id):
        raise StoreError(f"The store has nothing of the class {class_id}.")
    return class_id


def read_states(asked: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """The states of terms asked for, in their order; `UsageError` for an unknown one."""
    chosen = asked or default
    for state in chosen:
        if state not in STATES:
            raise UsageError(f"There is no state {state!r}: use {', '.join(STATES)}.")
    return tuple(state for state in STATES if state in chosen)


def unharvested(workspace: Workspace, languages: Sequence[str]) -> str:
    """What to know of those of the languages that were not harvested; empty if all were."""
    from kgenrich.store.story.runs import harvested_languages

    harvested = harvested_languages(workspace.store)
    if harvested is None:
        return ""
    missed = [code for code in languages if code not in harvested]
    verb = "was" if len(missed) == 1 else "were"
    return (
        f"{', '.join(missed)} {verb} not harvested: what is missing here may exist in the graph."
        if missed
        else ""
    )


def warn_of_unharvested(workspace: Workspace, languages: Sequence[str]) -> None:
    """Remark on those of the languages that were not harvested."""
    if warning := unharvested(workspace, languages):
        workspace.progress.remark(f"Warning: {warning}", grave=True)
