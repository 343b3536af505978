"""Learn in which forms a language's descriptions mention a value: its label, inflected, as an
adjective, after a preposition. Only forms that were seen are ever written."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from kgenrich.sources.graph.describe.language_style import Style
from kgenrich.sources.graph.describe.lexicon import BENT, PLAIN, Lexicon, Use, agreement
from kgenrich.sources.graph.describe.records import NOUNS, Record, month_value

_SHORTEST, _SHORTEST_RUN = 3, 2
_RESEMBLES_SHORT, _RESEMBLES_LONG, _RESEMBLES_ONCE = 0.6, 0.35, 0.5
_PURITY, _PURITY_UNLIKE = 0.6, 0.9
_MIN_UNLIKE = 3
_MIN_SHARE = 0.25
_MIN_OTHERS = 5
_EXPLAINED, _EXPLAINED_PURITY = 0.5, 0.8
_CLASS = "class:"

Names = Mapping[str, Sequence[str]]
"""The names of values."""


def learn_forms(
    texts: Sequence[tuple[Record, str]], style: Style, names: Names, likenesses: Names
) -> Lexicon:
    """Learn the forms of a language from its descriptions.

    A word is a form of a value where it resembles one of its names (``likenesses``, of any
    language), or where it stands with that value alone while entities of the same class with
    other values lack it.
    """
    lexicon = Lexicon(style, {v: tuple(n for n in own if len(n) > 1) for v, own in names.items()})
    _own(lexicon, texts, likenesses)
    for record, text in texts:
        places = record.all_values()
        values = [*places, *_months(record)]
        for mention in lexicon.mentions(text, values):
            noun = places.get(mention.value, ("", 0))[0] in NOUNS
            kind = BENT if noun and mention.kind == PLAIN else mention.kind
            before, after = text[: mention.start], text[mention.end :]
            what = agreement(kind, record, before, after, style)
            forms = lexicon.uses.setdefault(mention.value, {})
            counts = forms.setdefault(Use(mention.kind, mention.form), {})
            counts[what, record.cluster] = counts.get((what, record.cluster), 0) + 1
            if noun and kind == BENT:
                plain, every = lexicon.nouns.get(what, (0, 0))
                lexicon.nouns[what] = (plain + (mention.kind == PLAIN), every + 1)
            elif kind == PLAIN:
                lexicon.plain.setdefault(what, set()).add(mention.value)
            if mention.kind == BENT and sum(counts.values()) == 1:
                endings = lexicon.endings.setdefault(what, {})
                endings[mention.form[-2:]] = endings.get(mention.form[-2:], 0) + 1
    return lexicon


def _own(lexicon: Lexicon, texts: Sequence[tuple[Record, str]], likenesses: Names) -> None:
    style = lexicon.style
    shortest = _SHORTEST if style.spaced else _SHORTEST_RUN
    count: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    with_value: Counter[str] = Counter()
    in_class: dict[str, Counter[str]] = defaultdict(Counter)
    class_size: Counter[str] = Counter()
    for record, text in texts:
        tokens = {piece for piece in style.pieces(text) if len(piece) >= shortest} - style.joining
        values = [*record.all_values(), *_months(record)]
        main = record.classes[0] if record.classes else ""
        class_size[main] += 1
        count.update(tokens)
        with_value.update(values)
        in_class[main].update(values)
        together.update((t, v) for t in tokens for v in (*values, _CLASS + main))
    best: dict[str, tuple[float, list[str]]] = {}
    of_class: dict[str, float] = defaultdict(float)
    for (token, value), n in together.items():
        if value.startswith(_CLASS):
            f1 = 2 * n / (count[token] + class_size[value.removeprefix(_CLASS)])
            of_class[token] = max(of_class[token], f1)
        else:
            purity = n / count[token]
            if style.spaced and purity >= _PURITY and _resembles(token, value, likenesses, n):
                lexicon.owners.setdefault(token, set()).add(value)
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
        if f1 >= _EXPLAINED and f1 > of_class[token] and n >= _EXPLAINED_PURITY * count[token]:
            lexicon.explained[token] = (value, n)
        if not style.spaced or token in lexicon.owners:
            continue
        month = value.startswith("month:")
        contrast = any(together[token, _CLASS + c] >= 2 for c in classes_of[value])
        if (
            contrast
            and n / count[token] >= _PURITY_UNLIKE
            and (n >= 2 if month else n >= _MIN_UNLIKE and n / with_value[value] >= _MIN_SHARE)
        ):
            lexicon.owners.setdefault(token, set()).add(value)


def _months(record: Record) -> list[str]:
    return sorted({month_value(d.month) for d in record.dates.values() if d.month})


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(
        c for c in unicodedata.normalize("NFD", text.casefold()) if not "\u0300" <= c <= "\u036f"
    )


def _resembles(token: str, value: str, likenesses: Names, seen: int) -> bool:
    parts = [fold(part) for part in token.split("-") if len(part) >= _SHORTEST]
    for name in likenesses.get(value, ()):
        for word in fold(name).replace("-", " ").split():
            for part in parts:
                short, long = sorted((len(part), len(word)))
                share = _RESEMBLES_LONG if seen > 1 else _RESEMBLES_ONCE
                pairs = enumerate(zip(part, word, strict=False))
                same = next((n for n, (one, other) in pairs if one != other), short)
                if same >= max(_SHORTEST, _RESEMBLES_SHORT * short, share * long):
                    return True
    return False
