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
E-forbidden     a glossary forbids the term                               label, alias
E-preferred     a glossary prefers another label                          label
E-stale         the entity was changed since the term was proposed        all
E-redirect      the entity was merged into another                        all
E-deleted       the entity was deleted                                    all
W-inherited     repeats what the language inherits from its chain         all but alias
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
names in another script are often right, so that script is never a reason to drop one. No fault of
style is one for sure: a few in a hundred descriptions that people wrote have one.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import regex

from kgenrich.languages import base, fallbacks, in_script
from kgenrich.model import MUL, TermKind, TermRequest
from kgenrich.settings import Target
from kgenrich.text import is_letter, strip_qualifier

Validator = Callable[[TermRequest, str], Sequence[str]]
"""Says what speaks against a text, as codes."""

Taken = Callable[[str, str, str, str], bool]
"""Whether an entity other than the first argument has, in the language of the second, the label
of the third together with the description of the fourth."""


class Rule(Protocol):
    """What a glossary says of a name."""

    def forbids(self, request: TermRequest, text: str) -> bool: ...

    def prefers_another(self, request: TermRequest, text: str) -> bool: ...


MAX_WORDS = 15
MAX_SIGNS = 40
"""Where words do not stand apart, one description in a hundred is longer than 34 signs (ja)."""

_SHORTEST = 4
"""Shorter words may come twice: most of them only join."""

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
_LETTERS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LIFE = regex.compile(r"[(（]\D{0,9}\d{3,4}\s*[-–—]\s*(?:\d{3,4})?\D{0,9}[)）]")

_ARTICLES = {
    "en": "a an the",
    "de": "der die das ein eine",
    "fr": "le la les l' l’ un une",
    "es": "el la los las un una",
    "it": "il lo la i gli le l' l’ un uno una un' un’",
    "pt": "o a os as um uma",
    "nl": "de het een",
    "sv": "en ett",
    "da": "en et",
    "nb": "en et",
    "nn": "ein ei eit",
    "ca": "el la els les l' l’ un una",
    "gl": "o a os as un unha",
    "ro": "un o",
    "hu": "a az egy",
    "eo": "la",
    "cy": "y yr",
    "el": "ο η το οι τα ένας μια ένα",
}
# Where adjectives of nations or all nouns have a capital letter, one says nothing.
_CAPITALS = frozenset(
    ("en", "de", "nl", "af", "fy", "gsw", "bar", "lb", "nds", "ksh", "stq", "frr", "simple", "mul")
)
_UNSPACED = frozenset(("ja", "zh", "yue", "wuu", "gan", "lzh", "th", "lo", "km", "my", "bo"))
_WITHOUT_YEARS = frozenset(("de", "es", "fr", "it", "ru", "ar"))


def validate(
    request: TermRequest,
    text: str,
    *,
    target: Target = DEFAULT_TARGET,
    taken: Taken | None = None,
    revision: int | None = None,
    rules: Sequence[Rule] = (),
) -> tuple[str, ...]:
    """The codes of everything that speaks against the text, hard ones first.

    ``taken`` answers the search for duplicates, ``revision`` is that which the entity has now;
    without them the checks they serve are left out. ``rules`` are what glossaries bind names to.
    """
    entity = request.entity
    state = {
        "E-deleted": entity.deleted,
        "E-redirect": entity.redirect,
        "E-stale": revision not in (None, entity.revision),
        "E-forbidden": any(rule.forbids(request, text) for rule in rules),
        "E-preferred": any(rule.prefers_another(request, text) for rule in rules),
    }
    hard, soft = ["E-empty"], []
    if text.strip():
        hard, soft = _hard(request, text, target, taken), _soft(request, text)
    return tuple(dict.fromkeys([*hard, *_codes_of(state), *soft]))


def meaning(code: str) -> str:
    """What a code says, as the table of this module has it; empty for an unknown one."""
    for line in (__doc__ or "").splitlines():
        if line.startswith(code + " "):
            return line.removeprefix(code).strip().split("  ")[0].replace("`", "")
    return ""


def _hard(request: TermRequest, text: str, target: Target, taken: Taken | None) -> list[str]:
    entity, language, is_label = request.entity, request.language, request.kind is TermKind.LABEL
    faults: dict[str, object] = {
        "E-length": len(text) > target.max_length,
        "E-space": text != text.strip() or _BREAKS.search(text),
        "E-control": _INVISIBLE.search(_BREAKS.sub(" ", text)),
        "E-form": not unicodedata.is_normalized("NFC", text),
        "E-markup": _MARKUP.search(text),
        "E-url": _URL.search(text),
    }
    if request.kind is TermKind.DEFINITION:
        return _codes_of(faults)
    if request.kind is TermKind.ALIAS:
        return _codes_of(faults | {"E-known": text in entity.names(language)})
    own = entity.labels.get(language)
    label = text if is_label else own
    description = entity.descriptions.get(language) if is_label else text
    repeats = is_label and entity.labels.get(MUL) == text
    faults["E-known"] = is_label and own == text
    faults["E-mul"] = repeats if language != MUL else not is_label
    faults["E-same"] = label == description
    if taken is not None and label is not None and description is not None:
        faults["E-duplicate"] = taken(entity.id, language, label, description)
    return _codes_of(faults)


def _soft(request: TermRequest, text: str) -> list[str]:
    entity, kind = request.entity, request.kind
    terms = entity.terms(kind)
    inherited = next((terms[code] for code in fallbacks(request.language) if code in terms), None)
    faults = {
        "W-inherited": inherited == text,
        "W-script": not in_script(text, request.language),
        "W-mixed": any(
            sum(bool(one.search(word)) for one in _ALIKE) > 1 for word in _WORD.findall(text)
        ),
        "W-spaces": _ODD_SPACES.search(text),
        "W-qualifier": kind is TermKind.LABEL and strip_qualifier(text) != text,
    }
    of_style = _style(request, text) if kind is TermKind.DESCRIPTION else ()
    return [*_codes_of(faults), *of_style]


def _codes_of(faults: Mapping[str, object]) -> list[str]:
    """The codes whose fault is there."""
    return [code for code, fault in faults.items() if fault]


def _style(request: TermRequest, text: str) -> list[str]:
    """The codes of what is against the style of the language; ``text`` is not blank."""
    spoken = base(request.language)
    labels = request.entity.labels
    words = text.split()
    first = words[0]
    opening = first.lower()
    articles = _ARTICLES.get(spoken, "").split()
    elided = tuple(article for article in articles if article.endswith(("'", "’")))
    counts = Counter(word.casefold() for word in _LETTERS.findall(text) if len(word) >= _SHORTEST)
    stopped = text.endswith((".", "。", "।")) and not text.endswith("..")
    capital = spoken not in _CAPITALS and first[:1].isupper() and first[1:].islower()
    faults = {
        "W-article": len(words) > 1 and (opening in articles or opening.startswith(elided)),
        "W-stop": stopped and not _abbreviation(words[-1]),
        "W-case": capital and not any(first in name for name in labels.values()),
        "W-long": len(words) > MAX_WORDS or (spoken in _UNSPACED and len(text) > MAX_SIGNS),
        "W-label": _begins_with(text, labels.get(request.language, "")),
        "W-doubled": spoken not in _UNSPACED and any(count > 1 for count in counts.values()),
        "W-years": spoken in _WITHOUT_YEARS and _LIFE.search(text),
    }
    return _codes_of(faults)


def _begins_with(text: str, label: str) -> bool:
    rest = text[len(label) :]
    return (
        bool(label)
        and text.casefold().startswith(label.casefold())
        and not any(map(is_letter, rest[:1]))
    )


def _abbreviation(last: str) -> bool:
    """Whether the full stop at the end is that of an abbreviation (Inc., U.S., d. C.)."""
    return len(last.rstrip(".")) <= 3 or "." in last[:-1]
