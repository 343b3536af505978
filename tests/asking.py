"""What tests of sources that are called share: entities, contexts, servers that answer JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.settings import Settings
from kgenrich.sources.base import Answer, MemoryGraph, Source, SourceContext, build
from kgenrich.sources.budget import Limits
from tests.server import Asked

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS

COMPANY = Entity("Q4830453", labels={"en": "business", "de": "Unternehmen", "it": "azienda"})
HUMAN = Entity("Q5", labels={"en": "human", "de": "Mensch", "it": "umano"})
APPLE = Entity(
    "Q312",
    labels={"en": "Apple", "de": "Apple"},
    descriptions={"en": "American technology company", "de": "US-Unternehmen"},
    classes=("Q4830453",),
)
ROSE = Entity("Q102231", labels={"en": "Rose"}, descriptions={"en": "flower"})
PEARL = Entity("Q43436", labels={"en": "Pearl"}, classes=("Q5",))
GOOGLE = Entity(
    "Q95",
    labels={"en": "Google", "it": "Gugol"},
    descriptions={"en": "American company", "it": "azienda statunitense"},
    classes=("Q4830453",),
    sitelinks={"enwiki": "Google", "itwiki": "Google"},
)
WORLD = (COMPANY, HUMAN, APPLE, ROSE, PEARL, GOOGLE)


def settings(**network: Any) -> Settings:
    """Settings with a contact, no waiting, no retries."""
    own = {"contact": "test@example.org", "retries": 0, "requests_per_minute": 1e6, **network}
    return Settings(network=own)  # type: ignore[arg-type]


def make(
    use: str,
    options: Mapping[str, Any] | None = None,
    *,
    name: str = "",
    languages: tuple[str, ...] = ("it",),
    world: Iterable[Entity] = WORLD,
    limits: Limits | None = None,
    of: Settings | None = None,
) -> Source:
    """A registered source, made as the command line makes it."""
    own = {"use": use, **(options or {})}
    context = SourceContext(
        MemoryGraph(world), languages, of or settings(), own, limits=limits or Limits()
    )
    return build(name or use, context)


def want(entity: Entity, language: str = "it", kind: TermKind = LABEL) -> TermRequest:
    """A request."""
    return TermRequest(entity, language, kind)


def ask(source: Source, *requests: TermRequest) -> list[Answer]:
    """All answers, by request; one without a candidate where nothing could be asked."""
    answers = {id(answer.request): answer for answer in answers_of(source, requests)}
    return [answers.get(id(request), Answer(request)) for request in requests]


def answers_of(source: Source, requests: Sequence[TermRequest]) -> Iterable[Answer]:
    """The answers as they come."""
    return source.propose(source.prepare(requests))


def fingerprint(source: Source, request: TermRequest) -> str:
    """The fingerprint of the call that would answer."""
    (question,) = source.prepare([request])
    return question.fingerprint


def texts(answer: Answer) -> list[str]:
    """The candidates' texts."""
    return [candidate.text for candidate in answer.candidates]


def sent(asked: Asked) -> Any:
    """The JSON that a server was sent."""
    return json.loads(asked.body)
