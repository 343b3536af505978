"""What gives a wrong label away: signs, each a number that is 0 where there is none.

No sign is that other languages call the entity otherwise: a language may well have a name of its
own. Each sign is of one way in which labels break.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import combinations
from math import log, log10

import regex
from anyascii import anyascii
from msgspec import Struct

from kgenrich.consensus.label_faults.contrast import Contrast, gram_chance
from kgenrich.consensus.label_faults.decoding import undecoded
from kgenrich.consensus.label_faults.edits import Edit, edits_of, one_edit
from kgenrich.consensus.label_faults.facts import (
    POOLED,
    Counts,
    LabelFacts,
    LanguageFacts,
    elsewhere,
    titles_of,
)
from kgenrich.consensus.label_faults.letters import grams_of, main_script, words_of
from kgenrich.consensus.spelling import bigrams, dice
from kgenrich.cross_fitting import part_of
from kgenrich.languages import in_script, script, variants
from kgenrich.model import Entity
from kgenrich.text import vote_key

SIGNS = (
    "mojibake", "script", "script here", "script alone", "mixed", "edit", "edit support",
    "title edit", "letters", "word", "swap", "swap alone", "swap coherent", "language", "copied",
    "follows", "class", "other title", "words", "characters", "titled", "title", "shared",
)  # fmt: skip
"""The signs by name; of the last three two speak for the label."""

LIKE = 0.4
"""From so much likeness on a label may be a name of the entity's own, in other letters."""

HEARD = 0.7
"""What of a slip is put down to how a language hears a name, where the letters sound alike."""

MOST_FOLLOWED = 2.0
"""So much, as a logarithm, it may tell that a label is what most languages say."""

MEMBERS = 20
"""Edits that a family has, about."""

SIMILAR = 0.75
"""A name that is so like the usual one is the same name in another spelling."""

MOST_LETTERS = 120
"""Of an alphabet; where a script has more, letters are not tried out."""

_ALIKE = tuple(regex.compile(rf"\p{{Script={name}}}") for name in ("Latn", "Cyrl", "Grek"))
_LATIN_LIKE = frozenset(("Latn", "Zyyy"))


class Signs(Struct, frozen=True):
    """The ``values`` of `SIGNS`, and what a person is told of each that is not 0."""

    values: tuple[float, ...]
    told: dict[str, str]


def signs(facts: LabelFacts, entity: Entity, language: str, label: str) -> Signs:
    """The signs of a text as the label of an entity in a language, by what was counted on the other
    parts of the graph. The entity's own names in the language are not looked at."""
    return _Reader(facts, entity, language, label).read()


class _Reader:
    def __init__(self, facts: LabelFacts, entity: Entity, language: str, label: str) -> None:
        self.facts, self.entity, self.language, self.label = facts, entity, language, label
        self.key, self.part = vote_key(label), part_of(entity.id)
        self.mine = facts.languages.get(language, LanguageFacts())
        self.pool = facts.languages.get(POOLED + script(language), LanguageFacts())
        own = {language, *variants(language)}
        self.others = {code: text for code, text in entity.labels.items() if code not in own}
        self.keys = {code: vote_key(text) for code, text in self.others.items()}
        self.names = {
            vote_key(text)
            for code in entity.aliases
            if code not in own
            for text in entity.aliases[code]
        } | {*self.keys.values()}
        self.titles = titles_of(entity, language)
        # Variants of a language are written alike, letter for letter.
        self.near = {
            anyascii(entity.labels[code]).casefold()
            for code in own - {language}
            if code in entity.labels
        }
        self.told: dict[str, str] = {}

    def read(self) -> Signs:
        values = dict.fromkeys(SIGNS, 0.0)
        values["shared"] = float(self.key in self.names)
        is_near = anyascii(self.label).casefold() in self.near
        values["titled"] = float(bool(self.titles))
        values["title"] = float(self.key in self.titles or is_near)
        if text := undecoded(self.label, self.language):
            values["mojibake"] = 1.0
            self.told["mojibake"] = f"wrongly decoded: {text!r}"
        self._script(values)
        if values["title"]:
            pass
        elif values["shared"]:
            self._language(values)
            if in_script(self.label, self.language):
                self._foreign(values)
        else:
            self._edit(values)
            self._letters(values)
            self._swap(values)
        return Signs(tuple(values.values()), self.told)

    def _script(self, values: dict[str, float]) -> None:
        if any(sum(bool(one.search(word)) for one in _ALIKE) > 1 for word in self.label.split()):
            values["mixed"] = 1.0
            self.told["mixed"] = "letters of two scripts in one word"
        written = main_script(self.label)
        is_own = in_script(self.label, self.language)
        rate = 0.8 if is_own else 0.05
        for class_id in ("", max(self.entity.classes, key=self._class_size, default="")):
            so = elsewhere(self.mine.scripts, f"{class_id} {written}", self.part)
            every = elsewhere(self.mine.scripts, class_id, self.part)
            weight = 3 if is_own else 10
            rate = (so + weight * rate) / (every + weight)
        if not written or rate > (0.02 if is_own else 0.3):
            return
        values["script"] = -log(max(rate, 0.001))
        # What is right in foreign letters is mostly what another language has.
        values["script alone"] = float(not values["shared"])
        # Where others of that script keep the foreign letters too, so may this one.
        if others := [
            text for code, text in self.others.items() if script(code) not in _LATIN_LIKE
        ]:
            kept = sum(
                not in_script(text, code)
                for code, text in self.others.items()
                if script(code) not in _LATIN_LIKE
            )
            values["script here"] = 1 - (kept + 0.3) / (len(others) + 1)
        self.told["script"] = "in another script than the language's; " + (
            f"{rate:.1%} of such labels are"
        )

    def _class_size(self, class_id: str) -> int:
        return elsewhere(self.mine.scripts, class_id, self.part)

    def _edit(self, values: dict[str, float]) -> None:
        written = script(self.language)
        support = Counter(key for code, key in self.keys.items() if script(code) == written)
        for name in self.names:
            support.setdefault(name, 0)
        for name, languages in support.items():
            found = one_edit(name, self.key)
            # How accents are set is each language's own.
            if found is None or found.is_of_accent:
                continue
            value = min(1.0, max(0.0, self._slip(found) / 3))
            value *= 1 - HEARD * (found.sounds_alike and found.change == "other")
            supported = value * log(1 + languages)
            if (supported, value) > (values["edit support"], values["edit"]):
                values["edit"], values["edit support"] = value, supported
                self.told["edit"] = (
                    f"one letter from {name!r}, which {languages} other languages have"
                )
        for title in self.titles:
            found = one_edit(title, self.key)
            if found is not None and not found.is_of_accent:
                values["title edit"] = 1.0
                self.told["title edit"] = f"one letter from the page title {title!r}"

    def _slip(self, edit: Edit) -> float:
        """How much rather a hand slips so than the language makes such an edit of a name, as a
        logarithm."""
        slips, pool, mine = self.pool.slips, self.pool.edits, self.mine.edits
        slip = self._part_of(slips, edit.wider, 1 / 20, 20) / MEMBERS
        family = self._part_of(pool, edit.wider, 1 / 20, 10) / MEMBERS
        pooled = self._part_of(pool, edit.key, family, 20)
        own = max(pooled, self._part_of(mine, edit.wider, MEMBERS * pooled, 10) / MEMBERS)
        return log(slip / self._part_of(mine, edit.key, own, 10))

    def _part_of(self, table: Counts, key: str, prior: float, weight: float) -> float:
        seen, every = elsewhere(table, key, self.part), elsewhere(table, "", self.part)
        return (seen + weight * prior) / (every + weight)

    def _letters(self, values: dict[str, float]) -> None:
        known = {
            gram
            for name in (*self.names, *self.titles)
            for w in words_of(name)
            for gram in grams_of(w)
        }
        worst, which = 0.0, ""
        strangest, best_word = 0.0, ("", "")
        for word in words_of(self.label):
            if elsewhere(self.mine.words, word, self.part) > 1:
                continue
            costs = [0.0 if gram in known else self._surprise(gram) for gram in grams_of(word)]
            cost = max(sum(costs[at : at + 3]) for at in range(max(1, len(costs) - 2)))
            if cost > worst:
                worst, which = cost, word
            if len(word) > 4 and not set(grams_of(word)) <= known:
                near, value = self._near_word(word)
                if value > strangest:
                    strangest, best_word = value, (word, near)
        values["letters"] = max(0.0, worst - 3.0)
        values["word"] = strangest
        if values["letters"]:
            self.told["letters"] = f"{which!r} has letters that hardly follow each other elsewhere"
        if strangest:
            self.told["word"] = "{!r} is one letter from {!r}".format(*best_word)

    def _surprise(self, gram: str) -> float:
        """How improbable a letter is after the two before it, as a power of ten."""
        chance = gram_chance(self.pool, gram, self.part)
        return -log10(max(gram_chance(self.mine, gram, self.part, chance), 1e-5))

    def _near_word(self, word: str) -> tuple[str, float]:
        """A much more frequent word that is one edit away, by no custom of the language."""
        if len(self.mine.letters) > MOST_LETTERS:
            return "", 0.0
        best, near = 0, ""
        for other in edits_of(word, self.mine.letters):
            if other in self.mine.words:
                count = elsewhere(self.mine.words, other, self.part)
                if count > best and other != word:
                    best, near = count, other
        if best < 3:
            return "", 0.0
        edit = one_edit(near, word)
        place = 0.3 if edit is not None and edit.place == "last" else 1.0
        return near, place * log(best)

    def _swap(self, values: dict[str, float]) -> None:
        spoken = self.facts.others_named(self.key, self.entity.id)
        if not spoken or not self.others:
            return
        alike = self.likeness()
        if alike < LIKE:
            unlike = 1 - alike / LIKE
            values["swap"] = log(1 + spoken) * unlike
            values["swap alone"] = unlike
            values["swap coherent"] = min(1.0, 2 * max(0.0, self.coherence() - alike))
            self.told["swap"] = "another entity is called so, and this one in no other language"

    def likeness(self) -> float:
        """How alike the label and the most similar of the entity's other names are, as they would
        be written in Latin letters, with and without vowels."""
        own = skeletons(self.label)
        return max(
            (
                dice(mine, other)
                for text in {*self.others.values(), *self.names}
                for mine, other in zip(own, skeletons(text), strict=True)
            ),
            default=0.0,
        )

    def coherence(self) -> float:
        """How alike the names of the other languages are among themselves: those of things are not,
        and then it says nothing that this one is like none of them."""
        texts = sorted(set(self.others.values()))[:: max(1, len(set(self.others.values())) // 8)]
        pairs = [
            max(map(dice, skeletons(one), skeletons(other)))
            for one, other in combinations(texts, 2)
        ]
        return sum(pairs) / len(pairs) if pairs else 0.3

    def _language(self, values: dict[str, float]) -> None:
        """Equal to the label of another language, where this one hardly ever copies that one when
        it does not write what most do."""
        written = script(self.language)
        counted = Counter(key for code, key in self.keys.items() if script(code) == written)
        if not counted or counted[self.key] == max(counted.values()):
            return
        rates = []
        for code, key in self.keys.items():
            if key == self.key:
                copied = elsewhere(self.mine.copies, f"={code}", self.part)
                every = elsewhere(self.mine.copies, code, self.part)
                rates.append(((copied + 0.3) / (every + 4), code))
        if not rates:
            return
        rate, code = max(rates)
        values["copied"] = max(0.0, -log(rate) - 1.0)
        usual = skeletons(counted.most_common(1)[0][0])
        alike = max(map(dice, skeletons(self.key), usual))
        # How names are transcribed, languages may have in common.
        values["language"] = max(0.0, -log(rate) - 1.0) * max(0.0, 1 - alike / SIMILAR)
        self.told["language"] = f"the {code} label; {rate:.0%} of such labels are copied"

    def _foreign(self, values: dict[str, float]) -> None:
        """How unusual it is that this language calls an entity as another one does, and how much
        the label is like those of others and unlike its own."""
        language = Contrast(self.facts, self.language, self.part)
        largest = max(self.entity.classes, key=self._class_size, default="")
        values["words"] = language.foreign_words(self.key)
        values["characters"], letter = language.foreign_character(self.label)
        grams, word = language.foreign_grams(self.key)
        if values["characters"] > 1:
            self.told["characters"] = f"{letter!r} is a letter of other languages"
        if values["words"] > 0.5 or grams > 1:
            self.told["words"] = f"{(word or self.label)!r} looks like a word of other languages"
        values["class"] = -log(language.rate_shared(largest))
        written = script(self.language)
        counted = Counter(key for code, key in self.keys.items() if script(code) == written)
        if counted and counted[self.key] == max(counted.values()):
            rate = language.rate_followed(counted[self.key], counted.total())
            # That others say so is nothing against it, unless it also looks like theirs.
            looks = values["words"] + (values["characters"] + grams) / 2
            values["follows"] = min(MOST_FOLLOWED, -log(rate)) * min(1.0, looks / 3)
            self.told["follows"] = f"what most languages say; {rate:.0%} of such labels are copied"
        if self.titles:
            values["other title"] = -log(language.rate_untitled())
            title = min(self.titles)
            self.told["other title"] = f"another language's label; the page is called {title!r}"


@lru_cache(maxsize=65536)
def skeletons(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Pairs of neighbouring letters in Latin transcription, with vowels and without."""
    plain = "".join(c for c in anyascii(text).lower() if c.isalnum()) or "?"
    bare = "".join(c for c in plain if c not in "aeiouyhw") or "?"
    return bigrams(plain), bigrams(bare)
