"""How often dictionaries name countries and cities as Wikidata does, alone and together.

    python benchmarks/dictionaries.py DATA [SOURCE[=FOLDER] ...]

DATA is the folder that has the terms and entities of Wikidata and the types and relations of CoDEx;
FOLDER is where a package was unpacked (``usr/share`` of it). Items have the statements of the
entities. Where these lack something, countries get their code by their English name and their
class, and other items the country (P17) of CoDEx; a city that a package knows once under the
item's English name and in its country gets the coordinates that the package has, since CoDEx has
none: it is matched by name, country and class, and by coordinates where the entity has some.

Right means equal to any name that the item has in the language, which the source has not seen
(Chinese in either script); variants of the language are hidden with it. What scores less than 0.5
is counted apart: no default takes it for an answer.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from babel.localedata import load
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import unnamed
from kgenrich.evaluate.heldout.outcomes import family
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity, Evidence, TermKind, TermRequest, Value
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.base import MemoryGraph, SourceContext, build
from kgenrich.sources.dictionary.lookup import DictionarySource
from kgenrich.sources.dictionary.places import PlaceIndex, coordinates
from kgenrich.sources.graph.scripts import conversions
from kgenrich.text import vote_key

LANGUAGES = ("fr", "es", "nl", "tr", "hu", "ru", "el", "he", "ko", "ja", "zh")
COUNTRY, HISTORICAL = "Q6256", "Q3024240"


class Answer(Struct):
    """What a source said of an item in a language."""

    item: str
    language: str
    source: str
    text: str
    evidence: Evidence
    is_right: bool


def read_items(data: Path) -> dict[str, Entity]:
    """The items of all files, with all their names and with what is said of places."""
    names: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    with gzip.open(data / "terms/terms.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            item, language, kind, text, _ = line.rstrip("\n").split("\t")
            if kind != "description":
                names[item][language][text] = None
    with gzip.open(data / "codex/types/entity2types.json.gz", "rt", encoding="utf-8") as file:
        types = json.load(file)
    countries = _countries(data / "codex/triples/codex-m")
    items = {
        item: Entity(
            item,
            {language: next(iter(texts)) for language, texts in own.items()},
            aliases={language: tuple(texts)[1:] for language, texts in own.items()},
            classes=tuple(types.get(item, ())),
            claims={"P17": tuple(countries[item])} if item in countries else {},
        )
        for item, own in names.items()
    }
    with Input(data / "wikidata_entities/entities.ndjson.gz") as source:
        for batch in read_dump(source, Reader((), DEFAULT_PROPERTIES)):
            items |= {entity.id: entity for entity in batch.entities}
    return items


def _countries(folder: Path) -> Mapping[str, list[Value]]:
    said: dict[str, list[Value]] = defaultdict(list)
    for part in ("train", "valid", "test"):
        with gzip.open(folder / f"{part}.txt.gz", "rt", encoding="utf-8") as file:
            for line in file:
                item, relation, value = line.split()
                if relation == "P17":
                    said[item].append(Value("entity", value))
    return said


def with_codes(items: dict[str, Entity]) -> None:
    """Give countries without a code the one of their English name, if it is one country's."""
    coded = {v.value for item in items.values() for v in item.claims.get("P297", ())}
    english = defaultdict(set)
    for item in items.values():
        if COUNTRY in item.classes and HISTORICAL not in item.classes:
            for name in item.names("en"):
                english[vote_key(name)].add(item.id)
    for code, name in load("en")["territories"].items():
        called = english[vote_key(name)]
        if len(code) == 2 and code not in coded and len(called) == 1:
            item = items[next(iter(called))]
            items[item.id] = replace(item, claims={**item.claims, "P297": (Value("string", code),)})


def with_symbols(items: dict[str, Entity], symbols: Mapping[str, str]) -> None:
    """Give chemical elements their symbol, if their English names are both that and the name."""
    for item in list(items.values()):
        names = set(map(str.lower, item.names("en")))
        for symbol, name in symbols.items():
            if {symbol.lower(), name} <= names:
                claims = {**item.claims, "P246": (Value("string", symbol),)}
                items[item.id] = replace(item, claims=claims)


def with_places(items: dict[str, Entity], sources: Iterable[DictionarySource]) -> None:
    """Give cities without coordinates those of the only place of a package that has their name and
    lies in their country."""
    graph = MemoryGraph(items.values())
    for source in sources:
        by_name = defaultdict(list)
        for place in source.dictionary.places:
            by_name[vote_key(place.name), place.country].append(place)
        unique = [places[0] for places in by_name.values() if len(places) == 1]
        index = PlaceIndex(unique, graph)
        names = defaultdict(list)
        for place in unique:
            names[vote_key(place.name)].append(place)
        for item in list(items.values()):
            if coordinates(item) is not None or "P17" not in item.claims:
                continue
            for place in {p for name in item.names("en") for p in names.get(vote_key(name), ())}:
                point = Value("string", f"Point({place.longitude} {place.latitude})")
                placed = replace(item, claims={**item.claims, "P625": (point,)})
                if index.find(placed) == place:
                    items[item.id] = placed


def ask(source: DictionarySource, items: Iterable[Entity]) -> Iterator[Answer]:
    """What it says of the items that have a name in a language, without having seen it."""
    for item in items:
        for language in LANGUAGES:
            written = [*item.names(language)]
            if not written:
                continue
            written += [t for text in written for _, t in conversions(text, language, "zh-hans")]
            right = set(map(vote_key, written))
            request = TermRequest(unnamed(item, *family(language)), language, TermKind.LABEL)
            for candidate in source.candidates(request):
                texts = [candidate.text]
                texts += [t for _, t in conversions(candidate.text, language, "zh-hans")]
                is_right = not right.isdisjoint(map(vote_key, texts))
                (evidence,) = candidate.evidence
                yield Answer(item.id, language, source.name, candidate.text, evidence, is_right)


def share(answers: Sequence[Answer]) -> str:
    """The share of right ones, of how many."""
    right = sum(answer.is_right for answer in answers) / max(1, len(answers))
    return f"{right:5.3f} of {len(answers):5,}" if answers else "    - of     0"


def table(title: str, rows: Mapping[str, Sequence[Answer]]) -> None:
    """Print the shares by language and their mean."""
    print(f"\n{title}")
    print(f"{'':28} {' '.join(f'{language:>14}' for language in LANGUAGES)}   mean")
    for name, answers in rows.items():
        by_language = [[a for a in answers if a.language == code] for code in LANGUAGES]
        means = [sum(a.is_right for a in some) / len(some) for some in by_language if some]
        mean = sum(means) / max(1, len(means))
        print(f"{name:28} {' '.join(map(share, by_language))}  {mean:5.3f}")


def calibration(rows: Mapping[str, Sequence[Answer]]) -> None:
    """Print what the scores of each source promise and what they hold, by tenths of the score."""
    print(f"\n{'Calibration':28} score  right  expected error")
    for name, answers in rows.items():
        bins: dict[int, list[Answer]] = defaultdict(list)
        for answer in answers:
            bins[int(10 * (answer.evidence.score or 0))].append(answer)
        means = [(_score(some), _right(some), len(some)) for some in bins.values()]
        error = sum(abs(score - right) * count for score, right, count in means) / len(answers)
        print(f"{name:28} {_score(answers):5.3f}  {_right(answers):5.3f}  {error:5.3f}")


def _score(answers: Sequence[Answer]) -> float:
    return sum(answer.evidence.score or 0 for answer in answers) / len(answers)


def _right(answers: Sequence[Answer]) -> float:
    return sum(answer.is_right for answer in answers) / len(answers)


def agreed(answers: Sequence[Answer], *, count: int) -> Iterator[Answer]:
    """One answer for each text that at least so many sources say of an item."""

    def key(answer: Answer) -> Any:
        return answer.item, answer.language, vote_key(answer.text)

    for _, group in groupby(sorted(answers, key=key), key):
        same = list(group)
        if len({answer.source for answer in same}) >= count:
            yield same[0]


def main() -> None:
    """Print, by source and language, the share of right answers."""
    data, *named = sys.argv[1:]
    items = read_items(Path(data))
    with_codes(items)
    wanted = [name.partition("=") for name in named or ["cldr", "iso-codes"]]
    sources = []
    for name, _, folder in wanted:
        options = {"folders": [folder]} if folder else {}
        context = SourceContext(MemoryGraph(items.values()), LANGUAGES, Settings(), options)
        source = build(name, context)
        assert isinstance(source, DictionarySource)
        sources.append(source)
    for source in sources:
        with_symbols(items, source.dictionary.originals.get("element", {}))
    with_places(items, sources)
    graph = MemoryGraph(items.values())
    answers: list[Answer] = []
    for name, _, folder in wanted:
        options = {"folders": [folder]} if folder else {}
        fresh = build(name, SourceContext(graph, LANGUAGES, Settings(), options))
        assert isinstance(fresh, DictionarySource)
        answers += ask(fresh, items.values())
    rows: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        of = answer.evidence.note.split(", ", 1)[1].split(" ")[0]
        rows[f"{answer.source}, {of}"].append(answer)
        if (answer.evidence.score or 0) >= 0.5:
            rows[f"{answer.source}, {of}, 0.5 up"].append(answer)
    table("Each source", dict(sorted(rows.items())))
    calibration({name: some for name, some in sorted(rows.items()) if "0.5 up" not in name})
    likely = [answer for answer in answers if (answer.evidence.score or 0) >= 0.5]
    together = {"two or more agree": list(agreed(answers, count=2))}
    together["two or more agree, 0.5 up"] = list(agreed(likely, count=2))
    for of in ("territory", "city"):
        some = [a for a in answers if f", {of} " in a.evidence.note]
        together[f"two agree, {of}"] = list(agreed(some, count=2))
    table("Together", together)


if __name__ == "__main__":
    main()
