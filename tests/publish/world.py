"""A store with decisions of people, and the wiki that it was harvested from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kgenrich.model import (
    Candidate,
    Decision,
    Entity,
    Evidence,
    Proposal,
    SourceKind,
    TermKind,
    Verdict,
)
from kgenrich.settings import Network, Publish, Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.reviewers import add_reviewer
from kgenrich.verbs.workspace import Workspace
from tests.publish.edited_wiki import EditedWiki
from tests.server import Server

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS
AT = "2026-01-02T03:04:05+00:00"
Wanted = tuple[str, str, TermKind, str]
"""Entity, language, kind and text."""

TERMS: tuple[Wanted, ...] = (
    ("Q1", "it", LABEL, "universo"),
    ("Q1", "it", DESCRIPTION, "tutto ciò che esiste"),
    ("Q1", "it", ALIAS, "cosmo"),
    ("Q1", "fr", LABEL, "univers"),
    ("Q2", "it", LABEL, "Terra"),
    ("Q2", "it", ALIAS, "pianeta Terra"),
    ("Q2", "mul", LABEL, "Terra"),
    ("P31", "it", LABEL, "istanza di"),
)


def proposed(
    wanted: Wanted,
    source: str = "en",
    kind: SourceKind = SourceKind.MT,
    licence: str = "CC0-1.0",
    replaces: str = "",
) -> Proposal:
    """A proposal that was made from the English label."""
    entity, language, term, text = wanted
    evidence = Evidence(str(kind), kind, from_language=source, from_text="x", licence=licence)
    candidate = Candidate(entity, language, term, text, (evidence,))
    votes = {str(kind): 1}
    return Proposal(candidate, 1, votes, 0.9, "pool-1", ("one says so",), replaces=replaces)


def accepted(
    one: Proposal, author: str = "bea", text: str = "", verdict: Verdict = Verdict.ACCEPT
) -> Decision:
    """What somebody says of a proposal."""
    wording = text or one.candidate.text
    return Decision(
        one.candidate.id, verdict, author, wording, AT, revision=1, replaces=one.replaces
    )


def fill(store: Store, terms: Iterable[Wanted] = TERMS) -> list[Proposal]:
    """Entities that lack the terms, and what Bea, who reads English and writes all of the
    languages, accepted."""
    terms = list(terms)
    load_entities(
        store,
        [
            Entity(id, labels={"en": f"thing {id}"}, revision=1001, type=_TYPES[id[0]])
            for id in dict.fromkeys(term[0] for term in terms)
        ],
    )
    made = [proposed(term) for term in terms]
    save_proposals(store, 1, made, {term[0]: 1001 for term in terms})
    save_decisions(store, [accepted(one) for one in made])
    add_reviewer(store, "bea", "token-of-bea", "en", "it,fr,mul")
    return made


_TYPES = {"Q": "item", "P": "property"}


def wiki_of(terms: Iterable[Wanted] = TERMS) -> EditedWiki:
    """The wiki that `fill` was harvested from."""
    wiki = EditedWiki()
    for id in dict.fromkeys(term[0] for term in terms):
        wiki.add(id, labels={"en": f"thing {id}"})
    return wiki


def settings_for(server: Server, store: str = "", interface: str = "action", **more: object):
    """Settings that send everything there, without any wait."""
    api = f"{server.url}/w/api.php"
    rest = f"{server.url}/w/rest.php/wikibase/v1" if interface == "rest" else ""
    network = Network(contact="t@example.org", requests_per_minute=1e9, retries=2, timeout=5)
    given = {"edits_per_minute": 1e9, "settle": 0.0, **more}
    return Settings(store=store, network=network, publish=Publish(api=api, rest=rest, **given))


@contextmanager
def workspace_on(store: Store, settings: Settings) -> Iterator[Workspace]:
    """A workspace on a store that is open already."""
    workspace = Workspace(settings)
    workspace._store = store
    yield workspace
