"""Labels broken on purpose, as they break by accident: what a check of labels must find."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal, get_args

from anyascii import anyascii
from msgspec import Struct

from kgenrich.consensus.label_faults.edits import slipped
from kgenrich.languages import in_script, script
from kgenrich.model import Entity, content_id
from kgenrich.text import clean, vote_key

Break = Literal["typo", "language", "swap", "mojibake", "script"]
"""A slip of the hand, the label of another language, that of another entity, text decoded by the
wrong code page, and letters of another script."""

BREAKS: tuple[Break, ...] = get_args(Break)

_LOOKALIKES = str.maketrans("аеорсухіАВЕКМНОРСТХοΟΑΒΕΗΙΚΜΝΡΤ", "aeopcyxiABEKMHOPCTXoOABEHIKMNPT")
_PAGES = ("cp1252", "latin-1", "cp1251")


class Material(Struct, frozen=True):
    """What labels of a language are broken with: ``letters`` that its labels have, ``labels`` of
    other entities of the same class by class."""

    letters: str
    labels: Mapping[str, Sequence[str]]


def material(entities: Sequence[Entity], language: str) -> Material:
    """The letters and labels of a language."""
    letters: set[str] = set()
    labels: dict[str, list[str]] = {}
    for entity in entities:
        if label := entity.labels.get(language):
            letters.update(c for c in label.lower() if c.isalpha())
            labels.setdefault(next(iter(entity.classes), ""), []).append(label)
    return Material("".join(sorted(letters)), labels)


def broken(entity: Entity, language: str, kind: Break, using: Material) -> str:
    """The label of an entity, broken in one way, the same in every run; empty where it cannot be.

    What is among the entity's names in the language, or equal to the label but for case and
    punctuation, is no broken label.
    """
    label = entity.labels[language]
    chance = random.Random(content_id("break", kind, entity.id, language))
    text = clean(_BREAKERS[kind](entity, language, label, using, chance))
    right = set(map(vote_key, entity.names(language)))
    return text if vote_key(text) and vote_key(text) not in right else ""


def _typo(entity: Entity, language: str, label: str, using: Material, chance: random.Random) -> str:
    return slipped(label, using.letters, chance)


def _language(
    entity: Entity, language: str, label: str, using: Material, chance: random.Random
) -> str:
    own = label.casefold()
    others = sorted(
        {
            text
            for code, text in entity.labels.items()
            if code != language and in_script(text, language) and not _much_alike(text, own)
        }
    )
    return chance.choice(others) if others else ""


def _swap(entity: Entity, language: str, label: str, using: Material, chance: random.Random) -> str:
    labels = using.labels.get(next(iter(entity.classes), ""), ())
    others = [text for text in labels if not _much_alike(text, label.casefold())]
    return chance.choice(others) if others else ""


def _mojibake(
    entity: Entity, language: str, label: str, using: Material, chance: random.Random
) -> str:
    if label.isascii():
        return ""
    page = chance.choice(_PAGES)
    return label.encode().decode(page, errors="replace")


def _script(
    entity: Entity, language: str, label: str, using: Material, chance: random.Random
) -> str:
    if not in_script(label, language):
        return ""
    if script(language) == "Latn":
        others = [text for text in entity.labels.values() if not in_script(text, language)]
        return chance.choice(sorted(set(others))) if others else ""
    lookalike = label.translate(_LOOKALIKES)
    return lookalike if lookalike != label and chance.random() < 0.5 else anyascii(label).title()


_Breaker = Callable[[Entity, str, str, Material, random.Random], str]
_BREAKERS: Mapping[Break, _Breaker] = {
    "typo": _typo,
    "language": _language,
    "swap": _swap,
    "mojibake": _mojibake,
    "script": _script,
}


def _much_alike(text: str, own: str) -> bool:
    """Whether a label of another language, or entity, could as well be the right one."""
    other = text.casefold()
    shared = len({*pairwise(other)} & {*pairwise(own)})
    return other in own or own in other or 2 * shared > max(len(own), len(other)) - 1
