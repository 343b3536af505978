"""Common nouns and phrases of another language, which are no names: *human* is the English word for
Q5, no French one, though names of people and places are mostly written alike.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

import regex

from kgenrich.languages import base, script
from kgenrich.model import MUL, Entity, TermRequest
from kgenrich.property_roles import OF_WIKIDATA

SHARED = 3
"""A word that so many languages have, and a third of those of the script, is all the world's."""

_FUNCTION_WORDS = {
    "en": "of the and or with for from by in on to at per as an its their other not any than",
    "de": "und oder der die das des dem den von vom mit für im in zum zur auf aus ein eine nicht",
    "fr": "et ou le la les de du des d l un une à au aux avec pour dans par sur en ne pas",
    "es": "y e o u el la los las de del un una con para por en al no sin",
    "it": "e o il lo la i gli le di del dello della dei degli delle un una con per in da dal dalla",
    "pt": "e ou o a os as de do da dos das um uma com para por em no na nos nas",
    "ca": "i o el la els les de del dels d l un una amb per en a al",
    "gl": "e ou o a os as de do da dos das un unha con para por en no na",
    "nl": "en of de het een van der den met voor in op te uit bij niet",
    "sv": "och eller en ett av den det för med i på till från som",
    "da": "og eller en et af den det for med i på til fra som",
    "nb": "og eller en et av den det for med i på til fra som",
    "nn": "og eller ein ei eit av den det for med i på til frå som",
    "pl": "i lub oraz w we z ze na do od dla o",
    "cs": "a nebo v ve z ze na do od pro o s se",
    "ro": "și sau de din la cu pentru al ale a ai un o",
    "hu": "és vagy a az egy",
    "tr": "ve veya ile için bir",
    "ru": "и или в во на с со из от для по к о",
    "uk": "і й та або в у на з із від для по до про",
}
_TELLING = 2
"""Letters that a function word has at least to tell a language."""

_WORD = regex.compile(r"\p{L}+")


def is_common(entity: Entity, text: str) -> bool:
    """Whether a name is a common noun: the entity is a class, or no letter is a capital one where
    the script has such."""
    return _is_class(entity) or (text.lower() == text and text.upper() != text)


def copied_from(request: TermRequest, text: str) -> str:
    """The language whose label or alias a text is, unless many languages write so; empty where the
    language's own family has it, or none has."""
    spoken = base(request.language)
    entity, folded = request.entity, text.casefold()
    holders: dict[str, str] = {}
    every = {base(code) for code in entity.labels if script(code) == script(request.language)}
    for code in entity.labels.keys() | entity.aliases.keys():
        if folded in map(str.casefold, entity.names(code)):
            holders.setdefault(base(code), code)
    if spoken in holders or MUL in holders or not holders:
        return ""
    if len(holders) >= SHARED and 3 * len(holders) >= len(every):
        return ""
    return min(holders.values())


def foreign_words(request: TermRequest, text: str) -> bool:
    """Whether a common noun or a text that no language has holds a function word of a language that
    is not its own. Names of works and firms, which languages take over as they are, may."""
    own = _function_words(base(request.language))
    if not own:
        return False
    words = {word for word in _WORD.findall(text.lower()) if len(word) >= _TELLING} - own
    if not any(words & _function_words(code) for code in _FUNCTION_WORDS):
        return False
    entity = request.entity
    spoken = entity.labels.keys() | entity.aliases.keys()
    taken_over = any(text in entity.names(code) for code in spoken)
    return is_common(entity, text) or not taken_over


@lru_cache(maxsize=256)
def _function_words(code: str) -> Set[str]:
    return frozenset(_FUNCTION_WORDS.get(code, "").split())


def _is_class(entity: Entity) -> bool:
    """Whether it is above or below another class."""
    return OF_WIKIDATA.of("subclass_of") in entity.claims or any(
        one.form.role == "hierarchy" for one in entity.statements
    )
