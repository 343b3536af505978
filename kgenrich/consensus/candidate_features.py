"""What the ranker looks at: a candidate's support, its rivals, and how it is written.

Features do not depend on which sources there are: translation, search and graph answers are
counted together as *votes*, language models apart (they share their errors), each by the number
of answer lists that hold the name and its place in them. `SOURCES` have a column of their own;
any other source counts by its kind alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain

import regex
from msgspec import Struct

from kgenrich.consensus.candidate_groups import Name
from kgenrich.consensus.spelling import RULES, bigrams, dice, shape, unaccented, variants
from kgenrich.text import vote_key

SOURCES = ("gpt-3", "gpt-3.5", "gpt-4")
"""Sources with a column of their own."""

_DIGITS = regex.compile(r"\d")

PARENTS = 6
"""Variants are made of so many names of a set, the best-supported first."""

FEATURES = (
    "votes", "mentions", "models", "votes+models", "spellings", "place", "primary", "held",
    "filled", "lists", "longest", "total/best", "votes/best", "total/all", "above", "tied",
    "votes-above", "names", "best", "best-votes", "all", "second", "twice", "thrice", "support",
    "support/all", "nearest", "nearest-above", "to-top", "inside", "contains", "inside-weight",
    "contains-weight", "words-held", "words-held/all", "grams-held", "grams-held/all", "gram-least",
    "same-place", "rival-at-place", "length", "words", "digits", "in-script", "in-script-set",
    "in-script-top", "latin", "bracket", "comma", "marks", "hyphen", "quote", "colon", "dot",
    "middle-dot", "upper-share", "upper", "first-upper", "all-upper", "titled", "lower-words",
    "accents", "folds", "length/top", "words-top", "new-words", "missing-words", "distinct-words",
    "top", "top-digits", "top-length", "top-words", "longest-word", "shortest-word", "rule-parents",
    "rule-weight", "variant-length", "variant-words",
)  # fmt: skip
"""The numeric columns, in order."""


class Row(Struct, gc=False):
    """The features of one candidate: ``name`` is its place in the set, ``rule`` that of the
    variant's rule in `RULES` plus one (0 for what a source gave), ``sources`` whether each of
    `SOURCES` holds it. ``own`` are the first columns, which a variant shares with its name,
    ``made`` the four that say how it was made."""

    text: str
    name: int
    rule: int
    sources: tuple[bool, ...]
    own: tuple[float, ...]
    made: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)

    @property
    def values(self) -> tuple[float, ...]:
        """All `FEATURES`."""
        return self.own + self.made


def candidate_rows(names: Sequence[Name], language: str, *, expand: bool = True) -> list[Row]:
    """A row for every name of the set and, with ``expand``, for every new variant of the best."""
    if not names:
        return []
    values = _values(names, language)
    held = [tuple([source in name.models for source in SOURCES]) for name in names]
    result = [Row(name.text, i, 0, held[i], values[i]) for i, name in enumerate(names)]
    if not expand:
        return result
    known = {name.key for name in names}
    ways: dict[str, list[tuple[str, int, str]]] = {}
    best = sorted(range(len(names)), key=lambda i: (-names[i].total, -names[i].votes, i))
    for i in best[:PARENTS]:
        for rule, text in variants(names[i].text, language):
            key = vote_key(text)
            if key and key not in known:
                ways.setdefault(key, []).append((text, i, rule))
    for of_key in ways.values():
        weight = sum(names[parent].total for _, parent, _ in of_key)
        text, i, rule = of_key[0]
        made = (len(of_key), weight, len(text), text.count(" ") + 1)
        result.append(Row(text, i, 1 + RULES.index(rule), held[i], values[i], made))
    return result


def _values(names: Sequence[Name], language: str) -> list[tuple[float, ...]]:
    count = len(names)
    keys = [name.key for name in names]
    totals = [name.total for name in names]
    votes = [name.votes for name in names]
    grams = [bigrams(key) for key in keys]
    words = [frozenset(key.split()) for key in keys]
    weight = float(sum(totals)) or 1.0
    best = max(totals) or 1
    most = max(votes)
    ordered, ordered_votes = sorted(totals), sorted(votes)
    top = max(range(count), key=lambda i: (totals[i], votes[i], -len(keys[i])))
    lists = [tuple(name.models.values()) for name in names]
    asked = {source for name in names for source in name.models}
    longest = max(chain.from_iterable(lists), default=0)
    by_place = defaultdict(set)
    for i, ranks in enumerate(lists):
        for place in ranks:
            by_place[place].add(i)
    word_weight, gram_weight = _weights(words, totals), _weights(grams, totals)
    shapes = [shape(name.text, language) for name in names]
    digits = [len(_DIGITS.findall(key)) for key in keys]
    folded = [unaccented(key).replace(" ", "") for key in keys]
    alike = Counter(folded)
    set_level = (
        count, best, most, weight, ordered[-2] if count > 1 else 0,
        count - bisect_left(ordered, 2), count - bisect_left(ordered, 3),
    )  # fmt: skip
    script_set = sum(s[0] for s in shapes) / count
    nearness = _nearness(keys, grams, totals)
    result: list[tuple[float, ...]] = []
    for i, name in enumerate(names):
        total, key = totals[i], keys[i]
        places = set(lists[i])
        rivals = set().union(*(by_place[place] for place in places)) - {i}
        support, nearest, nearest_above, *held_by = nearness[i]
        held = [word_weight[word] - total for word in words[i]]
        word_held = sum(held) / len(held) if held else 0.0
        gram_held = [gram_weight[gram] - total for gram in grams[i]]
        gram_mean = sum(gram_held) / len(gram_held)
        in_own, *written = shapes[i]
        sizes = [*map(len, words[i])] or [0]
        values = (
            votes[i], name.mentions, len(name.models), total, name.spellings,
            min(places) if places else 0, name.primary, len(name.models) / (len(asked) or 1),
            bool(places), len(asked), longest,
            total / best, votes[i] / (most or 1), total / weight,
            count - bisect_right(ordered, total), totals.count(total),
            count - bisect_right(ordered_votes, votes[i]),
            *set_level,
            support, support / weight, nearest, nearest_above, dice(grams[i], grams[top]),
            *held_by,
            word_held, word_held / weight, gram_mean, gram_mean / weight, min(gram_held),
            len(rivals), max([totals[j] for j in rivals]) if rivals else -1,
            len(key), len(words[i]), digits[i],
            in_own, script_set, shapes[top][0], *written, alike[folded[i]],
            len(key) / (len(keys[top]) or 1), key.count(" ") - keys[top].count(" "),
            len(words[i] - words[top]), len(words[top] - words[i]), len(words[i]),
            i == top, digits[top] > 0, len(keys[top]), keys[top].count(" ") + 1,
            max(sizes), min(sizes),
        )  # fmt: skip
        result.append(values)
    return result


def _weights(parts: Sequence[frozenset[str]], totals: Sequence[int]) -> dict[str, int]:
    """For each part the sum of the totals of the names that have it."""
    weight: dict[str, int] = defaultdict(int)
    for own, total in zip(parts, totals, strict=True):
        for part in own:
            weight[part] += total
    return weight


def _nearness(
    keys: Sequence[str], grams: Sequence[frozenset[str]], totals: Sequence[int]
) -> list[list[float]]:
    """For each name the squared similarity to the others weighted by their totals, the highest,
    the highest to a better-supported one, and how many hold it or are held by it (with weights)."""
    result = [[0.0] * 7 for _ in keys]
    sizes = [*map(len, grams)]
    for i, key in enumerate(keys):
        row, own, size = result[i], grams[i], sizes[i]
        for j in range(i):
            shared = own & grams[j]
            if not shared:
                continue
            other = result[j]
            similar = 2 * len(shared) / (size + sizes[j])
            row[0] += similar * similar * totals[j]
            other[0] += similar * similar * totals[i]
            # Comparisons, not max(): this is the innermost loop of the ranker.
            if similar > row[1]:
                row[1] = similar
            if similar > other[1]:
                other[1] = similar
            if totals[j] > totals[i]:
                if similar > row[2]:
                    row[2] = similar
            elif totals[i] > totals[j] and similar > other[2]:
                other[2] = similar
            if key in keys[j]:
                small, large, a, b = row, other, j, i
            elif keys[j] in key:
                small, large, a, b = other, row, i, j
            else:
                continue
            small[3] += 1
            small[5] += totals[a]
            large[4] += 1
            large[6] += totals[b]
    return result
