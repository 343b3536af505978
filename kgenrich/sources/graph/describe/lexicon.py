"""The forms of a language: where a text mentions a value, and which form to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.sources.graph.describe.language_style import Style, Word, words
from kgenrich.sources.graph.describe.records import Record
from kgenrich.text import is_letter

PLAIN, BENT = "=", "~"
"""The kind of a form that is the label itself, and of one that is not. A form after joining words
has the first letter of those as its kind, so that "du", "des" and "d'" go together."""

_MIN_NOUNS = 5
_MIN_PLAIN = 2
_USUAL = 0.6
_MOST_JOINING = 2


class Mention(NamedTuple):
    """Where a text mentions a value, and how."""

    start: int
    end: int
    value: str
    kind: str
    form: str


class _Span(NamedTuple):
    """Where a text mentions a value; ``plain`` where that is the label itself."""

    start: int
    end: int
    value: str
    plain: bool


class Use(NamedTuple):
    """One form of a value."""

    kind: str
    form: str


ANY_CLUSTER = "*"
"""Stands for all clusters where it does not matter any more which."""


class Lexicon(Struct):
    """The forms of one language, learned from its descriptions.

    ``names`` are those of values, ``uses[value][Use][(agreement, cluster)]`` counts entities.
    ``owners`` maps a folded word to the values it is a form of, ``explained`` to the value that it
    hardly goes without and the number of entities that have both. ``endings[agreement]`` counts
    the endings of bent forms, ``nouns[agreement]`` the nouns that are labels as they stand, and
    all nouns, ``plain[agreement]`` holds the places whose labels stand unchanged.
    """

    style: Style
    names: dict[str, tuple[str, ...]]
    uses: dict[str, dict[Use, dict[tuple[str, str], int]]] = {}
    owners: dict[str, set[str]] = {}
    explained: dict[str, tuple[str, int]] = {}
    nouns: dict[str, tuple[int, int]] = {}
    plain: dict[str, set[str]] = {}
    endings: dict[str, dict[str, int]] = {}

    def for_reading(self) -> Lexicon:
        """What it takes to find mentions."""
        return Lexicon(self.style, self.names, owners=self.owners)

    def for_writing(self) -> Lexicon:
        """What it takes to find mentions and to choose forms, no cluster hidden."""
        uses: dict[str, dict[Use, dict[tuple[str, str], int]]] = {}
        for value, forms in self.uses.items():
            for use, counts in forms.items():
                merged: Counter[tuple[str, str]] = Counter()
                for (what, _), count in counts.items():
                    merged[what, ANY_CLUSTER] += count
                uses.setdefault(value, {})[use] = dict(merged)
        return replace(self, uses=uses)

    def _stand_plain(self, agreement: str) -> bool:
        seen = not self.endings.get(agreement) and len(self.plain.get(agreement, ())) >= _MIN_PLAIN
        return seen or not self.style.spaced

    def mentions(self, text: str, values: Iterable[str]) -> list[Mention]:
        """The non-overlapping mentions of the values, in order; long ones win."""
        values = list(values)
        spaced = self.style.spaced
        found: list[_Span] = []
        for value in values:
            for name in self.names.get(value, ()):
                at = text.find(name)
                if at >= 0 and (not spaced or _bounded(text, at, at + len(name))):
                    found.append(_Span(at, at + len(name), value, True))
        tokens = words(text) if spaced else ()
        if len(text.casefold()) == len(text):
            found.extend(
                _Span(word.start, word.end, value, False)
                for word in tokens
                for value in self.owners.get(word.text.casefold(), set()).intersection(values)
            )
        found.sort(key=lambda m: (m.start - m.end, not m.plain, m.start, values.index(m.value)))
        taken: list[_Span] = []
        for span in found:
            if all(span.end <= other.start or span.start >= other.end for other in taken):
                taken.append(span)
        taken = self._merge(text, self._whole(tokens, sorted(taken)))
        return [self._with_joining(text, tokens, span, taken) for span in taken]

    def _whole(self, tokens: Sequence[Word], taken: Sequence[_Span]) -> list[_Span]:
        """With the neighbours that belong to the same name: "Estados" before "Unidos"."""
        whole: list[_Span] = []
        for start, end, value, plain in taken:
            if not plain and tokens:
                parts = {w.text for name in self.names.get(value, ()) for w in words(name)}
                parts -= self.style.joining
                for word in reversed([w for w in tokens if w.end <= start]):
                    if word.text not in parts:
                        break
                    start = word.start
                for word in [w for w in tokens if w.start >= end]:
                    if word.text not in parts:
                        break
                    end = word.end
            if not whole or start >= whole[-1].end:
                whole.append(_Span(start, end, value, plain))
        return whole

    def _merge(self, text: str, taken: Sequence[_Span]) -> list[_Span]:
        """Neighbours of the same value, with nothing but joining words between them, as one."""
        merged: list[_Span] = []
        for span in taken:
            last = merged[-1] if merged else span
            between = {word.text for word in words(text[last.end : span.start])}
            if merged and last.value == span.value and between <= self.style.joining:
                merged[-1] = _Span(last.start, span.end, span.value, False)
            else:
                merged.append(span)
        return merged

    def _with_joining(
        self, text: str, tokens: Sequence[Word], span: _Span, taken: Sequence[_Span]
    ) -> Mention:
        first = span.start
        before = [word for word in tokens if word.end <= span.start]
        for word in reversed(before[-_MOST_JOINING:]):
            free = all(word.start >= other.end or word.end <= other.start for other in taken)
            if not free or word.text not in self.style.joining:
                break
            first = word.start
        kind = text[first] if first < span.start else (PLAIN if span.plain else BENT)
        return Mention(first, span.end, span.value, kind, text[first : span.end])

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
        names = self.names.get(value, ())
        # Where one label stands unchanged another one may need an ending.
        if kind == PLAIN and not agreeing and not self._stand_plain(agreement):
            return None
        if kind == PLAIN and not by_form:
            return (names[0], 0.5) if names else None
        if kind == BENT:
            plain, every = self.nouns.get(agreement, (0, 0))
            labels_are_usual = every >= _MIN_NOUNS and plain >= _USUAL * every
            if not agreeing and noun and names and labels_are_usual:
                return names[0], 0.5
            if not agreeing and not noun:
                endings = self.endings.get(agreement, {})
                agreeing = Counter({f: endings[f[-2:]] for f in by_form if endings.get(f[-2:])})
            by_form = agreeing
        if not by_form:
            return None
        form = max(sorted(by_form), key=by_form.__getitem__)
        return form, by_form[form] / (by_form.total() + 0.5)


def agreement(kind: str, record: Record, before: str, after: str, style: Style) -> str:
    """What a form has to agree with: the gender of a person if it is bent, else the word or sign
    beside it (the last one ``before``, at the start the first one ``after``)."""
    if record.gender and kind == BENT:
        return f"gender:{record.gender}"
    found = words(before)
    if found and found[-1].text.casefold() not in style.joining:
        return found[-1].text.casefold()
    found = words(after)
    return found[0].text.casefold() if found else ""


def _bounded(text: str, start: int, end: int) -> bool:
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return not any(char.isalnum() or is_letter(char) for char in beside)
