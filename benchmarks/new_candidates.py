"""What candidates that no source gave could add on WikiKGE-10: right names found, names made.

    python benchmarks/new_candidates.py DATA

DATA has wikikge10/ and terms/terms.tsv.gz, whose names of other entities are what the encoder finds
its nearest ones among (Russian, Japanese, French and Korean, at most 60,000 each).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, product
from pathlib import Path

import numpy as np

from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.consensus.candidate_features import PARENTS, candidate_rows
from kgenrich.evaluate.wikikge.benchmark import Item, normal
from kgenrich.evaluate.wikikge.benchmark_folder import load
from kgenrich.model import TermKind

NEAR = ("ru", "ja", "fr", "ko")
NEAREST = 8
MOST_NAMES = 60_000


def parts(texts: list[str]) -> Iterator[str]:
    """The best three names without their first, their last, or their inner words."""
    for text in texts[:3]:
        words = text.split()
        if len(words) > 1:
            yield " ".join(words[1:])
            yield " ".join(words[:-1])
        if len(words) > 2:
            yield f"{words[0]} {words[-1]}"


def recomposed(texts: list[str]) -> Iterator[str]:
    """Names of two to four words put together anew, each word from one of the best names."""
    by_length: dict[int, list[list[str]]] = defaultdict(list)
    for text in texts[:PARENTS]:
        words = text.replace("・", " ").replace("·", " ").split()
        if 2 <= len(words) <= 4:
            by_length[len(words)].append(words)
    for several in by_length.values():
        places = [list(dict.fromkeys(place)) for place in zip(*several, strict=True)]
        yield from (" ".join(words) for words in islice(product(*places), 64))


class Nearest:
    """The names of other entities that are nearest to the best three, by the encoder."""

    def __init__(self, encoder: NameEncoder, holders: dict[str, set[str]]) -> None:
        self.encoder = encoder
        self.holders = dict(islice(holders.items(), MOST_NAMES))
        self.texts = list(self.holders)
        self.vectors = encoder.encode(self.texts)

    def __call__(self, item: Item, texts: list[str]) -> Iterator[str]:
        """At most `NEAREST`."""
        like = (self.vectors @ self.encoder.encode(texts[:3]).T).max(axis=1)
        for place in np.argpartition(-like, NEAREST)[:NEAREST].tolist():
            if self.holders[self.texts[place]] != {item.id}:
                yield self.texts[place]


def main() -> None:
    data = Path(sys.argv[1])
    by_language = load(data / "wikikge10")
    holders: dict[str, dict[str, set[str]]] = {code: defaultdict(set) for code in NEAR}
    for entity, code, kind, text in read_terms(data / "terms/terms.tsv.gz"):
        if code in holders and kind is not TermKind.DESCRIPTION:
            holders[code][text].add(entity)
    encoder = NameEncoder.load()
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def count(what: str, made: Iterable[str], known: set[str], gold: set[str]) -> None:
        new = {normal(text) for text in made} - known - {""}
        for place, number in enumerate((len(new & gold), len(new), len(gold))):
            counts[what][place] += number

    for code, items in by_language.items():
        nearest = Nearest(encoder, holders[code]) if code in holders else None
        for item in items:
            names = item.entity_names.candidates
            gold = {normal(name) for name in item.correct}
            found = candidate_rows(names, code)
            given = {normal(row.text) for row in found if not row.rule}
            count("by rule", (row.text for row in found if row.rule), given, gold)
            every = {normal(row.text) for row in found}
            best = sorted(names, key=lambda name: (-name.total, -name.votes))
            texts = [name.text for name in best]
            count("parts", parts(texts), every, gold)
            count("recomposed", recomposed(texts), every, gold)
            if nearest and texts:
                count("nearest", nearest(item, texts), every, gold)
    for what, (right, made, gold) in counts.items():
        print(f"{what:12} {right:5} right of {made:7} new ones; {gold} right names in all")


if __name__ == "__main__":
    main()
