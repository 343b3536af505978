"""Words as numbers: the letters that are read, and the symbols that each language is written in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

UNKNOWN = 0
"""The number of a letter that was never read in training."""

END = 0
"""The number of the symbol that ends a word, in every language; it stands before the first too."""

LONGEST = 32
"""Letters of a word that is read, and symbols of one that is written."""


def folded(word: str) -> str:
    """A word as it is read: composed, in lower case.

    >>> folded("Müller"), folded("I\\u0307zmir")
    ('müller', 'i̇zmir')
    """
    return unicodedata.normalize("NFC", word.lower())


def symbols_of(word: str) -> tuple[str, ...]:
    """What a word is written with: its letters, of Hangul the parts of syllables.

    >>> len(symbols_of("린")), "".join(symbols_of("é"))
    (3, 'é')
    """
    return tuple(
        part
        for letter in word
        for part in (unicodedata.normalize("NFD", letter) if "가" <= letter <= "힣" else letter)
    )


def written(symbols: Iterable[str]) -> str:
    """The word of some symbols.

    >>> written(symbols_of("그린"))
    '그린'
    """
    return unicodedata.normalize("NFC", "".join(symbols))


class Alphabet(Struct, frozen=True):
    """``letters`` of the words that are read; ``symbols`` of all that is written, the first is the
    end of a word; ``languages`` by code the numbers of those that it is written with, the end
    among them.
    """

    letters: tuple[str, ...]
    symbols: tuple[str, ...]
    languages: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, pairs: Mapping[str, Sequence[tuple[str, str]]], fewest: int) -> Alphabet:
        """That of pairs of words by language, of letters and symbols that come up ``fewest``
        times at least.
        """
        letters = Counter(
            letter for of in pairs.values() for word, _ in of for letter in folded(word)
        )
        numbers: dict[str, int] = {"": END}
        languages = {}
        for language, of in pairs.items():
            counts = Counter(symbol for _, word in of for symbol in symbols_of(word))
            usual = sorted(symbol for symbol, count in counts.items() if count >= fewest)
            mine = sorted(numbers.setdefault(symbol, len(numbers)) for symbol in usual)
            languages[language] = (END, *mine)
        read = sorted(letter for letter, count in letters.items() if count >= fewest)
        return cls(("", *read), tuple(numbers), languages)

    def reader(self) -> dict[str, int]:
        """The numbers of letters."""
        return {letter: number for number, letter in enumerate(self.letters)}

    def read(self, word: str, reader: Mapping[str, int]) -> list[int]:
        """The numbers of a word's letters; for one that is not known, of that without its marks."""
        numbers = []
        for letter in folded(word)[:LONGEST]:
            number = reader.get(letter)
            if number is None:
                number = reader.get(unicodedata.normalize("NFD", letter)[0], UNKNOWN)
            numbers.append(number)
        return numbers
