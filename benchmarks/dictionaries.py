"""How often a dictionary names countries as Wikidata does.

    python benchmarks/dictionaries.py DATA [SOURCE]

DATA is the folder that has the terms and entities of Wikidata and the types of CoDEx. Countries
that have no code there get it by their English name and their class. Right means equal to any name
that the item has in the language, which the source has not seen (Chinese in either script);
variants of the language are hidden with it. What scores less than 0.5 is counted apart: no default
takes it for an answer.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.localedata import load

from kgenrich.consensus.candidate_groups import unnamed
from kgenrich.evaluate.heldout.outcomes import family
from kgenrich.model import Entity, TermKind, TermRequest, Value
from kgenrich.settings import Settings
from kgenrich.sources.base import FreeSource, MemoryGraph, SourceContext, build
from kgenrich.sources.graph.scripts import conversions
from kgenrich.text import vote_key

LANGUAGES = ("fr", "es", "nl", "tr", "hu", "ru", "el", "he", "ko", "ja", "zh")
COUNTRY, HISTORICAL = "Q6256", "Q3024240"


def countries(data: Path) -> Iterator[Entity]:
    """The items of countries with their names and their code."""
    codes = {}
    with gzip.open(data / "wikidata_entities/entities.ndjson.gz", "rt", encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)
            for statement in item.get("claims", {}).get("P297", []):
                codes[item["id"]] = statement["mainsnak"]["datavalue"]["value"]
    with gzip.open(data / "codex/types/entity2types.json.gz", "rt", encoding="utf-8") as file:
        types = json.load(file)
    names: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    english = defaultdict(set)
    with gzip.open(data / "terms/terms.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            item, language, kind, text, _ = line.rstrip("\n").split("\t")
            if kind != "description":
                names[item][language][text] = None
                if language == "en":
                    english[vote_key(text)].add(item)
    for code, name in load("en")["territories"].items():
        if len(code) == 2 and code not in codes.values():
            called = [
                item
                for item in english[vote_key(name)]
                if COUNTRY in (classes := types.get(item, ())) and HISTORICAL not in classes
            ]
            if len(called) == 1:
                codes[called[0]] = code
    for item, code in codes.items():
        yield Entity(
            item,
            {language: next(iter(texts)) for language, texts in names[item].items()},
            aliases={language: tuple(texts)[1:] for language, texts in names[item].items()},
            claims={"P297": (Value("string", code),)},
        )


def main() -> None:
    """Print, by language, the countries, answers, and shares of right ones."""
    name = sys.argv[2] if len(sys.argv) > 2 else "cldr"
    items = [*countries(Path(sys.argv[1]))]
    source = build(name, SourceContext(MemoryGraph([]), LANGUAGES, Settings()))
    assert isinstance(source, FreeSource)
    shares = []
    print("language  named  answered  right  of 0.5 or more  right of copies")
    for language in LANGUAGES:
        named = [item for item in items if item.names(language)]
        answers = []
        for item in named:
            request = TermRequest(unnamed(item, *family(language)), language, TermKind.LABEL)
            written = [*item.names(language)]
            written += [t for text in written for _, t in conversions(text, language, "zh-hans")]
            for candidate in source.candidates(request):
                right = vote_key(candidate.text) in map(vote_key, written)
                answers.append((candidate.evidence[0], right))
        copies = [right for evidence, right in answers if "as in English" in evidence.note]
        likely = [right for evidence, right in answers if (evidence.score or 0) >= 0.5]
        every = [right for _, right in answers]
        shares.append((share(every), share(likely)))
        print(
            f"{language:8}  {len(named):5}  {len(every):8}  {shares[-1][0]:5.3f}  "
            f"{shares[-1][1]:5.3f} of {len(likely):4}  {sum(copies):6} of {len(copies):4}"
        )
    means = [sum(column) / len(shares) for column in zip(*shares, strict=True)]
    print(f"mean share of right answers: {means[0]:.3f}, of those of 0.5 or more {means[1]:.3f}")


def share(right: Sequence[bool]) -> float:
    """The share of right ones."""
    return sum(right) / max(1, len(right))


if __name__ == "__main__":
    main()
