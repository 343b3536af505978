"""How well likeness tells wordings of one meaning from those of another, and where to cut.

    python benchmarks/agreement.py TERMS [ENCODER]

TERMS is a table ``entity, language, kind, text, source`` (TSV, perhaps gz). A pair of descriptions
means the same when both are of one entity: English ones of several sources or dates, the shipped
items' Spanish and English ones beside what Apertium (eng-spa, if it is installed) makes of the
other, and those of near variants of a language. The others are as like as can be had: of entities
of the same class, or with a word in common. The cut is the least likeness at which at most 15 % of
the others agree on one half of the entities; what it does on the other half is printed beside it.
"""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import which

import numpy as np
from msgspec import Struct

from kgenrich.adapters.likeness import likeness
from kgenrich.consensus.description_agreement import CHARACTERS, VECTORS, chrf, contradict
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import content_id
from kgenrich.resources import resource
from kgenrich.text import vote_key

WRONG = 0.15
MOST_OF_A_CLASS = 25
VARIANTS = (("nb", "nn"), ("pt", "pt-br"), ("zh", "zh-hans"))
_LONG_WORD = 5


class Pair(Struct, frozen=True):
    """Two descriptions of one set: do they mean the same, and which half chose the cut?"""

    set: str
    left: str
    right: str
    same: bool
    half: int


def pairs(
    name: str,
    own: Mapping[str, str],
    others: Mapping[str, str],
    groups: Mapping[str, Sequence[str]],
    chance: random.Random,
) -> Iterator[Pair]:
    """For every entity its two wordings, and one of them beside those of up to three others of
    the same group."""
    for members in groups.values():
        for entity in members[:MOST_OF_A_CLASS]:
            left, right = own[entity], others[entity]
            if vote_key(left) == vote_key(right):
                continue
            half = int(content_id(entity)[:4], 16) % 2
            yield Pair(name, left, right, True, half)
            strange = [e for e in members if vote_key(own[e]) not in map(vote_key, (left, right))]
            for other in chance.sample(strange, min(3, len(strange))):
                yield Pair(name, right, own[other], False, half)


def collect(terms: Path) -> list[Pair]:
    """All pairs; the same ones in every run."""
    chance = random.Random(7)
    with Input(str(resource("config/demo/items.json.gz"))) as file:
        items = [entity for batch in read_dump(file, Reader()) for entity in batch.entities]
    items.sort(key=lambda item: item.id)
    by_class = defaultdict(list)
    for item in items:
        by_class["".join(item.classes[:1])].append(item.id)

    def classes(known: Mapping[str, str], other: Mapping[str, str]) -> dict[str, list[str]]:
        found = {c: [e for e in es if known.get(e) and other.get(e)] for c, es in by_class.items()}
        return {c: es for c, es in found.items() if es}

    def of(code: str) -> dict[str, str]:
        return {item.id: item.descriptions[code] for item in items if code in item.descriptions}

    found = list(dated(terms, of("en"), chance))
    if which("apertium"):
        both = sorted(of("en").keys() & of("es").keys())
        for code, mode, source in (("es", "eng-spa", "en"), ("en", "spa-eng", "es")):
            made = dict(zip(both, translated([of(source)[e] for e in both], mode), strict=True))
            found += pairs(f"{code}, translated", of(code), made, classes(of(code), made), chance)
    for left, right in VARIANTS:
        grouped = classes(of(left), of(right))
        found += pairs(f"{left}, {right}", of(left), of(right), grouped, chance)
    return found


def dated(terms: Path, known: Mapping[str, str], chance: random.Random) -> Iterator[Pair]:
    """English descriptions of one entity from several sources, and others with a long word in
    common."""
    wordings: dict[str, dict[str, str]] = defaultdict(dict)
    for entity, text in known.items():
        wordings[entity][vote_key(text)] = text
    opened = gzip.open if terms.suffix == ".gz" else open
    with opened(terms, "rt", encoding="utf-8") as lines:
        for line in lines:
            entity, language, kind, text = line.rstrip("\n").split("\t")[:4]
            if (language, kind) == ("en", "description") and entity.startswith("Q"):
                wordings[entity].setdefault(vote_key(text), text)
    holders = defaultdict(list)
    for entity in sorted(wordings):
        for word in sorted({w for key in wordings[entity] for w in key.split()}):
            if len(word) >= _LONG_WORD:
                holders[word].append(entity)
    firsts = {entity: min(texts.values()) for entity, texts in wordings.items()}
    for entity in sorted(wordings):
        texts = sorted(wordings[entity].values())
        words = [w for w in vote_key(texts[0]).split() if len(holders[w]) > 3]
        if len(texts) < 2 or not words:
            continue
        members = [entity, *(e for e in holders[chance.choice(words)] if e != entity)]
        chosen = {"": [entity, *chance.sample(members[1:], 3)]}
        seconds = firsts | {entity: texts[1]}
        yield from pairs("en, by date", firsts, seconds, chosen, chance)


def translated(texts: Sequence[str], mode: str) -> list[str]:
    """By Apertium, one after the other; the semicolon keeps it from joining them."""
    given = "\n\n".join(f"{text} ;" for text in texts)
    done = subprocess.run(
        ["apertium", "-u", mode], input=given, capture_output=True, text=True, check=True
    )
    return [part.strip().removesuffix(";").strip() for part in done.stdout.split("\n\n")]


def area(values: np.ndarray, same: np.ndarray) -> float:
    """The area under the ROC curve: how often what is the same is more alike; ties half."""
    more = values[same][:, None] - values[~same][None, :]
    return float(((more > 0) + 0.5 * (more == 0)).mean())


def main() -> None:
    """Print areas, cuts and what they do."""
    found = collect(Path(sys.argv[1]))
    same, half = (np.array([getattr(p, name) for p in found]) for name in ("same", "half"))
    sets = np.array([p.set for p in found])
    clash = np.array([contradict(p.left, p.right) for p in found])
    names = list(dict.fromkeys(sets.tolist()))
    weight = np.zeros(len(found))
    for name in names:  # every set counts alike, whatever its size
        for place in ((sets == name) & (same == s) & (half == h) for s in (0, 1) for h in (0, 1)):
            weight[place] = 1 / max(1, place.sum())
    print("pairs:", {name: (int((same & (sets == name)).sum()), int((~same & (sets == name)).sum()))
                     for name in names})  # fmt: skip
    print(f"numbers contradict: {clash[same].mean():.3f} of the same, {clash[~same].mean():.3f}")

    def agree(values: np.ndarray, cut: float, part: int) -> tuple[float, float]:
        right, wrong = (
            (weight * (values >= cut))[(same == s) & (half == part)].sum() / len(names)
            for s in (True, False)
        )
        return float(right), float(wrong)

    encoders = {"characters": None, "shipped encoder": ""} | {n: n for n in sys.argv[2:3]}
    for title, encoder in encoders.items():
        if encoder is None:
            plain = np.array([chrf(p.left, p.right) for p in found])
        else:
            model = likeness(encoder)
            texts = sorted({text for p in found for text in (p.left, p.right)})
            vectors = dict(zip(texts, model.vectors(texts), strict=True))
            plain = np.array([float(vectors[p.left] @ vectors[p.right]) for p in found])
        values = np.where(clash, -1.0, plain)
        areas = {name: area(values[sets == name], same[sets == name]) for name in names}
        print(f"\n{title}: area {np.mean(list(areas.values())):.3f}"
              f" (numbers not looked at: {np.mean([area(plain[sets == n], same[sets == n]) for n in names]):.3f})")  # fmt: skip  # noqa: E501
        print("  ", {name: round(value, 3) for name, value in areas.items()})
        grid = np.arange(0.2, 1.0, 0.05).round(2)
        chosen = next(float(cut) for cut in grid if agree(values, cut, 0)[1] <= WRONG)
        for cut in (chosen, CHARACTERS if encoder is None else VECTORS):
            there = [f"{share:.2f}" for part in (0, 1) for share in agree(values, cut, part)]
            print(f"   from {cut:.2f}: same {there[0]}, other {there[1]} agree on the half that"
                  f" chose; {there[2]}, {there[3]} on the other half")  # fmt: skip


if __name__ == "__main__":
    main()
