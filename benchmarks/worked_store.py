"""A store as it is after people have worked on it: for benchmarks and for tests of what a query
reads.

Made up, the same each time: entities with terms in English, German and half of them in Italian,
of 100 classes; for each three proposals (two Italian labels, of which one is the first choice, and
a French description) of two sources, one of which was called; decisions on the first choices of
the most linked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from kgenrich.model import (
    Call,
    Candidate,
    Decision,
    Entity,
    Evidence,
    Proposal,
    Reject,
    SourceKind,
    TermKind,
    Value,
    Verdict,
)
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import chunks
from kgenrich.store.story.answers import save_answers
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import record_export
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import add_rejects, running, set_position

FIRST = 1000
CLASSES = 100
_BATCH = 2000
_AT = "2026-01-02T03:04:05+00:00"


class Caller(Struct, frozen=True):
    """A source that was called."""

    name: str = "big"
    kind: SourceKind = SourceKind.LLM
    licence: str = "CC0-1.0"


class Answer(Struct, frozen=True):
    """What it said."""

    candidates: tuple[Candidate, ...]
    call: Call | None


def entity(number: int) -> Entity:
    """An entity; the lower the number, the more linked."""
    labels = {"en": f"Place {number}", "de": f"Ort {number}"}
    return Entity(
        f"Q{number}",
        labels=labels | ({"it": f"Luogo {number}"} if number % 2 else {}),
        descriptions={"en": f"place in the region {number % 97}"},
        aliases={"en": (f"Spot {number}",)},
        classes=(f"Q{1 + number % CLASSES}",),
        claims={"P31": (Value("entity", f"Q{1 + number % CLASSES}"),)},
        sitelinks=dict.fromkeys(_sites(number), f"Place {number}"),
        revision=number,
    )


def _sites(number: int) -> Sequence[str]:
    return ("enwiki", "dewiki", "frwiki", "jawiki", "ruwiki")[: 6 - len(str(number))]


def proposals(number: int) -> list[Proposal]:
    """What is proposed for an entity."""
    id = f"Q{number}"
    made = []
    for language, kind, text, rank in (
        ("it", TermKind.LABEL, f"Posto {number}", 1),
        ("it", TermKind.LABEL, f"Sito {number}", 2),
        ("fr", TermKind.DESCRIPTION, f"lieu dans la région {number}", 1),
    ):
        said = (
            Evidence("names", SourceKind.GRAPH, from_language="en", from_text=f"Place {number}"),
            Evidence("big", SourceKind.LLM, call=call(number).fingerprint, score=0.5),
        )
        votes = {SourceKind.LLM: 1, SourceKind.GRAPH: 1}
        sure = (number * 7919 + rank) % 1000 / 1000
        candidate = Candidate(id, language, kind, text, said)
        made.append(Proposal(candidate, 2, votes, sure, "pool-1", ("two agree",), (), rank))
    return made


def call(number: int) -> Call:
    """The call that brought them; one in ten failed."""
    failed = "too long" if number % 10 == 0 else ""
    return Call(f"{number:032x}", "big", "m", "m-1", 10, 5, 0.1, answer="{}", error=failed)


def decisions(made: Sequence[Proposal]) -> Iterator[Decision]:
    """What was decided of the first choices among them."""
    for number, one in enumerate(one for one in made if one.rank == 1):
        verdict = Verdict.REJECT if number % 5 == 0 else Verdict.ACCEPT
        candidate = one.candidate
        yield Decision(candidate.id, verdict, "ann", candidate.text, _AT, score=2, probability=0.9)


def fill(store: Store, entities: int, decided: int) -> None:
    """Work on an empty store: so many entities, and decisions on the first ones."""
    harvest(store, entities)
    work(store, entities, decided)


def harvest(store: Store, entities: int) -> None:
    """So many entities, and what was kept aside."""
    numbers = range(FIRST, FIRST + entities)
    with running(store, "harvest dump", {"file": "made up"}, "") as run:
        for batch in chunks(numbers, _BATCH):
            load_entities(store, [entity(number) for number in batch])
        with store.begin() as connection:
            set_position(connection, run.id, f"{entities}")
            garbage = (Reject("made up", at, "no JSON", "{") for at in range(entities // 10))
            add_rejects(connection, run.id, garbage)


def work(store: Store, entities: int, decided: int) -> None:
    """What sources said of them, what was made of it, and decisions on the first ones."""
    numbers = range(FIRST, FIRST + entities)
    with running(store, "enrich", {"languages": ["it"]}, "") as run:
        for batch in chunks(numbers, _BATCH):
            by_number = {number: proposals(number) for number in batch}
            answers = [
                Answer((), called)
                if called.error
                else Answer(tuple(one.candidate for one in made), called)
                for number, made in by_number.items()
                for called in [call(number)]
            ]
            save_answers(store, run.id, Caller(), answers)
            every = [one for made in by_number.values() for one in made]
            save_proposals(store, run.id, every, {f"Q{number}": number for number in batch})
    first = (one for number in numbers for one in decisions(proposals(number)))
    for some in chunks(islice(first, decided), _BATCH):
        save_decisions(store, some)
    for number in range(entities // 100):
        with running(store, "export rdf", {"output": f"{number}.nt"}, "") as run:
            record_export(store, run.id, "nt", f"{number}.nt", number, f"{number:064x}")
