"""The forms in which a language's descriptions mention a value: its label, inflected, as an
adjective, after a preposition. Only forms that were seen are ever written."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from kgenrich.sources.graph.describe.records import PLACES, Record, month_value
from kgenrich.sources.graph.describe.style import Style, Word, words

PLAIN, BENT = "=", "~"
"""The kind of a form that is the label itself, and of one that is not. A form after joining words
has the first letter of those as its kind, so that "du", "des" and "d'" go together."""

_SHORTEST = 3
_RESEMBLES_SHORT, _RESEMBLES_LONG, _RESEMBLES_ONCE = 0.6, 0.35, 0.5
_PURITY, _PURITY_UNLIKE = 0.6, 0.9
_MIN_UNLIKE = 3
_MIN_SHARE = 0.25
_MIN_OTHERS = 5
_USUAL = 0.6
_MOST_JOINING = 2
_CLASS = "class:"

Names = Callable[[str], Sequence[str]]
"""The names of a value: those in the language at hand first, then those of others."""


class Mention(NamedTuple):
    """Where a text mentions a value, and how."""

    start: int
    end: int
    value: str
    kind: str
    form: str


class Use(NamedTuple):
    """One form of a value: how often it was seen by (agreement, cluster)."""

    kind: str
    form: str


class Lexicon:
    """The forms of one language, learned from its descriptions.

    ``uses[value][Use][(agreement, cluster)]`` counts entities. ``owners`` maps a folded word to the
    values it is a form of, ``explained`` to the value that it most goes with, with the F1 of
    the two and the number of entities. ``endings[agreement]`` counts the endings of bent forms,
    ``nouns[agreement]`` the nouns that are labels as they stand, and all nouns.
    """

    def __init__(self, style: Style, names: Callable[[str], tuple[str, ...]]) -> None:
        self.style = style
        self.names = names
        self.uses: dict[str, dict[Use, Counter[tuple[str, str]]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self.owners: dict[str, set[str]] = defaultdict(set)
        self.explained: dict[str, tuple[str, float, int]] = {}
        self.nouns: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        self.endings: dict[str, Counter[str]] = defaultdict(Counter)

    def _labels_are_usual(self, agreement: str) -> bool:
        plain, every = self.nouns[agreement]
        return every >= _MIN_OTHERS and plain >= _USUAL * every

    def mentions(self, text: str, values: Iterable[str]) -> list[Mention]:
        """The non-overlapping mentions of the values, in order; long ones win."""
        values = list(values)
        folded = text.casefold()
        same_length = len(folded) == len(text)
        found: list[tuple[int, int, str, bool]] = []
        for value in values:
            for name in self.names(value):
                at = text.find(name)
                if at >= 0 and (not self.style.spaced or _bounded(text, at, at + len(name))):
                    found.append((at, at + len(name), value, True))
        tokens = words(text) if self.style.spaced else ()
        if same_length:
            wanted = set(values)
            for word in tokens:
                for value in self.owners.get(word.text.casefold(), ()):
                    if value in wanted:
                        found.append((word.start, word.end, value, False))
        found.sort(key=lambda m: (m[0] - m[1], not m[3], m[0], values.index(m[2])))
        taken: list[tuple[int, int, str, bool]] = []
        for mention in found:
            if all(mention[1] <= other[0] or mention[0] >= other[1] for other in taken):
                taken.append(mention)
        taken = self._merge(text, self._whole(tokens, sorted(taken)))
        return [self._with_joining(text, tokens, mention, taken) for mention in taken]

    def _whole(
        self, tokens: tuple[Word, ...], taken: list[tuple[int, int, str, bool]]
    ) -> list[tuple[int, int, str, bool]]:
        """With the neighbours that belong to the same name: "Estados" before "Unidos"."""
        whole: list[tuple[int, int, str, bool]] = []
        for start, end, value, plain in taken:
            if not plain and tokens:
                parts = {w.text for name in self.names(value) for w in words(name)}
                parts -= self.style.joining
                for word in reversed([w for w in tokens if w.end <= start]):
                    if word.text not in parts:
                        break
                    start = word.start
                for word in [w for w in tokens if w.start >= end]:
                    if word.text not in parts:
                        break
                    end = word.end
            if not whole or start >= whole[-1][1]:
                whole.append((start, end, value, plain))
        return whole

    def _merge(
        self, text: str, taken: list[tuple[int, int, str, bool]]
    ) -> list[tuple[int, int, str, bool]]:
        merged: list[tuple[int, int, str, bool]] = []
        for mention in taken:
            if merged and merged[-1][2] == mention[2]:
                last = merged[-1]
                between = words(text[last[1] : mention[0]])
                if all(word.text in self.style.joining for word in between):
                    merged[-1] = (last[0], mention[1], mention[2], False)
                    continue
            merged.append(mention)
        return merged

    def _with_joining(
        self,
        text: str,
        tokens: tuple[Word, ...],
        mention: tuple[int, int, str, bool],
        taken: list[tuple[int, int, str, bool]],
    ) -> Mention:
        start, end, value, plain = mention
        before = [word for word in tokens if word.end <= start]
        first = start
        for word in reversed(before[-_MOST_JOINING:]):
            free = all(word.start >= other[1] or word.end <= other[0] for other in taken)
            if not free or word.text not in self.style.joining:
                break
            first = word.start
        kind = text[first] if first < start else (PLAIN if plain else BENT)
        return Mention(first, end, value, kind, text[first:end])

    def choose(
        self, value: str, kind: str, agreement: str, hidden: str, *, noun: bool = False
    ) -> tuple[str, float] | None:
        """The form of a value for a slot, with how sure the choice is in [0, 1].

        ``agreement`` is what a bent form has to agree with, ``hidden`` a cluster whose uses do not
        count. A ``noun`` (an occupation, a sport) may be the label itself, where labels are
        usual for this agreement.
        """
        by_form: Counter[str] = Counter()
        agreeing: Counter[str] = Counter()
        for use, counts in self.uses.get(value, {}).items():
            if use.kind != kind and not (noun and use.kind == PLAIN):
                continue
            for (what, cluster), count in counts.items():
                if cluster != hidden:
                    by_form[use.form] += count
                    if what == agreement:
                        agreeing[use.form] += count
        if kind == PLAIN:
            names = self.names(value)
            if names and not by_form:
                return names[0], 0.5
        if kind == BENT:
            names = self.names(value)
            if not agreeing and noun and names and self._labels_are_usual(agreement):
                return names[0], 0.5
            if not agreeing and not noun:
                endings = self.endings.get(agreement, Counter())
                agreeing = Counter({f: endings[f[-2:]] for f in by_form if endings[f[-2:]]})
            by_form = agreeing
        if not by_form:
            return None
        form, count = max(sorted(by_form.items()), key=lambda item: item[1])
        total = by_form.total()
        return form, count / (total + 0.5)


def agreement(record: Record, text: str, mention_start: int, mention_end: int, style: Style) -> str:
    """What a bent form at this place agrees with: the gender of a person, else the word beside it
    (the one before, at the start the one after)."""
    if record.gender:
        return f"gender:{record.gender}"
    before = list(words(text[:mention_start]))
    while before and not before[-1].text[0].isalpha():
        before.pop()
    if before and before[-1].text.casefold() not in style.joining:
        return before[-1].text.casefold()
    after = words(text[mention_end:])
    return after[0].text.casefold() if after else ""


def learn_forms(
    texts: Sequence[tuple[Record, str]], style: Style, names: Names, likenesses: Names
) -> Lexicon:
    """Learn the forms of a language from its descriptions.

    A word is a form of a value where it resembles one of its names (``likenesses``, of any
    language), or where it stands with that value alone while entities of the same class with
    other values lack it.
    """

    @cache
    def own_names(value: str) -> tuple[str, ...]:
        return tuple(n for n in names(value) if len(n) > 1)

    lexicon = Lexicon(style, own_names)
    if style.spaced:
        _own(lexicon, texts, likenesses)
    for record, text in texts:
        places = record.all_values()
        values = [*places, *_months(record)]
        for mention in lexicon.mentions(text, values):
            what = agreement(record, text, mention.start, mention.end, style)
            use = Use(mention.kind, mention.form)
            counts = lexicon.uses[mention.value][use]
            counts[what, record.cluster] += 1
            if (
                mention.kind in (PLAIN, BENT)
                and places.get(mention.value, ("P17",))[0] not in PLACES
            ):
                plain, every = lexicon.nouns[what]
                lexicon.nouns[what] = (plain + (mention.kind == PLAIN), every + 1)
            if mention.kind == BENT and counts.total() == 1:
                lexicon.endings[what][mention.form[-2:]] += 1
    return lexicon


def _own(lexicon: Lexicon, texts: Sequence[tuple[Record, str]], likenesses: Names) -> None:
    count: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    with_value: Counter[str] = Counter()
    in_class: dict[str, Counter[str]] = defaultdict(Counter)
    class_size: Counter[str] = Counter()
    for record, text in texts:
        tokens = {
            w.text.casefold()
            for w in words(text)
            if len(w.text) >= _SHORTEST and w.text[0].isalpha()
        } - lexicon.style.joining
        values = [*record.all_values(), *_months(record)]
        main = record.classes[0] if record.classes else ""
        class_size[main] += 1
        count.update(tokens)
        with_value.update(values)
        in_class[main].update(values)
        together.update((t, v) for t in tokens for v in (*values, _CLASS + main))
    best: dict[str, tuple[float, list[str]]] = {}
    for (token, value), n in together.items():
        if not value.startswith(_CLASS):
            purity = n / count[token]
            if purity >= _PURITY and _resembles(token, value, likenesses, n):
                lexicon.owners[token].add(value)
            f1 = 2 * n / (count[token] + with_value[value])
            score, winners = best.get(token, (0.0, []))
            if f1 > score:
                best[token] = (f1, [value])
            elif f1 == score:
                winners.append(value)
    classes_of: dict[str, list[str]] = defaultdict(list)
    for name, counter in in_class.items():
        for value, n in counter.items():
            if class_size[name] - n >= _MIN_OTHERS:
                classes_of[value].append(name)
    for token, (f1, winners) in best.items():
        value = winners[0]
        n = together[token, value]
        if n < 2 or len(winners) > 1:
            continue
        lexicon.explained[token] = (value, f1, n)
        if token in lexicon.owners:
            continue
        month = value.startswith("month:")
        contrast = any(together[token, _CLASS + c] >= 2 for c in classes_of[value])
        if (
            contrast
            and n / count[token] >= _PURITY_UNLIKE
            and (n >= 2 if month else n >= _MIN_UNLIKE and n / with_value[value] >= _MIN_SHARE)
        ):
            lexicon.owners[token].add(value)


def _months(record: Record) -> list[str]:
    return sorted({month_value(d.month) for d in record.dates.values() if d.month})


def _bounded(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (
        end < len(text) and text[end].isalnum()
    )


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(
        c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c)
    )


def _resembles(token: str, value: str, likenesses: Names, seen: int) -> bool:
    parts = [fold(part) for part in token.split("-") if len(part) >= _SHORTEST]
    for name in likenesses(value):
        for word in fold(name).replace("-", " ").split():
            for part in parts:
                same = 0
                for a, b in zip(part, word, strict=False):
                    if a != b:
                        break
                    same += 1
                long = max(len(part), len(word))
                if (
                    same >= _SHORTEST
                    and same >= _RESEMBLES_SHORT * min(len(part), len(word))
                    and same >= (_RESEMBLES_LONG if seen > 1 else _RESEMBLES_ONCE) * long
                ):
                    return True
    return False
