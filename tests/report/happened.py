"""A store in which much has happened: for reports and metrics. Some of its texts are hostile."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kgenrich.harvest.changes import Place
from kgenrich.model import (
    Call,
    Candidate,
    Decision,
    Entity,
    Evidence,
    Proposal,
    SourceKind,
    TermKind,
    Verdict,
)
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.answers import save_answers
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.job_runs import end_job, note_run, note_step, settle_steps, take_job
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import now, running, set_position
from tests.store.test_answers import Answer, Source

SCRIPT = "<script>document.title='owned'</script><img src=http://127.0.0.1:9/x onerror=alert(1)>"
OVERRIDE = "\u202egnp.exe\u2066 \u05d0\u05d1\u05d2"
EVIL_IRI = "javascript:alert(1)"
LABELS = {
    1: {"en": "universe"},
    2: {"en": SCRIPT},
    3: {"he": OVERRIDE},
    4: {"ar": "\u0642\u0637\u0629", "en": "cat"},
    5: {"en": "h" * 900},
    6: {"en": "line one\nline two\x1b[31m"},
}
BEFORE = [
    {
        "language": "it",
        "kind": "label",
        "entities": 10,
        "explicit": 2,
        "inherited": 0,
        "accepted": 0,
    },
    {
        "language": "ar",
        "kind": "label",
        "entities": 10,
        "explicit": 1,
        "inherited": 0,
        "accepted": 0,
    },
]
OPTIONS = {"options": {"languages": ["it", "ar", "zh"], "kinds": ["label"], "types": []}}
BAD_GATEWAY = "502 from https://ann:sesame@mt.example.org/v1"
FEED, KNOWN_UNTIL = "https://stream.example.org/changes", 1_700_000_000.0
STOPPED = "ten requests in a row failed"


def entities() -> list[Entity]:
    """Ten with some links, one of which has no address on the web."""
    found = [
        Entity(
            f"Q{n}",
            labels=LABELS.get(n, {"en": f"thing {n}", "it": f"cosa {n}"}),
            sitelinks={f"{code}wiki": "x" for code in ("en", "it", "fr", "de", "es")[: 6 - n % 6]},
            revision=n,
        )
        for n in range(1, 10)
    ]
    return [*found, Entity(EVIL_IRI, labels={"en": "no address"})]


def proposal(entity: str, language: str, text: str, probability: float, *sources: str) -> Proposal:
    evidence = tuple(
        Evidence(name, SourceKind.MT, call=f"{name} {entity} {language}") for name in sources
    )
    candidate = Candidate(entity, language, TermKind.LABEL, text, evidence)
    votes: Mapping[str, int] = {SourceKind.MT: len(sources)}
    return Proposal(candidate, len(sources), votes, probability, "pool-1")


PROPOSALS = [
    proposal("Q1", "it", "universo", 0.97, "deepl", "apertium"),
    proposal("Q1", "ar", "\u0627\u0644\u0643\u0648\u0646", 0.96, "deepl"),
    proposal("Q2", "it", SCRIPT, 0.6, "deepl"),
    proposal("Q3", "it", OVERRIDE, 0.4, "apertium"),
    proposal("Q4", "it", "gatto", 0.9, "deepl"),
    proposal("Q4", "it", "gatta", 0.3, "apertium"),
    proposal("Q4", "zh", "\u8c93", 0.8, "apertium"),
]
TENTHS = [
    {"low": 0.2, "count": 10, "expected": 0.25, "right": 0.2},
    {"low": 0.9, "count": 30, "expected": 0.95, "right": 0.9},
]
HELD_OUT = {"ece": 0.05, "reliability": TENTHS}


def decide(store: Store, place: int, verdict: Verdict, author: str, text: str = "") -> None:
    chosen = PROPOSALS[place]
    save_decisions(
        store,
        [
            Decision(
                chosen.candidate.id,
                verdict,
                author,
                text or chosen.candidate.text,
                now(),
                probability=chosen.probability,
            )
        ],
    )


def much_happens(store: Store) -> int:
    """A run of the job ``nightly``, which failed in part; gives its number."""
    load_entities(store, entities())
    run, release = take_job(store, "nightly", "nightly.toml")
    note_run(store, run.id, before=msgspec.json.encode(BEFORE).decode())
    scope = msgspec.json.encode(OPTIONS).decode()
    names = ("harvest", "enrich", "decide", "report")
    steps = settle_steps(store, run.id, [(name, scope) for name in names])
    with running(store, "enrich", {"languages": ["it", "ar", "zh"]}, "") as verb:
        for name in ("deepl", "apertium"):
            mine = [one for one in PROPOSALS for e in one.candidate.evidence if e.source == name]
            answers = [
                Answer(
                    (msgspec.structs.replace(one.candidate, evidence=(evidence,)),),
                    Call(evidence.call, name, seconds=0.5, cost=0.25, answer="{}"),
                )
                for one in mine
                for evidence in one.candidate.evidence
                if evidence.source == name
            ]
            save_answers(store, verb.id, Source(name, SourceKind.MT), answers)
        failed = Call("deepl Q9 it", "deepl", seconds=1.0, error=BAD_GATEWAY)
        save_answers(store, verb.id, Source("deepl", SourceKind.MT), [Answer((), failed)])
        save_proposals(store, verb.id, PROPOSALS, {})
    with running(store, "harvest changes", {"feed": FEED}, "") as following:
        place = Place(KNOWN_UNTIL, "mark")
        position = msgspec.json.encode({"at": str(place)}).decode()
        store.write(lambda connection: set_position(connection, following.id, position))
    with running(store, "evaluate heldout", {}, "") as evaluation:
        told = {"label": HELD_OUT | {"clusters": {"ece": 0.0, "reliability": []}}}
        evaluation.counts = {"terms": 40, "entities": 9, "languages": ["it"], "all": told}
    decide(store, 0, Verdict.ACCEPT, "policy: over 0.95")
    decide(store, 1, Verdict.ACCEPT, "policy: over 0.95")
    decide(store, 2, Verdict.REJECT, "ann")
    decide(store, 4, Verdict.EDIT, "ann", "gatto domestico")
    counts = {
        "deepl": {
            "asked": 9,
            "remembered": 1,
            "failed": 1,
            "failures": {BAD_GATEWAY: 1},
            "stopped": "",
        },
        "apertium": {"asked": 9, "remembered": 0, "failed": 9, "stopped": STOPPED},
    }
    for step in steps[:3]:
        step.status, step.seconds = "done", 1.5
        step.started = step.finished = now()
        if step.name == "enrich":
            step.run_id, step.counts = verb.id, {"requests": 18, "new": 7, "sources": counts}
        note_step(store, run.id, step)
    end_job(store, run.id, "partly", "The budget of deepl is used up.")
    release()
    return run.id
