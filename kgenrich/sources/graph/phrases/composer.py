"""Names put together from what is known of their parts.

Every part of a name, from its words to the whole, has a few ways to be written: as another name
of the same words, as a template around the way of a smaller part, as two parts one after the
other, and as a single word by sound or as it is. The likeliest are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple

from kgenrich.adapters.transliteration.transliterator import Ways
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


class Joint(NamedTuple):
    """What stands between two parts, whether they change places, and how likely that is."""

    turned: bool
    between: str
    chance: float


class Composer:
    """Puts names in one language together. ``foreign``: it is in another script."""

    def __init__(self, table: PhraseTable, *, foreign: bool) -> None:
        self._table, self._foreign = table, foreign
        self._joints: dict[tuple[str, str], tuple[Joint, ...]] = {}
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
        if size > MOST_TOKENS or not _APART.isdisjoint(some):
            return self._best(self._known(key_of(some), owner, whole=True))
        lower = [token.lower() for token in some]
        parts: dict[tuple[int, int], list[Part]] = {}
        for width in range(1, size + 1):
            for begin in range(size - width + 1):
                end = begin + width
                ways: dict[str, Part] = {}
                known = self._known(" ".join(lower[begin:end]), owner, whole=width == size)
                _add(ways, known)
                if width == 1:
                    _add(ways, self._word(some[begin], sounds.get(some[begin], []), known))
                else:
                    _add(ways, self._around(lower, begin, end, parts))
                    _add(ways, self._joined(lower, begin, end, parts))
                parts[begin, end] = self._best(ways.values())
        return parts[0, size]

    def _best(self, ways: Iterable[Part]) -> list[Part]:
        return sorted(ways, key=lambda part: (-part.chance, part.text))[:WIDTH]

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
        self,
        lower: Sequence[str],
        begin: int,
        end: int,
        parts: Mapping[tuple[int, int], list[Part]],
    ) -> list[Part]:
        found = []
        table = self._table.around
        for first in range(begin, end):
            left = " ".join(lower[begin:first])
            for last in range(first + 1, end + 1):
                if last - first == end - begin:
                    continue
                template = f"{left}{GAP}{' '.join(lower[last:end])}"
                counts = table.get(template)
                if not counts:
                    continue
                total = sum(counts.values()) + _UNSEEN
                usual = sorted(counts.items(), key=lambda pair: -pair[1])[:WIDTH]
                for sides, weight in usual:
                    before, after = sides.split(GAP)
                    chance = log(weight / total)
                    note = f"{template}{GAP}{sides}"
                    for part in parts[first, last]:
                        found.append(
                            Part(
                                f"{before}{part.text}{after}",
                                chance + part.chance,
                                part.sounded,
                                part.sound,
                                part.kept,
                                min(weight, part.support) if part.support >= 1 else weight,
                                part.steps + 1,
                                note,
                            )
                        )
        return found

    def _joined(
        self,
        lower: Sequence[str],
        begin: int,
        end: int,
        parts: Mapping[tuple[int, int], list[Part]],
    ) -> list[Part]:
        found = []
        for split in range(begin + 1, end):
            for gap in (0, 1):
                if split + gap >= end:
                    continue
                middle = lower[split] if gap else ""
                if gap and middle.isalnum() and not self._joins(middle):
                    continue
                for one in parts[begin, split]:
                    for two in parts[split + gap, end]:
                        for joint in self._between(middle, one.text, two.text):
                            first, second = (two, one) if joint.turned else (one, two)
                            found.append(
                                Part(
                                    f"{first.text}{joint.between}{second.text}",
                                    joint.chance + one.chance + two.chance,
                                    one.sounded + two.sounded,
                                    one.sound + two.sound,
                                    one.kept + two.kept,
                                    min(one.support, two.support),
                                    one.steps + two.steps + 1,
                                    "",
                                )
                            )
        return found

    def _joins(self, middle: str) -> bool:
        return middle in self._table.between

    def _between(self, middle: str, one: str, two: str) -> tuple[Joint, ...]:
        straight = kind_of(one[-1]) + kind_of(two[0])
        turned = kind_of(two[-1]) + kind_of(one[0])
        found = [j for j in self._joints.get((middle, straight), ()) if not j.turned]
        found += (j for j in self._joints.get((middle, turned), ()) if j.turned)
        if not found and (not middle or not middle.isalnum()):
            usual = middle or _USUAL.get(straight, "")
            found = [Joint(False, usual, log(0.5))]
        return tuple(found)


def _add(ways: dict[str, Part], more: Sequence[Part]) -> None:
    for part in more:
        held = ways.get(part.text)
        if held is None or part.chance > held.chance:
            ways[part.text] = part


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
