"""How one language's labels differ from those of all others: which of their names, words and
letters it has not made its own.

Rates are drawn to what is usual where little was counted.
"""

from __future__ import annotations

from math import log, log10

from kgenrich.consensus.label_faults.facts import (
    POOLED,
    Counts,
    LabelFacts,
    LanguageFacts,
    elsewhere,
    share,
)
from kgenrich.consensus.label_faults.letters import grams_of, words_of
from kgenrich.languages import script

USUAL = 1 / 40
"""How probable a letter is of which nothing is known."""

MOST_GRAMS = 4.0
"""So much, as a power of ten, the letters of one word may tell."""

LIKE_OTHERS = 10.0
"""After two letters so many are taken to be as they are in the other languages."""


class Contrast:
    """A language against the others of a graph, by what was counted on all parts but one."""

    def __init__(self, facts: LabelFacts, language: str, part: int) -> None:
        nothing = LanguageFacts()
        self.mine = facts.languages.get(language, nothing)
        self.pool = facts.languages.get(POOLED + script(language), nothing)
        self.all = facts.languages.get(POOLED, nothing)
        self.part = part
        every = elsewhere(self.all.characters, "", part)
        self.coverage = elsewhere(self.mine.characters, "", part) / max(1, every)

    def rate_shared(self, class_id: str) -> float:
        """Of the labels of a class the share that any other language has too."""
        rate = 0.5
        for one in ("", class_id):
            rate = self._rate(f"class {one}", 3 * rate, 3)
        return rate

    def rate_followed(self, times: int, every: int) -> float:
        """How often the label is the most common name, where ``times`` of ``every`` other language
        have it."""
        return self._rate(share(times, every), 2, 4)

    def rate_untitled(self) -> float:
        """How often the label is what another language says, and not the title of the page."""
        return self._rate("title", 1, 10)

    def foreign_words(self, text: str) -> float:
        """How much rarer the words are than they would be if they were taken over from the other
        languages, as a logarithm, on the average of them."""
        words = set(words_of(text))
        rarer = [self._rarer(self.pool.words, self.mine.words, word, 1.0) for word in words]
        return sum(rarer) / max(1, len(rarer))

    def foreign_character(self, text: str) -> tuple[float, str]:
        """The same of the letter of which that is truest, and the letter."""
        letters = sorted({char for char in text.casefold() if char.isalpha()})
        tables = self.all.characters, self.mine.characters
        rarer = [(self._rarer(*tables, one, 0.5), one) for one in letters]
        return max(rarer, default=(0.0, ""))

    def foreign_grams(self, text: str) -> tuple[float, str]:
        """How much more probably the others than this language put the letters of a word so, as a
        power of ten, and that word, of those that are not known here."""
        most, which = 0.0, ""
        for word in words_of(text):
            if elsewhere(self.mine.words, word, self.part) <= 1:
                ratio = sum(map(self._foreign_gram, grams_of(word)))
                most, which = max((most, which), (ratio, word))
        return min(most, MOST_GRAMS), which

    def _foreign_gram(self, gram: str) -> float:
        theirs = gram_chance(self.pool, gram, self.part)
        seen = elsewhere(self.mine.grams, gram, self.part)
        context = elsewhere(self.mine.grams, gram[:2] + "_", self.part)
        return log10(theirs * (context + LIKE_OTHERS) / (seen + LIKE_OTHERS * theirs))

    def _rate(self, custom: str, seen: float, occasions: float) -> float:
        """With so many occasions added, and so many times on which it was ``seen``."""
        done = elsewhere(self.mine.customs, f"={custom}", self.part)
        return (done + seen) / (elsewhere(self.mine.customs, custom, self.part) + occasions)

    def _rarer(self, theirs: Counts, own: Counts, key: str, added: float) -> float:
        expected = self.coverage * elsewhere(theirs, key, self.part)
        return max(0.0, log((expected + added) / (elsewhere(own, key, self.part) + added)))


def gram_chance(facts: LanguageFacts, gram: str, part: int, prior: float = USUAL) -> float:
    """How probable the last of three letters is after the two before it."""
    result = prior
    for key, context, weight in (
        (gram[2], "", 40.0),
        (gram[1:], gram[1] + "_", 5.0),
        (gram, gram[:2] + "_", 5.0),
    ):
        seen = elsewhere(facts.grams, key, part)
        result = (seen + weight * result) / (elsewhere(facts.grams, context, part) + weight)
    return result
