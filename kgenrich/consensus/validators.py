r"""What speaks against a text as a term, as codes: ``E`` the target would refuse it or it must not
be written, ``W`` a person should look. What is looked for in terms of which kind, the profile of
the target says (`kgenrich.targets`).

=============== ==========================================================================
code            meaning
=============== ==========================================================================
E-empty         nothing but white space
E-kind          the target has no place for such terms
E-length        more code points than the target allows
E-space         white space at an end, a tab; a line break in what is no prose
E-control       control, bidirectional or other invisible characters
E-form          not in Unicode normal form C
E-markup        HTML, wiki markup or a template
E-url           a web address
E-mul           a description in ``mul``; a label that repeats ``mul``
E-same          label and description are equal in the language
E-duplicate     another entity has this label and description
E-known         equal to the label, or to an alias that is there
E-forbidden     a glossary forbids the term
E-preferred     a glossary prefers another label
E-stale         the entity was changed since the term was proposed, or what the term rests on
E-redirect      the entity was merged into another
E-deleted       the entity was deleted
W-inherited     repeats what the language inherits from its chain
W-script        written in another script than the language
W-mixed         scripts that look alike are mixed within one word
W-spaces        white space is doubled or unusual
W-numbers       has a number that no definition in another language has, and lacks those of each
W-qualifier     a bracket at the end, as in page titles
W-copy          a common noun or phrase as another language writes it
W-foreign       has a function word of another language
W-article       begins with an article
W-stop          ends with a full stop
W-case          begins with a capital letter
W-long          more than 15 words, or 40 signs where words do not part
W-label         begins with the label
W-doubled       a word occurs twice (Stadt in Deutschland in Deutschland)
W-years         life years in brackets where the language has none
=============== ==========================================================================

Sources: Wikibase's term validators, Wikidata's Help:Description, and the measured finding that
names in another script are often right, so that script is never a reason to drop one. No fault of
style is one for sure: a few in a hundred descriptions that people wrote have one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Protocol

import regex

from kgenrich.consensus.common_nouns import copied_from, foreign_words, is_common
from kgenrich.consensus.description_agreement import contradict
from kgenrich.languages import base, fallbacks, in_script
from kgenrich.model import MUL, TermKind, TermRequest
from kgenrich.settings import Target
from kgenrich.targets import TermRules, profile_of
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
_TABS = regex.compile(r"[\t\v\f]")
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
    if (held_to := profile_of(entity.id, target.profile).kinds.get(request.kind)) is None:
        hard = ["E-kind"]
    elif text.strip():
        longest = target.max_length or held_to.longest
        hard = ["E-length"] if len(text) > longest else []
        hard += _hard(request, text, held_to, taken)
        soft = _soft(request, text, held_to)
    return tuple(dict.fromkeys([*hard, *_codes_of(state), *soft]))


@cache
def meanings() -> Mapping[str, str]:
    """What each code says, as the table of this module has it."""
    lines = (re.fullmatch(r"([EW]-\w+) +(.+)", line) for line in (__doc__ or "").splitlines())
    return {line[1]: line[2].replace("`", "") for line in lines if line}


def meaning(code: str) -> str:
    """What a code says; empty for an unknown one."""
    return meanings().get(code, "")


def _hard(request: TermRequest, text: str, rules: TermRules, taken: Taken | None) -> list[str]:
    entity, language = request.entity, request.language
    is_label, is_alias = request.kind is TermKind.LABEL, request.kind is TermKind.ALIAS
    breaks = _TABS if rules.prose else _BREAKS
    own = entity.labels.get(language)
    label = text if is_label else own
    description = entity.descriptions.get(language) if is_label else text
    repeats = is_label and entity.labels.get(MUL) == text
    faults: dict[str, object] = {
        "E-space": text != text.strip() or breaks.search(text),
        "E-control": _INVISIBLE.search(_BREAKS.sub(" ", text)),
        "E-form": not unicodedata.is_normalized("NFC", text),
        "E-markup": _MARKUP.search(text),
        "E-url": _URL.search(text),
        "E-known": text in entity.names(language) if is_alias else own == text,
        "E-mul": repeats if language != MUL else not is_label,
        "E-same": label == description,
    }
    found = _codes_of(faults, rules)
    if taken is not None and "E-duplicate" in rules.codes and None not in (label, description):
        found += ["E-duplicate"] * taken(entity.id, language, label or "", description or "")
    return found


def _soft(request: TermRequest, text: str, rules: TermRules) -> list[str]:
    terms = request.entity.terms(request.kind)
    inherited = next((terms[code] for code in fallbacks(request.language) if code in terms), None)
    others = [text for code, text in request.entity.definitions.items() if code != request.language]
    faults = {
        "W-inherited": inherited == text,
        "W-script": not in_script(text, request.language),
        "W-mixed": _is_mixed(text) and any(map(_is_mixed, _WORD.findall(text))),
        "W-spaces": any(map(_ODD_SPACES.search, text.splitlines() if rules.prose else [text])),
        "W-numbers": others and all(contradict(text, other) for other in others),
        "W-qualifier": strip_qualifier(text) != text,
    }
    if request.kind.is_name:
        faults |= {
            "W-copy": is_common(request.entity, text) and bool(copied_from(request, text)),
            "W-foreign": foreign_words(request, text),
        }
    of_style = {} if request.kind.is_name else _style(request, text)
    return _codes_of(faults | of_style, rules)


def _is_mixed(text: str) -> bool:
    return not text.isascii() and sum(bool(one.search(text)) for one in _ALIKE) > 1


def _codes_of(faults: Mapping[str, object], rules: TermRules | None = None) -> list[str]:
    """The codes whose fault is there, of those that the rules look for."""
    codes = faults.keys() if rules is None else rules.codes
    return [code for code, fault in faults.items() if fault and code in codes]


def _style(request: TermRequest, text: str) -> dict[str, object]:
    """What is against the style of the language, by its code; ``text`` is not blank."""
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
    return {
        "W-article": len(words) > 1 and (opening in articles or opening.startswith(elided)),
        "W-stop": stopped and not _abbreviation(words[-1]),
        "W-case": capital and not any(first in name for name in labels.values()),
        "W-long": len(words) > MAX_WORDS or (spoken in _UNSPACED and len(text) > MAX_SIGNS),
        "W-label": _begins_with(text, labels.get(request.language, "")),
        "W-doubled": spoken not in _UNSPACED and any(count > 1 for count in counts.values()),
        "W-years": spoken in _WITHOUT_YEARS and _LIFE.search(text),
    }


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
