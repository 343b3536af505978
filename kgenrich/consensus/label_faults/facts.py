"""What the labels of a graph tell of each language: its words and letters, how it changes the names
of others, from whom it copies, in which scripts it writes, and which names the entities have.

Everything is counted by part of the graph, so that a label is judged by what was counted on the
others: no label speaks for itself.
"""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import regex
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.consensus.label_faults.edits import one_edit, slipped
from kgenrich.cross_fitting import PARTS, part_of
from kgenrich.languages import script, variants
from kgenrich.model import MUL, Entity
from kgenrich.text import vote_key

VERSION = "1"

Counts = dict[str, list[int]]
"""How often something was seen, by part."""

POOLED = "*"
"""Stands before a script for all languages that are written in it."""

_WORDS = regex.compile(r"[\p{L}\p{M}'’ʼ--\p{Han}]+", regex.V1)
MOST_OTHERS = 80
"""So many other languages of an entity are looked at."""


class LanguageFacts(Struct):
    """Of one language, or of all of one script.

    ``words`` of labels, aliases and descriptions; ``grams`` of one to three letters in them (with
    the ends of a word), each word once; ``edits`` between the name that most languages have and the
    label, by edit and by its family, all of them under the empty key; ``slips`` the same of labels
    in which a hand has slipped, by family; ``copies`` by other
    language, where its label is not what most have: of all, and with ``=`` those that this language
    copies; ``scripts`` by class: all labels, and with the name of a script those mostly written in
    it.
    """

    words: Counts = {}
    grams: Counts = {}
    edits: Counts = {}
    slips: Counts = {}
    copies: Counts = {}
    scripts: Counts = {}
    letters: str = ""

    def observe_words(self, text: str, part: int) -> None:
        for word in words_of(text):
            _add(self.words, word, part)

    def observe_edit(self, counted: Counter[str], key: str, part: int) -> None:
        ((most, times),) = counted.most_common(1)
        # A name that only one language has is no measure of another's customs.
        if times > 1 and (edit := one_edit(most, key)) is not None:
            for of_it in ("", edit.key, edit.wider):
                _add(self.edits, of_it, part)

    def observe_slip(self, key: str, part: int) -> None:
        """Slip once, as a hand does, to know how often that looks like an edit of a family."""
        if (edit := one_edit(key, slipped(key, key, random.Random(key)))) is not None:
            for of_it in ("", edit.wider):
                _add(self.slips, of_it, part)

    def observe_copies(
        self, code: str, keys: Mapping[str, str], counted: Counter[str], part: int
    ) -> None:
        own = keys[code]
        # Without its own label the others may agree on another name.
        rest = counted - Counter((own,))
        most = max(rest, key=rest.__getitem__, default="")
        near = {*variants(code), code, MUL}
        for other, key in keys.items():
            if key != most and key in rest and other not in near:
                _add(self.copies, other, part)
                if key == own:
                    _add(self.copies, f"={other}", part)

    def count_letters(self) -> None:
        """Count ``grams`` and ``letters`` once all words are known."""
        letters: Counter[str] = Counter()
        for word, seen in self.words.items():
            letters.update(word)
            there = [int(count > 0) for count in seen]
            for gram in grams_of(word):
                for key in (gram, gram[:2] + "_", gram[1:], gram[1] + "_", gram[2], ""):
                    row = self.grams.get(key)
                    if row is None:
                        row = self.grams[key] = [0] * PARTS
                    for part in range(PARTS):
                        row[part] += there[part]
        self.letters = "".join(sorted(one for one, count in letters.items() if count > 1))


class LabelFacts(Struct):
    """By language (and ``*`` with a script) what was counted; ``names`` are hashes of normal forms,
    in order, ``holders`` the entities that bear each (hashes), ``spoken`` in how many languages."""

    languages: dict[str, LanguageFacts]
    names: NDArray[np.uint64]
    holders: NDArray[np.uint64]
    spoken: NDArray[np.int32]

    def others_named(self, text: str, entity: str) -> int:
        """In how many languages another entity bears a name, that which has it in most."""
        at = np.searchsorted(self.names, _number(text))
        most = 0
        own, wanted = _number(entity), _number(text)
        while at < len(self.names) and self.names[at] == wanted:
            if self.holders[at] != own:
                most = max(most, int(self.spoken[at]))
            at += 1
        return most


def elsewhere(table: Counts, key: str, part: int) -> int:
    """How often something was seen in the other parts."""
    row = table.get(key)
    return sum(row) - row[part] if row else 0


def learn(entities: Iterable[Entity], targets: Sequence[str]) -> LabelFacts:
    """Count on the entities of a graph, for the target languages and their scripts."""
    facts = {target: LanguageFacts() for target in targets}
    facts |= {POOLED + script(target): LanguageFacts() for target in targets}
    bearers: Counter[tuple[int, int]] = Counter()
    for entity in entities:
        if not (entity.redirect or entity.deleted) and entity.labels:
            keys = {code: vote_key(label) for code, label in entity.labels.items()}
            own = _number(entity.id)
            for key, count in Counter(keys.values()).items():
                bearers[_number(key), own] += count
            _observe(facts, entity, keys, targets)
    for one in facts.values():
        one.count_letters()
    rows = sorted((name, holder, count) for (name, holder), count in bearers.items())
    names, holders, spoken = zip(*rows, strict=True) if rows else ((), (), ())
    return LabelFacts(
        facts,
        np.array(names, np.uint64),
        np.array(holders, np.uint64),
        np.array(spoken, np.int32),
    )


def _observe(
    facts: dict[str, LanguageFacts],
    entity: Entity,
    keys: Mapping[str, str],
    targets: Sequence[str],
) -> None:
    part = part_of(entity.id)
    by_script: dict[str, Counter[str]] = {}
    for code, key in keys.items():
        by_script.setdefault(script(code), Counter())[key] += 1
    for written, counted in by_script.items():
        if (pooled := facts.get(POOLED + written)) is not None:
            for key in counted:
                pooled.observe_edit(counted, key, part)
                pooled.observe_slip(key, part)
                pooled.observe_words(key, part)
    for target in targets:
        mine = facts[target]
        for text in (*entity.names(target), entity.descriptions.get(target, "")):
            mine.observe_words(text, part)
        if label := entity.labels.get(target):
            counted = by_script[script(target)]
            mine.observe_edit(counted, keys[target], part)
            mine.observe_copies(target, keys, counted, part)
            written = main_script(label)
            for class_id in dict.fromkeys(("", *entity.classes)):
                _add(mine.scripts, class_id, part)
                _add(mine.scripts, f"{class_id} {written}", part)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, of those scripts whose letters make words; syllables of
    Hangul are taken apart."""
    plain = text.casefold()
    if any("\uac00" <= char <= "\ud7a3" for char in plain):
        plain = unicodedata.normalize("NFD", plain)
    return [word.strip("'’ʼ") for word in _WORDS.findall(plain) if len(word) > 1]


def main_script(text: str) -> str:
    """The script of most letters, by its name in Unicode; empty where there are no letters.

    >>> main_script("Москва"), main_script("東京タワー"), main_script("42")
    ('CYRILLIC', 'KATAKANA', '')
    """
    counted = Counter(map(_script_of, text)) - Counter({"": len(text)})
    return max(sorted(counted), key=counted.__getitem__, default="")


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0].split("-")[0] if char.isalpha() else ""


def grams_of(word: str) -> Iterator[str]:
    """Three letters at a time, with the two ends of the word."""
    padded = f"^^{word}$"
    for at in range(len(padded) - 2):
        yield padded[at : at + 3]


def _add(table: Counts, key: str, part: int) -> None:
    row = table.get(key)
    if row is None:
        row = table[key] = [0] * PARTS
    row[part] += 1


@lru_cache(maxsize=65536)
def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
