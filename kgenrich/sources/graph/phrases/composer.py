"""Names put together from what is known of their parts.

Every part of a name, from its words to the whole, has a few ways to be written: as another name
of the same words, as a template around the way of a smaller part, as two parts one after the
other, and as a single word by sound or as it is. The likeliest are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, log
from typing import NamedTuple

from kgenrich.adapters.transliteration.known_words import Ways
from kgenrich.sources.graph.phrases.phrase_table import PhraseTable
from kgenrich.sources.graph.phrases.tokens import GAP, MOST_TOKENS, key_of, kind_of, tokens

WIDTH = 4
"""Ways to write a part that are kept."""

_UNSEEN = 1.0
"""Labels that what nobody wrote down yet counts for."""

_SOUNDED, _COPIED = 1.0, 0.01
"""Labels that a word by sound counts for, and as it is, beside those that have the word."""

_WELL_KNOWN = 8.0
"""Labels that have a word from which it is not written by sound."""

_APART = frozenset("(),（）")
"""Signs of names that are no phrases: they are looked up as a whole alone."""

_USUAL = {"kk": "・", "ww": " ", "gg": " "}


class Part(NamedTuple):
    """A way to write a part of a name: the logarithm of its chance, the number of words by sound
    (with the sum of their logarithms) and of words kept, the number of labels that the rarest
    thing used was seen in, and how many templates and joints it took."""

    text: str
    chance: float
    sounded: int
    sound: float
    kept: int
    support: float
    steps: int
    note: str


Parts = dict[tuple[int, int], list[tuple[Part, str, str]]]
"""By begin and end of a part of a name the ways to write it, with the kinds of the first and the
last letter."""


class Joint(NamedTuple):
    """What stands between two parts, whether they change places, and how likely that is."""

    turned: bool
    between: str
    chance: float


class Sides(NamedTuple):
    """What a template puts before and after a part, how likely that is and in how many labels."""

    before: str
    after: str
    chance: float
    weight: float


class _Best:
    """The likeliest ways to write a part of a name, of each text one."""

    __slots__ = ("_ways", "least")

    def __init__(self) -> None:
        self._ways: dict[str, Part] = {}
        self.least = -inf
        """What is less likely is not kept."""

    def add(self, part: Part) -> None:
        held = self._ways.get(part.text)
        if held is None or part.chance > held.chance:
            self._ways[part.text] = part
            if len(self._ways) >= 3 * WIDTH:
                kept = self.parts()
                self._ways = {one.text: one for one in kept}
                self.least = kept[-1].chance

    def parts(self) -> list[Part]:
        return sorted(self._ways.values(), key=lambda part: (-part.chance, part.text))[:WIDTH]


class Composer:
    """Puts names in one language together. ``foreign``: it is in another script."""

    def __init__(self, table: PhraseTable, *, foreign: bool) -> None:
        self._table, self._foreign = table, foreign
        self._joints: dict[tuple[str, str], tuple[Joint, ...]] = {}
        self._met: dict[tuple[str, str, str], tuple[Joint, ...]] = {}
        self._sides: dict[str, tuple[Sides, ...]] = {}
        for middle, counts in table.between.items():
            totals: dict[str, float] = {}
            for key, weight in counts.items():
                kinds = key.split(GAP)[0]
                totals[kinds] = totals.get(kinds, 0.0) + weight
            by_kinds: dict[str, list[Joint]] = {}
            for key, weight in sorted(counts.items(), key=lambda pair: -pair[1]):
                kinds, turned, between = key.split(GAP)
                some = by_kinds.setdefault(kinds, [])
                if len(some) < WIDTH and weight >= 1:
                    chance = log(weight / (totals[kinds] + _UNSEEN))
                    some.append(Joint(turned == "x", between, chance))
            for kinds, some in by_kinds.items():
                self._joints[middle, kinds] = tuple(some)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """The words of a name that are written by sound."""
        some = tokens(text)
        if not self._foreign or len(some) > MOST_TOKENS:
            return ()
        return tuple(word for word in some if word[0].isalpha() and not self._is_known(word))

    def _is_known(self, word: str) -> bool:
        known = self._table.sounds.get(word.lower())
        return known is not None and max(known.values()) >= _WELL_KNOWN

    def compose(self, text: str, sounds: Mapping[str, Ways], owner: int = 0) -> list[Part]:
        """The likeliest ways to write a name, by the ways of its words by sound; what it is called
        elsewhere does not count where that is its ``owner`` alone.
        """
        some = tokens(text)
        size = len(some)
        if not size:
            return []
        whole = _Best()
        if size > MOST_TOKENS or not _APART.isdisjoint(some):
            for part in self._known(key_of(some), owner, whole=True):
                whole.add(part)
            return whole.parts()
        lower = [token.lower() for token in some]
        parts: Parts = {}
        for width in range(1, size + 1):
            for begin in range(size - width + 1):
                end = begin + width
                best = _Best()
                known = self._known(" ".join(lower[begin:end]), owner, whole=width == size)
                for part in known:
                    best.add(part)
                if width == 1:
                    for part in self._word(some[begin], sounds.get(some[begin], []), known):
                        best.add(part)
                else:
                    self._around(lower, begin, end, parts, best)
                    self._joined(lower, begin, end, parts, best)
                parts[begin, end] = [
                    (part, kind_of(part.text[0]), kind_of(part.text[-1])) for part in best.parts()
                ]
        return [part for part, _, _ in parts[0, size]]

    def _known(self, key: str, owner: int, *, whole: bool) -> list[Part]:
        table = self._table
        seen: dict[str, float] = {}
        part = 0.2 if whole else 1.0
        name = 1.0 if whole else 0.2
        is_own = owner and table.owners.get(key) == owner
        for counts, factor in (
            (None if is_own else table.names.get(key), name),
            (table.words.get(key), part),
            (table.sounds.get(key), part),
        ):
            if counts:
                for text, weight in counts.items():
                    seen[text] = seen.get(text, 0.0) + weight * factor
        if not seen:
            return []
        total = sum(seen.values()) + _UNSEEN
        return [
            Part(text, log(weight / total), 0, 0.0, 0, weight, 0, "")
            for text, weight in seen.items()
        ]

    def _word(self, word: str, sounds: Ways, known: Sequence[Part]) -> list[Part]:
        total = sum(part.support for part in known) + _UNSEEN
        is_word = any(map(str.isalpha, word))
        small = is_word and not word.isupper()
        copied = _COPIED if self._foreign and small else 0.5 if self._foreign else 1.0
        ways = [Part(word, log(copied / total), 0, 0.0, int(is_word), 0.5, 0, "")]
        ways += (
            Part(text, log(_SOUNDED * chance / total), 1, log(chance), 0, 0.5, 0, "")
            for text, chance in sounds
            if text and chance > 0
        )
        return ways

    def _around(
        self, lower: Sequence[str], begin: int, end: int, parts: Parts, best: _Best
    ) -> None:
        for first in range(begin, end):
            left = " ".join(lower[begin:first])
            for last in range(first + 1, end + 1):
                if last - first == end - begin:
                    continue
                template = f"{left}{GAP}{' '.join(lower[last:end])}"
                if template not in self._table.around:
                    continue
                for before, after, chance, weight in self._sides_of(template):
                    for part, _, _ in parts[first, last]:
                        if chance + part.chance < best.least:
                            break
                        best.add(
                            Part(
                                f"{before}{part.text}{after}",
                                chance + part.chance,
                                part.sounded,
                                part.sound,
                                part.kept,
                                min(weight, part.support) if part.support >= 1 else weight,
                                part.steps + 1,
                                f"{template}{GAP}{before}{GAP}{after}",
                            )
                        )

    def _sides_of(self, template: str) -> tuple[Sides, ...]:
        held = self._sides.get(template)
        if held is None:
            counts = self._table.around[template]
            total = sum(counts.values()) + _UNSEEN
            usual = sorted(counts.items(), key=lambda pair: -pair[1])[:WIDTH]
            found = ((sides.split(GAP), weight) for sides, weight in usual)
            held = self._sides[template] = tuple(
                Sides(before, after, log(weight / total), weight)
                for (before, after), weight in found
            )
        return held

    def _joined(
        self, lower: Sequence[str], begin: int, end: int, parts: Parts, best: _Best
    ) -> None:
        for split in range(begin + 1, end):
            for gap in (0, 1):
                if split + gap >= end:
                    continue
                middle = lower[split] if gap else ""
                if gap and middle.isalnum() and not self._joins(middle):
                    continue
                second = parts[split + gap, end]
                for one, first_kind, last_kind in parts[begin, split]:
                    for two, first, last in second:
                        both = one.chance + two.chance
                        if both < best.least:
                            break
                        joints = self._between(middle, last_kind + first, last + first_kind)
                        for turned, between, chance in joints:
                            if both + chance < best.least:
                                continue
                            texts = (two.text, one.text) if turned else (one.text, two.text)
                            best.add(
                                Part(
                                    between.join(texts),
                                    both + chance,
                                    one.sounded + two.sounded,
                                    one.sound + two.sound,
                                    one.kept + two.kept,
                                    min(one.support, two.support),
                                    one.steps + two.steps + 1,
                                    "",
                                )
                            )

    def _joins(self, middle: str) -> bool:
        return middle in self._table.between

    def _between(self, middle: str, straight: str, turned: str) -> tuple[Joint, ...]:
        key = middle, straight, turned
        held = self._met.get(key)
        if held is None:
            found = [j for j in self._joints.get((middle, straight), ()) if not j.turned]
            found += (j for j in self._joints.get((middle, turned), ()) if j.turned)
            if not found and (not middle or not middle.isalnum()):
                usual = middle or _USUAL.get(straight, "")
                found = [Joint(False, usual, log(0.5))]
            held = self._met[key] = tuple(found)
        return held


def note_of(part: Part, table: PhraseTable) -> str:
    """How a name was put together, for people."""
    said = []
    if part.note:
        left, right, before, after = part.note.split(GAP)
        counts = table.around.get(f"{left}{GAP}{right}", {})
        seen, all_ = counts.get(f"{before}{GAP}{after}", 0.0), sum(counts.values())
        template = " ".join(filter(None, (left, "…", right)))
        said.append(f"“{template}” is “{before}…{after}” in {seen:.0f} of {all_:.0f} labels")
    elif not part.steps and part.support >= 0.5 and not part.sounded:
        said.append(f"written so in the labels of {max(1, round(part.support))} others of the name")
    elif part.support >= 1:
        said.append(f"its words are written so in {part.support:.0f} labels or more")
    if part.sounded:
        said.append(f"{part.sounded} of its words by sound")
    return "; ".join(said) or "put together from its words"
