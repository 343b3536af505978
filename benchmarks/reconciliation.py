"""How fast reconciliation answers, and how often the right entity comes first.

    python benchmarks/reconciliation.py DATA [--entities 400000] [--questions 600] [--folder DIR]

The graph has the entities of DATA/terms that have names in ten languages and six scripts (xfactr
and others, CC0), and as many made ones as there are to be: the first word of one name and the last
of another, language by language, so that each word is one of many entities. Of some entities one
name in another script than Latin is taken out of the graph and asked for (*script*); others are
asked for with a letter wrong (*letter*) or their words in another order (*order*). Beside the
matcher the same names are asked exact look-up (`vote_key`), tantivy (words in lower case, BM25, one
wrong letter allowed) and rapidfuzz (`token_sort_ratio` over all names); Hits@1. rapidfuzz needs a
second a question: it is asked each tenth one, and the others are counted on these too.

Speed is counted in seconds of one core: questions of all three sorts and names as they are, in
batches of ten as OpenRefine sends them, from the text to the answer in JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import tantivy
from rapidfuzz import fuzz, process

from kgenrich.languages import in_script
from kgenrich.matching.chances import misspelt
from kgenrich.model import Entity
from kgenrich.services.reconcile.reading import read_batch
from kgenrich.services.reconcile.writing import results
from kgenrich.settings import Settings
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import entity_key
from kgenrich.store.opening import open_store
from kgenrich.text import vote_key
from kgenrich.verbs.reconcile.matching import match
from kgenrich.verbs.reconcile.reconciler import Reconciler, open_reconciler
from kgenrich.verbs.workspace import Workspace

LANGUAGES = ("en", "fr", "nl", "es", "ru", "zh", "ja", "he", "ko", "el")
_SOURCES = {"xfactr", "entities", "codex"}
_SPACE = re.compile(r"[ ·・＝=]+")
_JOIN = {"zh": "·", "ja": "・"}
_EACH = 10
"""One question in so many is put to rapidfuzz."""

Names = dict[str, dict[str, list[str]]]


class Question(NamedTuple):
    sort: str
    text: str
    key: int


def read_names(data: Path) -> Names:
    """Names by entity and language."""
    names: Names = defaultdict(dict)
    with gzip.open(data / "terms/terms.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            id, language, kind, text, source = line.rstrip("\n").split("\t")
            is_name = kind in ("label", "alias") and source in _SOURCES and language in LANGUAGES
            if is_name and any(char.isalnum() for char in text):
                names[id].setdefault(language, []).append(text)
    return dict(names)


def add_made(names: Names, number: int, random: Random) -> None:
    """Make entities with names in all languages until there are so many."""
    rich = [mine for mine in names.values() if len(mine) == len(LANGUAGES)]
    for count in range(max(number - len(names), 0)):
        first, last = random.sample(rich, 2)
        names[f"Q{900_000_000 + count}"] = {
            code: [
                _SPACE.split(first[code][0])[0]
                + _JOIN.get(code, " ")
                + _SPACE.split(last[code][0])[-1]
            ]
            for code in LANGUAGES
        }


def take_questions(names: Names, number: int, random: Random) -> list[Question]:
    """A third of each sort; what is asked for as *script* is taken out of the names."""
    ids = [id for id, mine in names.items() if len(mine) >= 4]
    random.shuffle(ids)
    found = []
    for place, id in enumerate(ids):
        if len(found) >= number:
            break
        mine, key = names[id], entity_key(id)
        if place % 3 == 0:
            foreign = [c for c, t in mine.items() if in_script(t[0], c) and not t[0].isascii()]
            foreign = [code for code in foreign if code not in ("fr", "nl", "es")]
            if foreign:
                found.append(Question("script", mine.pop(random.choice(foreign))[0], key))
        elif place % 3 == 1:
            text = random.choice(list(mine.values()))[0]
            if len(text) > 3 and (asked := misspelt(text, random)) != text:
                found.append(Question("letter", asked, key))
        else:
            words = random.choice(list(mine.values()))[0].split()
            if len(words) > 1:
                found.append(Question("order", f"{words[-1]}, {' '.join(words[:-1])}", key))
    return found


def entities(names: Names) -> Iterator[Entity]:
    """The entities, half of them people and half of them places."""
    for place, (id, mine) in enumerate(names.items()):
        labels = {code: texts[0] for code, texts in mine.items()}
        aliases = {code: tuple(texts[1:]) for code, texts in mine.items() if texts[1:]}
        yield Entity(id, labels=labels, aliases=aliases, classes=(("Q5", "Q515")[place % 2],))


def load(url: str, names: Names) -> None:
    """Make the store."""
    store = open_store(url, create=True)
    batch = []
    for entity in entities(names):
        batch.append(entity)
        if len(batch) == 5000:
            load_entities(store, batch)
            batch = []
    load_entities(store, batch)
    store.close()


class Rows(NamedTuple):
    """Every name once for its entity."""

    texts: list[str]
    keys: list[int]


def rows_of(names: Names) -> Rows:
    rows = Rows([], [])
    for id, mine in names.items():
        for text in dict.fromkeys(text for texts in mine.values() for text in texts):
            rows.texts.append(text)
            rows.keys.append(entity_key(id))
    return rows


def by_exact(rows: Rows) -> Callable[[str], int]:
    first: dict[str, int] = {}
    for text, key in zip(rows.texts, rows.keys, strict=True):
        first.setdefault(vote_key(text), key)
    return lambda text: first.get(vote_key(text), 0)


def by_tantivy(rows: Rows, folder: Path) -> Callable[[str], int]:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name", tokenizer_name="default")
    builder.add_integer_field("row", fast=True)
    index = tantivy.Index(builder.build(), path=str(folder))
    writer = index.writer(64_000_000, 1)
    for row, text in enumerate(rows.texts):
        writer.add_document(tantivy.Document(name=text, row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    word = re.compile(r"\w+")

    def find(text: str) -> int:
        query = tantivy.Query
        words = [one.lower() for one in word.findall(text)]
        parts = [
            (tantivy.Occur.Should, part)
            for one in words
            for part in (
                query.term_query(index.schema, "name", one),
                query.boost_query(query.fuzzy_term_query(index.schema, "name", one, 1), 0.5),
            )
        ]
        hits = searcher.search(query.boolean_query(parts), 1, count=False).hits if parts else []
        if not hits:
            return 0
        return rows.keys[int(searcher.fast_field_values("row", [hits[0][1]])[0])]

    return find


def by_rapidfuzz(rows: Rows) -> Callable[[str], int]:
    folded = [text.lower() for text in rows.texts]

    def find(text: str) -> int:
        found = process.extractOne(text.lower(), folded, scorer=fuzz.token_sort_ratio)
        return rows.keys[found[2]] if found else 0

    return find


def by_matcher(reconciler: Reconciler) -> Callable[[str], int]:
    def find(text: str) -> int:
        found = reconciler.matcher.match(text)
        return found[0].key if found else 0

    return find


def hits(
    find: Callable[[str], int], questions: Sequence[Question]
) -> tuple[dict[str, float], float]:
    """Hits@1 by sort, and the seconds of one core a question."""
    began = time.process_time()
    right: dict[str, list[bool]] = defaultdict(list)
    for one in questions:
        right[one.sort].append(find(one.text) == one.key)
    spent = (time.process_time() - began) / max(len(questions), 1)
    return {sort: float(np.mean(marks)) for sort, marks in sorted(right.items())}, spent


def speed(reconciler: Reconciler, texts: Sequence[str]) -> float:
    """Queries a second of one core, as the service answers them."""
    batches = [texts[start : start + 10] for start in range(0, len(texts), 10)]
    asked = [
        json.dumps({f"q{n}": {"query": text, "limit": 5} for n, text in enumerate(batch)})
        for batch in batches
    ]
    began = time.process_time()
    for text in asked:
        queries = read_batch(text, ("en",))
        found = match(reconciler, list(queries.values()))
        json.dumps(results(dict(zip(queries, found, strict=True))))
    return len(texts) / (time.process_time() - began)


def calibration(reconciler: Reconciler, questions: Sequence[Question]) -> str:
    """How many of what is sure are right, and how scores hold."""
    sure, bins = [], defaultdict(list)
    for one in questions:
        if found := reconciler.matcher.match(one.text):
            best = found[0]
            bins[min(int(best.chance * 5), 4)].append((best.chance, best.key == one.key))
            if best.is_sure:
                sure.append(best.key == one.key)
    lines = []
    for part, rows in sorted(bins.items()):
        mean, right = (100 * np.mean([row[place] for row in rows]) for place in (0, 1))
        lines.append(
            f"  score {20 * part:3}-{20 * part + 20:3}: {len(rows):5} best ones, "
            f"mean {mean:5.1f}, right {right:5.1f} %"
        )
    told = f"  match: {len(sure)} of {len(questions)}, right {100 * np.mean(sure or [0]):.1f} %"
    return "\n".join([*lines, told])


def show(name: str, measured: tuple[dict[str, float], float]) -> None:
    figures = "  ".join(f"{sort} {100 * share:5.1f} %" for sort, share in measured[0].items())
    print(f"{name:12} {figures}   {1000 * measured[1]:8.2f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--entities", type=int, default=400_000)
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--folder", type=Path, help="Where the store is kept for the next time.")
    given = parser.parse_args()
    random = Random(1)
    names = read_names(given.data)
    if len(names) > given.entities:
        names = {id: names[id] for id in random.sample(sorted(names), given.entities)}
    add_made(names, given.entities, random)
    questions = take_questions(names, given.questions, random)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        url = f"sqlite:///{folder / f'names-{given.entities}.db'}"
        if not (folder / f"names-{given.entities}.db").exists():
            load(url, names)
        with Workspace(Settings(store=url)) as workspace:  # type: ignore[call-arg]
            began = time.process_time()
            reconciler = open_reconciler(workspace, ("en",))
            spent = time.process_time() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            state = reconciler.matcher.index.state
            print(
                f"{len(names):,} entities, {state.live:,} names; opened in {spent:.0f} s of a core"
            )
            few = questions[::_EACH]
            asis = [
                random.choice(random.choice(list(mine.values()))) for mine in _some(names, random)
            ]
            texts = [*(one.text for one in questions), *asis]
            random.shuffle(texts)
            rate = speed(reconciler, texts)
            print(f"{rate:,.0f} queries a second of one core; peak {peak:,.0f} MiB", flush=True)
            show("kgenrich", hits(by_matcher(reconciler), questions))
            show("  of these", hits(by_matcher(reconciler), few))
            print(calibration(reconciler, questions))
            rows = rows_of(names)
            show("exact", hits(by_exact(rows), questions))
            with tempfile.TemporaryDirectory() as place:
                show("tantivy", hits(by_tantivy(rows, Path(place)), questions))
            show("rapidfuzz", hits(by_rapidfuzz(rows), few))


def _some(names: Names, random: Random) -> list[dict[str, list[str]]]:
    return [names[id] for id in random.sample(sorted(names), 200)]


if __name__ == "__main__":
    main()
