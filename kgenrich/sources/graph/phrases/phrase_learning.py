"""Learning a `PhraseTable` from pairs of names.

What a part of a name is in the other language is first known where the part is the name of
something else, or is kept as it is. What is left around such parts are templates; those that were
seen often tell what the parts are that nobody knew, and with these the templates are counted anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from kgenrich.sources.graph.phrases.phrase_table import Counts, PhraseTable
from kgenrich.sources.graph.phrases.tokens import (
    GAP,
    MOST_TOKENS,
    is_bounded,
    key_of,
    kind_of,
    tokens,
    words_of,
)

LEAST = 3
"""Names with the same template from which it is looked at."""

_SURE, _SURE_SHARE = 3.0, 0.25
"""Weight of a template's translation, and its share, from which it tells what its part is."""

_WAYS = 4
"""Translations of a part that are looked for in a name."""

_KEPT = 8
_MANY = -1
_MOST_NAMES = 3


class Pair(NamedTuple):
    """Names of one thing in two languages."""

    sources: Sequence[str]
    targets: Sequence[str]
    owner: int = 0


class Split(NamedTuple):
    """A name with a part taken out: the key of the part and its text, the template."""

    part: str
    text: str
    template: str
    begin: int
    end: int


class SourceName:
    """A name that is translated from: its key, its tokens and its splits."""

    __slots__ = ("key", "splits", "tokens")

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.key = key_of(self.tokens)
        self.splits = list(_splits(self.tokens)) if 1 < len(self.tokens) <= MOST_TOKENS else []


def _splits(some: tuple[str, ...]) -> Iterator[Split]:
    size = len(some)
    lower = [token.lower() for token in some]
    for begin in range(size):
        for end in range(begin + 1, size + 1):
            if end - begin < size:
                left, right = " ".join(lower[:begin]), " ".join(lower[end:])
                part = " ".join(lower[begin:end])
                text = " ".join(some[begin:end]).replace(" - ", "-")
                yield Split(part, text, f"{left}{GAP}{right}", begin, end)


def learn(
    pairs: Iterable[Pair],
    cache: dict[str, SourceName],
    sounding: Callable[[str, str], bool] | None = None,
) -> PhraseTable:
    """What the pairs teach. ``cache`` holds names that several languages are learned from. With
    ``sounding`` the target is in another script, and words that sound alike are paired: names that
    are kept as they are teach nothing then, and are to be left out.
    """
    held = cache
    table = PhraseTable()
    rows: list[tuple[SourceName, Sequence[str], float]] = []
    for pair in pairs:
        for text, targets, weight in remember(table, pair):
            name = held.get(text)
            if name is None:
                name = held[text] = SourceName(text)
            rows.append((name, targets, weight / min(len(pair.sources), _MOST_NAMES)))
    frequent = _frequent(rows)
    if sounding is not None:
        table.sounds = _pair_words(rows, sounding)
    table.around = _count_templates(rows, frequent, table)
    table.words = _infer_parts(rows, table)
    table.around = _count_templates(rows, frequent, table)
    table.between = _count_joins(rows, table)
    _trim(table)
    return table


def remember(table: PhraseTable, pair: Pair) -> list[tuple[str, Sequence[str], float]]:
    """Put the names of a pair into a table as wholes; gives each name that is translated from, what
    it is translated to, and what each of those counts for."""
    table.labels += 1
    remembered = []
    for place, text in enumerate(pair.sources[:_MOST_NAMES]):
        targets = _plain(pair.targets, text)[:_MOST_NAMES]
        weight = 1.0 / len(targets)
        key = key_of(tokens(text))
        known = table.names.setdefault(key, {})
        if table.owners.setdefault(key, pair.owner) != pair.owner:
            table.owners[key] = _MANY
        for target in targets:
            known[target] = known.get(target, 0.0) + (weight if not place else weight / 2)
        remembered.append((text, targets, weight))
    return remembered


def _plain(targets: Sequence[str], source: str) -> Sequence[str]:
    """The names without those that have brackets or commas where the source has none; all where
    no others are left."""
    together = "\n".join(targets)
    signs = [sign for sign in ("(", ",", "（") if sign in together and sign not in source]
    if not signs:
        return targets
    return [text for text in targets if not any(sign in text for sign in signs)] or targets


def _pair_words(
    rows: Sequence[tuple[SourceName, Sequence[str], float]], sounding: Callable[[str, str], bool]
) -> dict[str, Counts]:
    """Words that stand at the same place of names of as many words, and sound alike."""
    sounds: dict[str, Counts] = defaultdict(dict)
    for name, targets, weight in rows:
        words = [token for token in name.tokens if token[0].isalpha()]
        if len(words) > MOST_TOKENS:
            continue
        for target in targets:
            others = [token for token in words_of(target) if token[:1].isalpha()]
            if len(others) == len(words):
                for one, two in zip(words, others, strict=True):
                    if sounding(one, two):
                        counts = sounds[one.lower()]
                        counts[two] = counts.get(two, 0.0) + weight
    return dict(sounds)


def _frequent(rows: Sequence[tuple[SourceName, Sequence[str], float]]) -> set[str]:
    seen: Counter[str] = Counter()
    for name, _, _ in rows:
        seen.update([split.template for split in name.splits])
    return {template for template, count in seen.items() if count >= LEAST}


def _count_templates(
    rows: Sequence[tuple[SourceName, Sequence[str], float]], frequent: set[str], table: PhraseTable
) -> dict[str, Counts]:
    around: dict[str, Counts] = defaultdict(dict)
    for name, targets, weight in rows:
        for split in name.splits:
            if split.template in frequent:
                ways = known_ways(table, split.part, split.text)
                for target in targets:
                    if (place := _found(ways, target)) is not None:
                        begin, end = place
                        sides = f"{target[:begin]}{GAP}{target[end:]}"
                        counts = around[split.template]
                        counts[sides] = counts.get(sides, 0.0) + weight
    return dict(around)


def known_ways(table: PhraseTable, part: str, text: str) -> list[str]:
    """What a part is known to be in the other language, the likeliest first; itself too."""
    known = table.names.get(part), table.words.get(part), table.sounds.get(part)
    if not any(known):
        return [text]
    ways: dict[str, float] = {text: 0.5}
    for counts in known:
        if counts:
            for way, weight in counts.items():
                ways[way] = ways.get(way, 0.0) + weight
    return sorted(ways, key=lambda way: -ways[way])[:_WAYS]


def _found(ways: Sequence[str], target: str) -> tuple[int, int] | None:
    lower = target.lower()
    if len(lower) != len(target):
        return None
    for way in ways:
        begin = lower.find(way.lower())
        end = begin + len(way)
        if begin >= 0 and end - begin < len(target) and is_bounded(target, begin, end):
            return begin, end
    return None


def _infer_parts(
    rows: Sequence[tuple[SourceName, Sequence[str], float]], table: PhraseTable
) -> dict[str, Counts]:
    """Parts of names whose templates are known to be translated by sides that stand there."""
    sure: dict[str, list[tuple[str, str]]] = {}
    for template, counts in table.around.items():
        total = sum(counts.values())
        usual = [
            sides
            for sides, weight in counts.items()
            if weight >= _SURE and weight >= _SURE_SHARE * total and len(sides) > 1
        ]
        for sides in sorted(usual, key=lambda sides: (-len(sides), sides)):
            left, right = sides.split(GAP)
            sure.setdefault(template, []).append((left, right))
    words: dict[str, Counts] = defaultdict(dict)
    for name, targets, weight in rows:
        for split in name.splits:
            for left, right in sure.get(split.template, ()):
                for target in targets:
                    middle = _middle(target, left, right)
                    if middle:
                        counts = words[split.part]
                        counts[middle] = counts.get(middle, 0.0) + weight
    # One label alone may be wrong; a word of it is worth the try.
    return {
        part: counts
        for part, counts in words.items()
        if " " not in part or sum(counts.values()) > 1
    }


def _middle(target: str, left: str, right: str) -> str:
    begin, end = len(left), len(target) - len(right)
    if begin < end and target.startswith(left) and target.endswith(right):
        return target[begin:end] if is_bounded(target, begin, end) else ""
    return ""


def _count_joins(
    rows: Sequence[tuple[SourceName, Sequence[str], float]], table: PhraseTable
) -> dict[str, Counts]:
    """What stands between two known parts that are all of a name, or all but one token."""
    between: dict[str, Counts] = defaultdict(dict)
    for name, targets, weight in rows:
        by_ends = {(split.begin, split.end): split for split in name.splits}
        size = len(name.tokens)
        for split in name.splits:
            if split.begin:
                continue
            for gap in (0, 1):
                other = by_ends.get((split.end + gap, size))
                if other is None:
                    continue
                middle = name.tokens[split.end].lower() if gap else ""
                one = known_ways(table, split.part, split.text)
                two = known_ways(table, other.part, other.text)
                for target in targets:
                    if (joint := _joint(one, two, target)) is not None:
                        counts = between[middle]
                        counts[joint] = counts.get(joint, 0.0) + weight
    return {middle: counts for middle, counts in between.items() if sum(counts.values()) >= LEAST}


def _joint(one: Sequence[str], two: Sequence[str], target: str) -> str | None:
    lower = target.lower()
    for turned, (first, second) in (("", (one, two)), ("x", (two, one))):
        for before in first:
            if lower.startswith(before.lower()):
                for after in second:
                    size = len(target) - len(after)
                    bounded = is_bounded(target, 0, len(before)) and is_bounded(
                        target, size, len(target)
                    )
                    if bounded and size >= len(before) and lower.endswith(after.lower()):
                        kinds = kind_of(before[-1]) + kind_of(after[0])
                        return f"{kinds}{GAP}{turned}{GAP}{target[len(before) : size]}"
    return None


def _trim(table: PhraseTable) -> None:
    """Keep the most frequent of everything."""
    for counts in (table.names, table.words, table.around, table.between, table.sounds):
        for key, ways in counts.items():
            if len(ways) > _KEPT:
                most = 60 if counts is table.between else _KEPT
                kept = sorted(ways, key=lambda way: (-ways[way], way))[:most]
                counts[key] = {way: ways[way] for way in kept}
