"""The story of an entity: its terms, what is proposed in their place, why, and who decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kgenrich.enrich.revalidation import RevalidatedProposal
from kgenrich.languages import State, chain, fallbacks, state, valid_codes
from kgenrich.model import MUL, Decision, Entity, Scope, TermKind
from kgenrich.store.facts.statements import statements_of
from kgenrich.store.story.decisions import decisions
from kgenrich.store.story.proposals import proposals
from kgenrich.targets import profile_of
from kgenrich.verbs.arguments import entity_labels, entity_named, reader_language
from kgenrich.verbs.revalidation import revalidate
from kgenrich.verbs.workspace import Options, Workspace

ALL = ("all",)
_SINGLE = (TermKind.LABEL, TermKind.DESCRIPTION, TermKind.DEFINITION)
"""The kinds of which a language has one."""
_TERMS = frozenset(map(str, TermKind))


class StoryOptions(Options, frozen=True, kw_only=True):
    """An ``entity`` by id or IRI. Without ``languages``: those of the settings, else the
    reader's and those with proposals; ``all`` is every language that it has a term in."""

    entity: str
    languages: tuple[str, ...] = ()
    reader: str = ""


def story(workspace: Workspace, options: StoryOptions) -> dict[str, Any]:
    """Everything there is to tell of the entity.

    Raises `StoreError` when the store has not got it.
    """
    store = workspace.store
    entity = entity_named(workspace, options.entity)
    reader = reader_language(options.reader)
    stored = proposals(store, Scope(ids=(entity.id,)), state="all")
    current = list(revalidate(workspace, stored))
    languages = _languages(workspace, options.languages, entity, current, reader)
    place = {code: number for number, code in enumerate(languages)}
    wanted = sorted(
        (row for row in current if row.stored.proposal.candidate.language in place),
        key=lambda row: (
            place[row.stored.proposal.candidate.language],
            row.stored.proposal.candidate.kind,
            row.stored.proposal.rank,
        ),
    )
    said_by = _who_says(workspace, entity.id)
    asked = profile_of(entity.id, workspace.settings.target.profile).asked
    kinds = [kind for kind in _SINGLE if kind in asked or entity.terms(kind)]
    labels = entity_labels(workspace, [entity.id, *entity.classes], reader)
    description = next(
        (
            terms[code]
            for terms in (entity.descriptions, entity.definitions)
            for code in chain(reader)
            if code in terms
        ),
        "",
    )
    return {
        "entity": entity.id,
        "label": labels.get(entity.id, ""),
        "description": description,
        "revision": entity.revision,
        "redirect": entity.redirect,
        "deleted": entity.deleted,
        "sitelinks": len(entity.sitelinks),
        "type": entity.type,
        "classes": [{"id": id, "label": labels.get(id, "")} for id in entity.classes],
        "terms": [
            {**term, "said_by": said_by.get((term["from"], term["text"]), [])}
            for code in languages
            for term in _terms(entity, code, kinds)
        ],
        "proposals": [
            _proposal(row, decisions(store, row.stored.proposal.candidate.id)) for row in wanted
        ],
    }


def _languages(
    workspace: Workspace,
    asked: tuple[str, ...],
    entity: Entity,
    current: Sequence[RevalidatedProposal],
    reader: str,
) -> tuple[str, ...]:
    if asked and asked != ALL:
        return valid_codes(asked)
    if not asked and workspace.settings.languages:
        return workspace.settings.languages
    proposed = sorted({row.stored.proposal.candidate.language for row in current})
    if not asked:
        return tuple(dict.fromkeys((reader, *proposed)))
    terms = (entity.labels, entity.descriptions, entity.definitions, entity.aliases)
    return tuple(sorted({*proposed, *(code for by_language in terms for code in by_language)}))


def _who_says(workspace: Workspace, entity: str) -> dict[tuple[str, str], list[str]]:
    """The origins of each term of an entity, by its language and text."""
    found: dict[tuple[str, str], list[str]] = {}
    for _, stated in statements_of(workspace.store, [entity]):
        for one in stated:
            value, role = one.statement.value, one.statement.form.role
            if role in _TERMS:
                names = found.setdefault((value.language, value.value), [])
                if one.origin not in names:
                    names.append(one.origin)
    return found


def _terms(entity: Entity, code: str, kinds: Sequence[TermKind]) -> list[dict[str, Any]]:
    """The terms of these kinds and the aliases of a language, with where they come from."""
    heirs = fallbacks(code)
    terms: list[tuple[TermKind, State, str, str]] = []
    for kind in kinds:
        by_language = entity.terms(kind)
        order = (code, *heirs, MUL) if kind is TermKind.LABEL else (code, *heirs)
        origin = next((one for one in order if one in by_language), "")
        told = state(code, by_language, kind, by_language.get(MUL, ""))
        terms.append((kind, told, by_language.get(origin, ""), origin))
    terms += [(TermKind.ALIAS, "explicit", text, code) for text in entity.aliases.get(code, ())]
    return [
        {"language": code, "kind": str(kind), "state": told, "text": text, "from": origin}
        for kind, told, text, origin in terms
    ]


def _proposal(row: RevalidatedProposal, history: Sequence[Decision]) -> dict[str, Any]:
    proposal = row.stored.proposal
    candidate = proposal.candidate
    # One that was brought back is not the last.
    current = max((n for n, one in enumerate(history) if one == row.stored.decision), default=-1)
    return {
        "candidate": candidate.id,
        "language": candidate.language,
        "kind": str(candidate.kind),
        "text": candidate.text,
        "replaces": proposal.replaces,
        "rank": proposal.rank,
        "probability": proposal.probability,
        "score": proposal.score,
        "votes": dict(proposal.votes),
        "ranker": proposal.ranker,
        "reasons": list(proposal.reasons),
        "codes": list(row.codes),
        "explicit": row.explicit,
        "at": row.stored.at,
        "evidence": [msgspec.to_builtins(evidence) for evidence in candidate.evidence],
        "decisions": [
            msgspec.to_builtins(decision) | {"current": number == current}
            for number, decision in enumerate(history)
        ],
    }
