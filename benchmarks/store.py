"""Loading a store against the plain way: SQLAlchemy Core and text columns.

    python benchmarks/store.py --entities 8000 --rounds 5 [--url postgresql://...] [--data FILE]

Both write the same real items, their QIDs renumbered, in batches of 2,000 and one transaction a
batch. The plain way has one table a kind of row, everything as text, and indexes for the same
look-ups: by entity, and labels by their text (``without_label_index`` leaves out the latter). Ours
writes the same rows and, beside them, digests and the coverage counts. Rounds are interleaved;
what is told is the median of the ratios of CPU time (wall time on PostgreSQL, which does its work
in another process).

``story`` is what sources said of made-up entities (`worked_store`), what was proposed and decided:
kept by us and the plain way, and how much longer what people wait for takes when there is ten
times as much of it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Column, Engine, Index, MetaData, Table, Text, insert
from worked_store import FIRST, call, decisions, harvest, proposals, work

from kgenrich.harvest.document import Reader
from kgenrich.model import Entity, Evidence, Proposal, Scope, TermKind
from kgenrich.settings import DEFAULT_PROPERTIES
from kgenrich.store.base import Store
from kgenrich.store.engine import make_engine
from kgenrich.store.facts.coverage import coverage
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import chunks
from kgenrich.store.migrate import downgrade
from kgenrich.store.opening import open_store
from kgenrich.store.story.exports import provenance_rows, term_rows
from kgenrich.store.story.proposals import find_proposal
from kgenrich.store.story.proposals import proposals as queue

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared/data/wikidata_entities/entities.ndjson.gz"
BATCH = 2000

plain = MetaData()
TERMS = Table("plain_terms", plain, *(Column(c, Text) for c in ("id", "language", "kind", "text")))
LINKS = Table("plain_sitelinks", plain, *(Column(c, Text) for c in ("id", "site", "title")))
CLASSES = Table("plain_classes", plain, *(Column(c, Text) for c in ("id", "class")))
CLAIMS = Table(
    "plain_claims",
    plain,
    *(Column(c, Text) for c in ("id", "property", "kind", "value", "language")),
)
SAID = Table(
    "plain_evidence", plain, *(Column(c, Text) for c in ("id", *Evidence.__struct_fields__))
)
PROPOSED = Table(
    "plain_proposals",
    plain,
    *(Column(c, Text) for c in ("id", "language", "kind", "text", "probability", "reasons")),
)
DECIDED = Table(
    "plain_decisions", plain, *(Column(c, Text) for c in ("id", "verdict", "author", "text", "at"))
)
CALLED = Table("plain_calls", plain, *(Column(c, Text) for c in ("id", "model", "answer", "error")))
for table in (TERMS, LINKS, CLASSES, CLAIMS, SAID, PROPOSED, DECIDED, CALLED):
    Index(f"{table.name}_by_id", table.c.id)
BY_TEXT = Index(
    "plain_labels_by_text",
    TERMS.c.language,
    TERMS.c.text,
    sqlite_where=TERMS.c.kind == "label",
    postgresql_where=TERMS.c.kind == "label",
)


def items(path: Path, count: int, *, terms_only: bool) -> list[list[Entity]]:
    """Batches of real items under new QIDs."""
    reader = Reader((), DEFAULT_PROPERTIES)
    with gzip.open(path, "rb") as lines:
        real = [entity for line in lines for entity in reader.read(line)]
    if terms_only:
        real = [
            Entity(e.id, labels=e.labels, descriptions=e.descriptions, aliases=e.aliases)
            for e in real
        ]
    made = [
        msgspec.structs.replace(entity, id=f"Q{number}")
        for number, entity in zip(range(1000, 1000 + count), cycle(real), strict=False)
    ]
    return [made[start : start + BATCH] for start in range(0, count, BATCH)]


def load_plain(
    engine: Engine, batches: Sequence[Sequence[Entity]], *, by_text: bool = True
) -> None:
    """The plain way."""
    plain.drop_all(engine)
    plain.create_all(engine)
    if not by_text:
        BY_TEXT.drop(engine)
    for batch in batches:
        with engine.begin() as connection:
            for table, rows in (
                (TERMS, list(_terms(batch))),
                (
                    LINKS,
                    [
                        {"id": e.id, "site": site, "title": title}
                        for e in batch
                        for site, title in e.sitelinks.items()
                    ],
                ),
                (CLASSES, [{"id": e.id, "class": name} for e in batch for name in e.classes]),
                (
                    CLAIMS,
                    [
                        {
                            "id": e.id,
                            "property": name,
                            "kind": v.kind,
                            "value": v.value,
                            "language": v.language,
                        }
                        for e in batch
                        for name, values in e.claims.items()
                        for v in values
                    ],
                ),
            ):
                if rows:
                    connection.execute(insert(table), rows)


def _terms(batch: Sequence[Entity]) -> Iterator[dict[str, str]]:
    for entity in batch:
        one = (("label", entity.labels), ("description", entity.descriptions))
        for kind, by_language in one:
            for language, text in by_language.items():
                yield {"id": entity.id, "language": language, "kind": kind, "text": text}
        for language, texts in entity.aliases.items():
            for text in texts:
                yield {"id": entity.id, "language": language, "kind": "alias", "text": text}


def story_plain(engine: Engine, made: Sequence[Sequence[Proposal]]) -> None:
    """The story the plain way; calls, evidence, proposals, then decisions."""
    for number, batch in enumerate(chunks(made, BATCH)):
        every = [one for about in batch for one in about]
        calls = [call(FIRST + number * BATCH + place) for place in range(len(batch))]
        rows: dict[Table, list[dict[str, str]]] = {
            CALLED: [
                {
                    "id": c.fingerprint,
                    "model": c.model_resolved,
                    "answer": c.answer,
                    "error": c.error,
                }
                for c in calls
            ],
            SAID: [
                {"id": one.candidate.id, **{k: f"{v}" for k, v in asdict(evidence).items()}}
                for one in every
                for evidence in one.candidate.evidence
            ],
            PROPOSED: [
                {
                    "id": one.candidate.entity,
                    "language": one.candidate.language,
                    "kind": one.candidate.kind,
                    "text": one.candidate.text,
                    "probability": f"{one.probability}",
                    "reasons": "\n".join(one.reasons),
                }
                for one in every
            ],
        }
        with engine.begin() as connection:
            for table, some in rows.items():
                connection.execute(insert(table), some)
    for some in chunks((d for about in made for d in decisions(about)), BATCH):
        with engine.begin() as connection:
            told = [
                {
                    "id": d.candidate,
                    "verdict": d.verdict,
                    "author": d.author,
                    "text": d.text,
                    "at": d.at,
                }
                for d in some
            ]
            connection.execute(insert(DECIDED), told)


def story(chosen: argparse.Namespace, clock: Callable[[], float]) -> dict[str, object]:
    """Keeping the story and reading it."""
    entities = chosen.entities
    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    waits: dict[str, list[float]] = {}
    for round in range(chosen.rounds):
        with TemporaryDirectory() as folder:
            url = chosen.url or f"sqlite:///{folder}/ours.db"
            small = open_store(url, create=True)
            harvest(small, entities // 10)
            work(small, entities // 10, entities // 20)
            before = waiting(small, clock)
            small.close()
            if chosen.url:
                downgrade(url)
            else:
                Path(folder, "ours.db").unlink()
            store = open_store(url, create=True)
            harvest(store, entities)
            engine = make_engine(chosen.url or f"sqlite:///{folder}/plain.db")
            plain.create_all(engine)
            made = [proposals(FIRST + number) for number in range(entities)]
            ways: dict[str, Callable[[], object]] = {
                "ours": partial(work, store, entities, entities * 2),
                "plain": partial(story_plain, engine, made),
            }
            for way in sorted(ways, reverse=bool(round % 2)):
                seconds[way].append(timed(ways[way], clock))
            after = waiting(store, clock)
            for name, spent in after.items():
                waits.setdefault(name, []).append(spent / before[name])
            store.close()
            plain.drop_all(engine)
            engine.dispose()
            if chosen.url:
                downgrade(url)
    return {
        "proposals": entities * 3,
        "proposals_per_second": round_(entities * 3 / median(seconds["ours"])),
        "times_core_with_text": ratios(seconds["plain"], seconds["ours"]),
        "times_longer_with_ten_times_as_much": {
            name: round_(median(found), 2) for name, found in waits.items()
        },
    }


def waiting(store: Store, clock: Callable[[], float]) -> dict[str, float]:
    """Seconds for what people wait for: a page of the queue, a proposal, a page of stories."""
    candidate = proposals(FIRST + 1)[0].candidate.id

    def best(work: Callable[[], object]) -> float:
        return min(timed(work, clock) for _ in range(7))

    return {
        "page_of_the_queue": best(lambda: list(queue(store, Scope(("it",)), limit=50))),
        "coverage_of_a_language": best(lambda: coverage(store, Scope(("it",)))),
        "a_proposal": best(lambda: find_proposal(store, candidate)),
        "a_hundred_stories": best(lambda: list(islice(provenance_rows(store), 100))),
    }


def load_ours(url: str, batches: Sequence[Sequence[Entity]]) -> None:
    """Our way, a new store each time."""
    store = open_store(url, create=True)
    for batch in batches:
        load_entities(store, batch)
    store.close()


def timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    """Seconds."""
    start = clock()
    work()
    return clock() - start


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entities", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", help="PostgreSQL; SQLite in a temporary folder by default")
    parser.add_argument("--data", type=Path, default=DATA)
    chosen = parser.parse_args()
    clock = time.perf_counter if chosen.url else time.process_time
    result: dict[str, object] = {"entities": chosen.entities, "rounds": chosen.rounds}
    for name, terms_only in (("terms", True), ("everything", False)):
        batches = items(chosen.data, chosen.entities, terms_only=terms_only)
        terms = sum(len(list(_terms(batch))) for batch in batches)
        seconds: dict[str, list[float]] = {name: [] for name in ("ours", "full", "bare", "again")}
        for round in range(chosen.rounds):
            with TemporaryDirectory() as folder:
                url = chosen.url or f"sqlite:///{folder}/ours.db"
                open_store(url, create=True).close()
                engine = make_engine(chosen.url or f"sqlite:///{folder}/plain.db")
                ways = {
                    "ours": partial(load_ours, url, batches),
                    "full": partial(load_plain, engine, batches),
                    "bare": partial(load_plain, engine, batches, by_text=False),
                }
                for way in sorted(ways, reverse=bool(round % 2)):
                    seconds[way].append(timed(ways[way], clock))
                seconds["again"].append(timed(ways["ours"], clock))
                if round == chosen.rounds - 1 and not terms_only:
                    result["reading"] = reading(url, clock)
                plain.drop_all(engine)
                engine.dispose()
                if chosen.url:
                    downgrade(url)
        result[name] = {
            "terms": terms,
            "terms_per_second": round_(terms / median(seconds["ours"])),
            "times_core_with_text": ratios(seconds["full"], seconds["ours"]),
            "times_core_without_label_index": ratios(seconds["bare"], seconds["ours"]),
            "times_faster_when_nothing_changed": ratios(seconds["ours"], seconds["again"]),
        }
    result["story"] = story(chosen, clock)
    print(json.dumps(result, indent=2))


def reading(url: str, clock: Callable[[], float]) -> dict[str, float]:
    """Reading back: coverage of everything and by class, and the terms in order."""
    store = open_store(url)
    spent = {
        "coverage_ms": timed(lambda: coverage(store), clock) * 1000,
        "coverage_of_100_classes_ms": timed(
            lambda: coverage(store, Scope(("it", "ja")), by_class=True, limit=100), clock
        )
        * 1000,
        "labels_counted_one_by_one_ms": timed(
            lambda: sum(1 for _ in term_rows(store, Scope(kinds=(TermKind.LABEL,)))), clock
        )
        * 1000,
    }
    count = 0

    def read() -> None:
        nonlocal count
        count = sum(1 for _ in term_rows(store))

    seconds = timed(read, clock)
    store.close()
    return {name: round_(value, 2) for name, value in spent.items()} | {
        "terms_read_per_second": round_(count / seconds)
    }


def ratios(more: Sequence[float], less: Sequence[float]) -> list[float]:
    """The lowest, the median and the highest ratio of the rounds."""
    found = sorted(a / b for a, b in zip(more, less, strict=True))
    return [round_(value, 2) for value in (found[0], median(found), found[-1])]


def round_(value: float, digits: int = 0) -> float:
    """Rounded, whole numbers as such."""
    return round(value, digits) if digits else int(value)


if __name__ == "__main__":
    main()
