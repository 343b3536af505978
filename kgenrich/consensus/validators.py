r"""What speaks against a text as a term, as codes: ``E`` the target would refuse it or it must not
be written, ``W`` a person should look.

=============== ========================================================= ====================
code            meaning                                                   kinds
=============== ========================================================= ====================
E-empty         nothing but white space                                   all
E-length        more code points than the target allows                   all
E-space         white space at an end, a tab or a line break              all
E-control       control, bidirectional or other invisible characters      all
E-form          not in Unicode normal form C                              all
E-markup        HTML, wiki markup or a template                           all
E-url           a web address                                             all
E-mul           a description in ``mul``; a label that repeats ``mul``     label, description
E-same          label and description are equal in the language           label, description
E-duplicate     another entity has this label and description             label, description
E-known         equal to the label, or to an alias that is there          label, alias
E-stale         the entity was changed since the term was proposed        all
E-redirect      the entity was merged into another                        all
E-deleted       the entity was deleted                                    all
W-inherited     repeats what the language inherits from its chain         label, description
W-script        written in another script than the language               all
W-mixed         scripts that look alike are mixed within one word         all
W-spaces        white space is doubled or unusual                         all
W-qualifier     a bracket at the end, as in page titles                   label
W-article       begins with an article                                    description
W-stop          ends with a full stop                                     description
W-case          begins with a capital letter                              description
W-long          more than 15 words, or 40 signs where words do not part   description
W-label         begins with the label                                     description
W-doubled       a word occurs twice (Stadt in Deutschland in Deutschland) description
W-years         life years in brackets where the language has none        description
=============== ========================================================= ====================

Sources: Wikibase's term validators, Wikidata's Help:Description, and the measured finding that
names in another script are often right, so that script is never a reason to drop one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

import regex

from kgenrich.consensus.description_style import style
from kgenrich.languages import fallbacks, in_script
from kgenrich.model import MUL, Entity, TermKind, TermRequest
from kgenrich.settings import Target
from kgenrich.text import strip_qualifier

Validator = Callable[[TermRequest, str], Sequence[str]]
"""Says what speaks against a text, as codes."""

Taken = Callable[[str, str, str, str], bool]
"""Whether an entity other than the first argument has, in the language of the second, the label
of the third together with the description of the fourth."""

DEFAULT_TARGET = Target()  # type: ignore[call-arg]

_BREAKS = regex.compile(r"[\t\n\v\f\r\u0085\u2028\u2029]")
# Zero-width joiner and non-joiner are letters' business in Persian and Indic scripts.
_INVISIBLE = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cf}--[\u200c\u200d\u00ad]]", regex.V1)
_MARKUP = regex.compile(
    r"</?[A-Za-z][^<>]*>|&(?:[a-z]+|\#\d+);|\[\[|\]\]|\{\{|\}\}|'{3}|^[=*\#]{2,}|__[A-Z]+__"
)
_URL = regex.compile(r"(?i)\b(?:https?|ftp)://|\bwww\.\w")
_ODD_SPACES = regex.compile(r"\s{2,}|[^\S \t\n\v\f\r\u0085\u2028\u2029]")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_ALIKE = tuple(regex.compile(rf"\p{{Script={name}}}") for name in ("Latn", "Cyrl", "Grek"))


def validate(
    request: TermRequest,
    text: str,
    *,
    target: Target = DEFAULT_TARGET,
    taken: Taken | None = None,
    revision: int | None = None,
) -> tuple[str, ...]:
    """The codes of everything that speaks against the text, hard ones first.

    ``taken`` answers the search for duplicates, ``revision`` is that which the entity has now;
    without them the checks they serve are left out.
    """
    codes = [
        *_hard(request, text, target, taken),
        *_entity_codes(request.entity, revision),
        *_soft(request, text),
    ]
    return tuple(dict.fromkeys(codes))


def meaning(code: str) -> str:
    """What a code says, as the table of this module has it; empty for an unknown one."""
    for line in (__doc__ or "").splitlines():
        if line.startswith(code + " "):
            return line.removeprefix(code).strip().split("  ")[0].replace("`", "")
    return ""


def _hard(request: TermRequest, text: str, target: Target, taken: Taken | None) -> Iterator[str]:
    if not text.strip():
        yield "E-empty"
        return
    if len(text) > target.max_length:
        yield "E-length"
    if text != text.strip() or _BREAKS.search(text):
        yield "E-space"
    if _INVISIBLE.search(_BREAKS.sub(" ", text)):
        yield "E-control"
    if not unicodedata.is_normalized("NFC", text):
        yield "E-form"
    if _MARKUP.search(text):
        yield "E-markup"
    if _URL.search(text):
        yield "E-url"
    if request.kind is TermKind.ALIAS:
        if text in request.entity.names(request.language):
            yield "E-known"
    else:
        yield from _beside(request, text, taken)


def _beside(request: TermRequest, text: str, taken: Taken | None) -> Iterator[str]:
    """Labels and descriptions against the other terms of the entity and of the graph."""
    entity, language = request.entity, request.language
    pair: tuple[str | None, str | None]
    if request.kind is TermKind.LABEL:
        pair = text, entity.descriptions.get(language)
        if entity.labels.get(language) == text:
            yield "E-known"
        if language != MUL and entity.labels.get(MUL) == text:
            yield "E-mul"
    else:
        pair = entity.labels.get(language), text
        if language == MUL:
            yield "E-mul"
    label, description = pair
    if label is None or description is None:
        return
    if label == description:
        yield "E-same"
    if taken is not None and taken(entity.id, language, label, description):
        yield "E-duplicate"


def _entity_codes(entity: Entity, revision: int | None) -> Iterator[str]:
    if entity.deleted:
        yield "E-deleted"
    if entity.redirect:
        yield "E-redirect"
    if revision is not None and revision != entity.revision:
        yield "E-stale"


def _soft(request: TermRequest, text: str) -> Iterator[str]:
    if not text.strip():
        return
    if request.kind is not TermKind.ALIAS and _inherited(request) == text:
        yield "W-inherited"
    if not in_script(text, request.language):
        yield "W-script"
    if any(sum(bool(one.search(word)) for one in _ALIKE) > 1 for word in _WORD.findall(text)):
        yield "W-mixed"
    if _ODD_SPACES.search(text):
        yield "W-spaces"
    if request.kind is TermKind.LABEL and strip_qualifier(text) != text:
        yield "W-qualifier"
    if request.kind is TermKind.DESCRIPTION:
        yield from style(request, text)


def _inherited(request: TermRequest) -> str | None:
    entity = request.entity
    terms = entity.labels if request.kind is TermKind.LABEL else entity.descriptions
    return next((terms[c] for c in fallbacks(request.language) if c in terms), None)
