"""The language of texts that do not say theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Literal

from msgspec import Struct

from kgenrich.harvest.literals import language_of
from kgenrich.languages import is_language
from kgenrich.model import UNDETERMINED

SURE = 0.8
"""The probability from which on a guess is believed."""

ENOUGH = 400
"""Texts that are looked at."""

_PARTS = 5
_LETTERS = 40

Reason = Literal["asked", "declared", "guessed", "unknown"]


class Untagged(Struct, frozen=True):
    """The ``language`` that texts without a tag are taken to be in (``und``: nobody knows), and
    how it came to be: by `--untagged`, by the header of the file, or from the texts."""

    language: str = UNDETERMINED
    reason: Reason = "unknown"


def language_of_untagged(asked: str, declared: Sequence[str], texts: Collection[str]) -> Untagged:
    """What is ``asked`` for, else the one language that the file is ``declared`` to be in, else
    that in which some of the ``texts`` are, where that is sure; of several that are declared, one
    of these."""
    if asked:
        return Untagged(asked, "asked")
    declared = [code for code in declared if is_language(code)]
    if len(declared) == 1:
        return Untagged(declared[0], "declared")
    guess = _guess(list(texts)[:ENOUGH], declared)
    return Untagged(guess, "guessed") if guess else Untagged()


def _guess(texts: Sequence[str], among: Sequence[str]) -> str:
    """The language of all texts together; empty where parts of them seem to be in others, or too
    few letters tell nothing."""
    if sum(map(len, texts)) < _LETTERS:
        return ""
    sure = _rank("\n".join(texts), among)
    if len(texts) >= 4 * _PARTS:
        parts = ["\n".join(texts[start::_PARTS]) for start in range(_PARTS)]
        agreeing = sum(_rank(part, among)[0] == sure[0] for part in parts)
        if agreeing < _PARTS - 1:
            return ""
    return sure[0] if sure[1] >= SURE else ""


def _rank(text: str, among: Sequence[str]) -> tuple[str, float]:
    """The likeliest language and its probability, of these only where there are any."""
    ranked = [(language_of(code), float(share)) for code, share in _identifier().rank(text)]
    if among:
        ranked = [(code, share) for code, share in ranked if code in among] or ranked
        whole = sum(share for _, share in ranked) or 1.0
        ranked = [(code, share / whole) for code, share in ranked]
    return ranked[0]


@cache
def _identifier() -> Any:
    # Half a second, which most files are spared.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
