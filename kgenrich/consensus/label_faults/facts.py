"""What the labels of a graph tell of each language: its words and letters, how it changes the names
of others, from whom it copies, in which scripts it writes, and which names the entities have.

Everything is counted by part of the graph, so that a label is judged by what was counted on the
others: no label speaks for itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.consensus.label_faults.edits import one_edit, slipped
from kgenrich.consensus.label_faults.letters import grams_of, main_script, words_of
from kgenrich.cross_fitting import PARTS, part_of
from kgenrich.languages import script, site_language, variants
from kgenrich.model import MUL, Entity
from kgenrich.text import strip_qualifier, vote_key

VERSION = "2"

Counts = dict[str, list[int]]
"""How often something was seen, by part."""

POOLED = "*"
"""Stands before a script for all languages that are written in it, and alone for all languages."""

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
    it; ``characters`` by letter the entities whose names have it, all of them under the empty key;
    ``customs`` how often there was an occasion to call the entity as another language does, and
    with ``=`` how often that was done: by ``class`` of the entity, by ``share`` of the languages
    that have the most common name, and, where there is a page in the language, instead of its
    ``title``.
    """

    words: Counts = {}
    grams: Counts = {}
    edits: Counts = {}
    slips: Counts = {}
    copies: Counts = {}
    scripts: Counts = {}
    characters: Counts = {}
    customs: Counts = {}
    letters: str = ""

    def observe_words(self, texts: Iterable[str], part: int) -> None:
        for text in texts:
            for word in words_of(text):
                _add(self.words, word, part)

    def observe_characters(self, texts: Iterable[str], part: int) -> None:
        for one in ("", *{char for text in texts for char in text.casefold() if char.isalpha()}):
            _add(self.characters, one, part)

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
        self, own: str, others: Mapping[str, str], rest: Counter[str], part: int
    ) -> None:
        # Without its own label the others may agree on another name.
        most = max(rest, key=rest.__getitem__, default="")
        for other, key in others.items():
            if key != most and key in rest:
                self._observe_custom(self.copies, other, key == own, part)

    def observe_customs(
        self, own: str, others: Mapping[str, str], rest: Counter[str], entity: Entity, code: str
    ) -> None:
        part, is_shared = part_of(entity.id), own in others.values()
        if others:
            for class_id in dict.fromkeys(("", *entity.classes)):
                self._observe_custom(self.customs, f"class {class_id}", is_shared, part)
        if rest:
            ((most, times),) = rest.most_common(1)
            self._observe_custom(self.customs, share(times, rest.total()), own == most, part)
        if titles := titles_of(entity, code):
            self._observe_custom(self.customs, "title", is_shared and own not in titles, part)

    def _observe_custom(self, table: Counts, occasion: str, is_done: bool, part: int) -> None:
        _add(table, occasion, part)
        if is_done:
            _add(table, f"={occasion}", part)

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


def share(times: int, every: int) -> str:
    """The key of a share among `LanguageFacts.customs`.

    >>> share(1, 4), share(4, 4)
    ('share 2', 'share 9')
    """
    return f"share {min(10 * times // every, 9)}"


def titles_of(entity: Entity, language: str) -> set[str]:
    """The normal forms of the titles that the entity's pages in a language have."""
    own = {language, *variants(language)}
    return {
        vote_key(strip_qualifier(title))
        for site, title in entity.sitelinks.items()
        if site_language(site) in own
    }


def elsewhere(table: Counts, key: str, part: int) -> int:
    """How often something was seen in the other parts."""
    row = table.get(key)
    return sum(row) - row[part] if row else 0


def learn(entities: Iterable[Entity], targets: Sequence[str]) -> LabelFacts:
    """Count on the entities of a graph, for the target languages and their scripts."""
    facts = {target: LanguageFacts() for target in targets}
    facts |= {POOLED + script(target): LanguageFacts() for target in targets}
    facts[POOLED] = LanguageFacts()
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
    facts[POOLED].observe_characters(entity.labels.values(), part)
    for written, counted in by_script.items():
        if (pooled := facts.get(POOLED + written)) is not None:
            for key in counted:
                pooled.observe_edit(counted, key, part)
                pooled.observe_slip(key, part)
            pooled.observe_words(sorted({word for key in counted for word in words_of(key)}), part)
    for target in targets:
        mine = facts[target]
        mine.observe_words((*entity.names(target), entity.descriptions.get(target, "")), part)
        if label := entity.labels.get(target):
            own, counted = keys[target], by_script[script(target)]
            near = {*variants(target), target, MUL}
            others = {code: key for code, key in keys.items() if code not in near}
            rest = counted - Counter((own,))
            mine.observe_edit(counted, own, part)
            mine.observe_characters(entity.names(target), part)
            mine.observe_copies(own, others, rest, part)
            mine.observe_customs(own, others, rest, entity, target)
            written = main_script(label)
            for class_id in dict.fromkeys(("", *entity.classes)):
                _add(mine.scripts, class_id, part)
                _add(mine.scripts, f"{class_id} {written}", part)


def _add(table: Counts, key: str, part: int) -> None:
    row = table.get(key)
    if row is None:
        row = table[key] = [0] * PARTS
    row[part] += 1


@lru_cache(maxsize=65536)
def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
