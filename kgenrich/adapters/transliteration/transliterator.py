"""Words written in another script: the weights that are shipped, with numpy alone.

Of those that ship and read the Latin script one writes all languages, others one of them each; one
more reads all of them and writes English.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import exp
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.training.files import read_arrays, write_arrays
from kgenrich.adapters.training.one_thread import one_thread
from kgenrich.adapters.transliteration.alphabet import (
    END,
    LONGEST,
    UNKNOWN,
    Alphabet,
    symbols_of,
    written,
)
from kgenrich.adapters.transliteration.beam_search import Writer
from kgenrich.adapters.transliteration.known_words import Hashes, Ways, hashes, preferring
from kgenrich.adapters.transliteration.word_network import Weights, WordNetwork
from kgenrich.errors import InputError, UsageError
from kgenrich.languages import base, script
from kgenrich.languages import name as language_name
from kgenrich.languages.table import WRITTEN_WITH
from kgenrich.resources import resource
from kgenrich.text import is_letter

_FORMAT = "kgenrich-transliterator-1"
SHIPPED = tuple(
    f"adapters/transliteration/{name}" for name in ("ru", "he", "zh", "from_latin", "into_latin")
)
"""Those of one language first: they know it better than the one of all."""

_KNOWN = "known."
_BATCH = 256
_LATIN = "Latn"


class _Card(msgspec.Struct, frozen=True):
    format: str
    name: str
    reads: tuple[str, ...]
    alphabet: Alphabet


class Transliterator:
    """A network with its alphabet; ``reads`` are the languages whose words it was trained on,
    ``known`` are words of some of those that it writes, which it prefers.
    """

    def __init__(
        self,
        weights: Weights,
        alphabet: Alphabet,
        reads: Sequence[str],
        name: str = "",
        known: Mapping[str, Hashes] = MappingProxyType({}),
    ) -> None:
        self.alphabet, self.reads, self.name = alphabet, tuple(reads), name
        self.known = known
        self.weights, self._network = weights, WordNetwork(weights)
        self._reader = alphabet.reader()
        self._spellings: dict[str, frozenset[str]] = {}
        self._writers: dict[str, Writer] = {}

    @classmethod
    def load(cls, path: Path, *, check: bool = True) -> Transliterator:
        """Read one. Raises `InputError` when the file is none of this kind, and with ``check``
        when its weights do not fit, which takes as long as reading it."""
        card, arrays = read_arrays(path, _Card, "transliterator")
        if card.format != _FORMAT:
            raise InputError(f"{path} is not a transliterator of this version.")
        try:
            weights = {
                name: array * arrays[f"{name}.scale"] if array.dtype == np.int8 else array
                for name, array in arrays.items()
                if not name.endswith(".scale") and not name.startswith(_KNOWN)
            }
            known = {
                name.removeprefix(_KNOWN): array.astype(np.uint32)
                for name, array in arrays.items()
                if name.startswith(_KNOWN)
            }
            found = cls(weights, card.alphabet, card.reads, card.name, known)
            if check:
                found._try_out()
        except (KeyError, ValueError, IndexError) as error:
            raise InputError(f"{path} is no transliterator: its weights do not fit.") from error
        return found

    def save(self, path: Path) -> None:
        """Write it with 8-bit weights, a scale a row, beside the target and then in its place."""
        arrays: dict[str, NDArray[Any]] = {_KNOWN + code: of for code, of in self.known.items()}
        for name, array in self.weights.items():
            if array.ndim < 2:
                arrays[name] = array.astype(np.float32)
                continue
            scale = np.maximum(np.abs(array).max(axis=1, keepdims=True), 1e-8) / 127
            arrays[name] = np.round(array / scale).astype(np.int8)
            arrays[f"{name}.scale"] = scale.astype(np.float32)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_arrays(path, _Card(_FORMAT, self.name, self.reads, self.alphabet), arrays)

    def part(self, language: str, alike: Mapping[str, Iterable[str]]) -> Transliterator:
        """What it has of one of the languages that it writes, and of its symbols; languages that
        are written ``alike`` begin with the same weights, by code the symbols of each.
        """
        symbols = self._languages[language]
        numbers = {self.alphabet.symbols[symbol]: place for place, symbol in enumerate(symbols)}
        languages = {language: tuple(range(len(symbols)))}
        for code, of in alike.items():
            mine = {numbers[symbol] for symbol in of if symbol in numbers}
            languages[code] = (END, *sorted(mine - {END}))
        place = list(self._languages).index(language)
        rows: dict[str, list[int]] = {
            "symbols.weight": list(symbols),
            "output.weight": list(symbols),
            "output.bias": list(symbols),
            "languages.weight": [place] * len(languages),
        }
        weights = {
            name: array[rows[name]] if name in rows else array
            for name, array in self.weights.items()
        }
        alphabet = Alphabet(self.alphabet.letters, tuple(numbers), languages)
        return Transliterator(weights, alphabet, self.reads, self.name)

    def knowing(self, known: Mapping[str, Hashes]) -> Transliterator:
        """The same one that prefers other words."""
        return Transliterator(self.weights, self.alphabet, self.reads, self.name, known)

    def reading(self, language: str) -> bool:
        """Whether it was trained on words of a language; of those in the Latin script one is
        enough for all, since names keep their spelling there.
        """
        if base(language) in self.reads:
            return True
        return script(language) == _LATIN and any(script(of) == _LATIN for of in self.reads)

    def writing(self, language: str) -> str | None:
        """The code under which it writes a language; None for one that it was not trained on."""
        near = (language, f"{base(language)}-{script(language).lower()}", base(language))
        return next(
            (of for of in near if of in self._languages and _one_script(of, language)), None
        )

    def knows(self, word: str, language: str = "") -> bool:
        """Whether it has met all letters of a word that it is to read, or, with a language, all
        symbols of one that it is to write.
        """
        if not language:
            return bool(self._numbers(word))
        return set(symbols_of(word)) <= self._spelling(language)

    def _spelling(self, language: str) -> frozenset[str]:
        if language not in self._spellings:
            numbers = self._languages[language]
            symbols = frozenset(self.alphabet.symbols[number] for number in numbers)
            self._spellings[language] = symbols
        return self._spellings[language]

    @property
    def _languages(self) -> Mapping[str, tuple[int, ...]]:
        return self.alphabet.languages

    def transliterate(
        self, words: Sequence[str], language: str, n: int = 10, width: int = 4
    ) -> list[Ways]:
        """Up to ``n`` ways to write each word in a language that it writes; none for words of more
        than 32 letters, those with a digit and those with a letter that it never read. ``width``
        is that of the beam. Raises `UsageError` for a language that it was not trained on.
        """
        code = self.writing(language)
        if code is None:
            raise UsageError(_untrained(f"words in {language_name(language)}"))
        writer, symbols = self._writer(code), self._languages[code]
        known = self.known.get(code, hashes(()))
        answers: dict[tuple[int, ...], Ways] = {}
        read = [self._numbers(word) for word in words]
        for batch in _by_length(set(read)):
            with one_thread():
                found = writer.write(*self._network.read(np.array(batch)), width)
            texts = [
                [
                    (written(self.alphabet.symbols[symbols[place]] for place in way), exp(score))
                    for way, score in ways
                ]
                for ways in found
            ]
            for word, ways in zip(batch, preferring(known, texts), strict=True):
                answers[word] = ways[:n]
        return [
            [(_cased(text, word), chance) for text, chance in answers.get(numbers, ())]
            for word, numbers in zip(words, read, strict=True)
        ]

    def _try_out(self) -> None:
        """Raise `ValueError` or `IndexError` where weights and alphabet are of different sizes."""
        sizes = [len(self.weights[f"{of}.weight"]) for of in ("letters", "symbols", "languages")]
        alphabet = self.alphabet
        if sizes != [len(of) for of in (alphabet.letters, alphabet.symbols, alphabet.languages)]:
            raise ValueError(sizes)
        for code in self._languages:
            self._writer(code).write(*self._network.read(np.zeros((1, 1), np.int64)), 1)

    def _numbers(self, word: str) -> tuple[int, ...]:
        has_digit = any(map(str.isdigit, word))
        if not 0 < len(word) <= LONGEST or has_digit or not any(map(is_letter, word)):
            return ()
        numbers = tuple(self.alphabet.read(word, self._reader))
        return () if UNKNOWN in numbers else numbers

    def _writer(self, code: str) -> Writer:
        if code not in self._writers:
            number = list(self._languages).index(code)
            self._writers[code] = Writer(self._network, number, np.array(self._languages[code]))
        return self._writers[code]


def transliterate(
    words: Sequence[str], from_language: str, to_language: str, n: int = 10
) -> list[Ways]:
    """Up to ``n`` ways to write each of some words in another language, the best first, each with
    its probability. Raises `UsageError` where no training data was for the two languages.

    >>> [text for text, _ in transliterate(["Martin"], "en", "ru", n=1)[0]]
    ['Мартин']
    """
    return transliterator(from_language, to_language).transliterate(words, to_language, n)


def transliterator(from_language: str, to_language: str) -> Transliterator:
    """The shipped one for two languages. Raises `UsageError` where there is none."""
    if (found := find(from_language, to_language)) is None:
        raise UsageError(
            _untrained(f"words of {language_name(from_language)} in {language_name(to_language)}")
        )
    return found


def find(from_language: str, to_language: str) -> Transliterator | None:
    """The shipped one for two languages, if they were trained on."""
    if script(from_language) == script(to_language):
        return None
    found = (shipped(path) for path in SHIPPED)
    return next((of for of in found if of.reading(from_language) and of.writing(to_language)), None)


@cache
def shipped(path: str) -> Transliterator:
    """One of those that are `SHIPPED`."""
    return Transliterator.load(resource(f"{path}.safetensors"), check=False)


def _one_script(code: str, other: str) -> bool:
    """Whether two languages share a script of Unicode."""
    one, two = (set(WRITTEN_WITH.get(of, of).split()) for of in (script(code), script(other)))
    return bool(one & two)


def _untrained(what: str) -> str:
    return f"There are no weights to write {what}: the transliterator was not trained for it."


def _by_length(words: Iterable[tuple[int, ...]]) -> Iterable[list[tuple[int, ...]]]:
    by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for word in sorted(words):
        by_length[len(word)].append(word)
    for length in sorted(by_length.keys() - {0}):
        of = by_length[length]
        yield from (of[at : at + _BATCH] for at in range(0, len(of), _BATCH))


def _cased(text: str, word: str) -> str:
    """A capital where the word that was read has one, or could have none."""
    capital = word[:1].isupper() or word.lower() == word.upper()
    return text[:1].upper() + text[1:] if capital else text
