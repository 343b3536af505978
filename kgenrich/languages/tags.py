"""Language tags of every kind to the codes by which Wikimedia names languages, and back.

`spellings.tsv` has what a language is called besides its code and its BCP 47 tag, with the source
of each line: Wikimedia's old codes, ISO 639-2 (terminological and bibliographic) and 639-3 where
there is a shorter code, the codes and tags that the IANA registry (2024) marks as withdrawn,
grandfathered or redundant, the main member of a macrolanguage (CLDR), Apertium's. A spelling may be
the begin of a tag; one that begins with a hyphen is a subtag anywhere after the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar

import regex

from kgenrich.errors import UsageError
from kgenrich.languages.table import CODES, TABLE, WRITTEN_WITH, fallbacks, name, rows, script

T = TypeVar("T")

SPELLINGS = {spelling: code for spelling, code, _ in rows("spellings.tsv")}
"""The code, or the current tag in lower case, by what else is written for it."""

_IN_ISO_639 = {
    spelling: code for spelling, code, source in rows("spellings.tsv") if source[:7] == "iso-639"
}
_RENAMED = {old: code for old, code, source in rows("spellings.tsv") if source == "wikimedia"}
_CODES = frozenset(TABLE)
_BY_TAG = {row.bcp47.lower(): code for code, row in TABLE.items() if code not in _RENAMED}
# A language that stands for one of its varieties (cbk) does so alone.
_BEGINS = {begin: now for begin, now in SPELLINGS.items() if not now.startswith(f"{begin}-")}

_SUBTAGS = regex.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*+")
# RFC 5646, section 2.1, in lower case, with the grandfathered tags that have no successor.
_WELL_FORMED = regex.compile(
    r"""(?x) (?: (?: [a-z]{2,3} (?:-[a-z]{3}){0,3} | [a-z]{4,8} )
            (?:-[a-z]{4})? (?:-(?:[a-z]{2}|[0-9]{3}))?
            (?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))* (?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*
            (?:-x(?:-[a-z0-9]{1,8})+)?
        | x(?:-[a-z0-9]{1,8})+ | i-default | i-enochian | i-mingo )"""
)
# The languages that have extended subtags (RFC 5646, section 2.2.2): zh-gan is gan.
_EXTENDED = frozenset({"ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"})
_TOO_LONG = 100
_EXTENSION = regex.compile(r"[a-z]{3}")
_PLAIN = regex.compile(r"(?:[a-z]+(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2}|-[0-9]{3})?\ ?){2}")
_SCRIPT = regex.compile(r"[a-z]{4}")


def current(code: str) -> str:
    """The code that took the place of one of Wikimedia's old ones; any other code unchanged.

    >>> current("zh-min-nan")
    'nan'
    """
    return _RENAMED.get(code, code)


def old_codes(code: str) -> tuple[str, ...]:
    """The codes under which Wikimedia's data may still have a language besides its own.

    >>> old_codes("gsw"), old_codes("it")
    (('als',), ())
    """
    return tuple(old for old, now in _RENAMED.items() if now == code)


def under_current_codes(terms: dict[str, T]) -> dict[str, T]:
    """What a graph has by language, changed in place, with what it has under Wikimedia's old codes
    and other tags (``EN``, ``iw``) under the current ones; it stays where it is if the current code
    says something else.

    >>> under_current_codes({"als": "Bärn"}), under_current_codes({"als": "Bärn", "gsw": "Bern"})
    ({'gsw': 'Bärn'}, {'als': 'Bärn', 'gsw': 'Bern'})
    >>> under_current_codes({"EN": "Berne", "iw": "ברן", "tlh-x-new": "bern"})
    {'tlh-x-new': 'bern', 'en': 'Berne', 'he': 'ברן'}
    """
    old = {code: now for code, now in _RENAMED.items() if code in terms}
    if not _CODES.issuperset(terms):
        old |= {code: wikimedia(code) or code for code in sorted(terms.keys() - _CODES)}
    for code, now in old.items():
        if now != code and terms.get(now, terms[code]) == terms[code]:
            terms[now] = terms.pop(code)
    return terms


def bcp47(code: str) -> str:
    """The BCP 47 tag of a Wikimedia code. Different codes in use have different tags; old codes
    share that of their successor. Unknown codes are taken for tags and written in their canonical
    form (RFC 5646, section 4.5); ``und`` if they cannot be one.

    >>> bcp47("simple"), bcp47("nrm"), bcp47("zh-tw"), bcp47("fr-ca")
    ('en-simple', 'fr-x-nrm', 'zh-Hant-TW', 'fr-CA')
    """
    if code in TABLE:
        return TABLE[code].bcp47
    exact = _exact(code)
    if exact in TABLE:
        return TABLE[exact].bcp47
    return _cased(exact) if _WELL_FORMED.fullmatch(exact) else "und"


def base(code: str) -> str:
    """The language that a code names a variant, a region or a script of; the first part of what is
    no tag.

    >>> base("zh-tw"), base("sr-el"), base("simple"), base("nds-nl"), base("be-tarask")
    ('zh', 'sr', 'en', 'nds', 'be')
    """
    tag = bcp47(code)
    return (code if tag == "und" else tag).split("-")[0]


def same_language(code: str) -> tuple[str, ...]:
    """The other codes of a language that differ by region or script alone and are written in the
    same script, nearest first: what those call it who tell fewer apart.

    >>> same_language("zh-hk"), same_language("de-at"), same_language("sr-el")
    (('zh-hant', 'zh-tw'), ('de',), ())
    """
    language, written = base(code), script(code)
    near = (*fallbacks(code), language, f"{language}-{written.lower()}")
    return tuple(
        other
        for other in dict.fromkeys(near)
        if other in TABLE
        and other != code
        and base(other) == language
        and script(other) == written
        and _PLAIN.fullmatch(f"{bcp47(other)} {bcp47(code)}")
    )


def wikimedia(tag: str) -> str | None:
    """The Wikimedia code of what others write for a language, in lower case: a BCP 47 tag in any
    case and with underscores, a code of ISO 639, a withdrawn or grandfathered tag, a code that
    Wikimedia uses or used. None for what is no language tag at all.

    A tag without a code of its own falls to the longest part of it that has one (RFC 4647,
    section 3.4), unless it names a script that the language is not written in or has a private
    part: such text is not what the shorter code stands for, and the tag stays.

    >>> wikimedia("en-simple"), wikimedia("zh-Hans-CN"), wikimedia("zh-CN"), wikimedia("pt_BR")
    ('simple', 'zh-cn', 'zh-cn', 'pt-br')
    >>> wikimedia("it-IT"), wikimedia("sr-Latn-RS"), wikimedia("ja-Latn")
    ('it', 'sr-el', 'ja-latn')
    >>> wikimedia("ger-AT"), wikimedia("iw"), wikimedia("zh-classical"), wikimedia("not a tag")
    ('de-at', 'he', 'lzh', None)
    """
    whole = _exact(tag)
    if whole in TABLE:
        return whole
    parts = whole.split("-")
    shorter = range(len(parts) - 1, 0, -1) if _SUBTAGS.fullmatch(whole) and "x" not in parts else ()
    for end in shorter:
        if (code := _current_tag("-".join(parts[:end]))) in TABLE:
            scripts = [part.title() for part in parts[end:] if _SCRIPT.fullmatch(part)][:1]
            written = script(code)
            if {written, "Zyyy", *WRITTEN_WITH.get(written, "").split()}.issuperset(scripts):
                return code
            break
    return whole if _WELL_FORMED.fullmatch(whole) else None


def iso639(code: str) -> str:
    """The shortest code of ISO 639 for the very language that a code of its parts names. A member
    of a macrolanguage stays what it is.

    >>> iso639("deu"), iso639("ger"), iso639("gsw"), iso639("cmn")
    ('de', 'de', 'gsw', 'cmn')
    """
    return _IN_ISO_639.get(code.lower(), code.lower())


def valid_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes as Wikidata writes them now, each once, in the order given.

    Raises `UsageError` with a suggestion for one that is unknown.

    >>> valid_codes(["it", "zh_Hant", "be-x-old", "ita"])
    ('it', 'zh-hant', 'be-tarask')
    """
    known: dict[str, None] = {}
    for code in codes:
        exact = _exact(code)
        if exact not in TABLE:
            raise UsageError(f"There is no language {code!r}{_suggest(code)}.")
        known[exact] = None
    return tuple(known)


def _exact(tag: str) -> str:
    """The code that a text as a whole stands for; if none, the text in lower case, with those
    subtags that are preferred today; empty where it is far too long."""
    return _current_tag(tag.strip().lower().replace("_", "-")) if len(tag) < _TOO_LONG else ""


@lru_cache(maxsize=4096)
def _current_tag(tag: str) -> str:
    if known := SPELLINGS.get(tag) or _BY_TAG.get(tag):
        return known
    parts = tag.split("-")
    for end in range(len(parts) - 1, 0, -1):
        if now := _BEGINS.get("-".join(parts[:end])):
            return _current_tag("-".join((now, *parts[end:])))
    if parts[0] in _EXTENDED and len(parts) > 1 and _EXTENSION.fullmatch(parts[1]):
        return _current_tag("-".join(parts[1:]))
    private = parts.index("x") if "x" in parts else len(parts)
    for place in range(1, private):
        parts[place] = SPELLINGS.get(f"-{parts[place]}", f"-{parts[place]}")[1:]
    tag = "-".join(parts)
    return _BY_TAG.get(tag, tag)


def _cased(tag: str) -> str:
    """RFC 5646, section 2.1.1: regions in capitals, scripts in title case, the rest small."""
    parts = tag.split("-")
    private = parts.index("x") if "x" in parts else len(parts)
    for place, part in enumerate(parts[1:private], 1):
        if len(part) == 2 and len(parts[place - 1]) > 1:
            parts[place] = part.upper()
        elif len(part) == 4 and part.isalpha() and len(parts[place - 1]) > 1:
            parts[place] = part.title()
    return "-".join(parts)


@lru_cache(maxsize=256)
def _suggest(code: str) -> str:
    names = {row.name.lower(): c for c, row in TABLE.items() if c not in _RENAMED}
    lowered = code.strip().lower()
    close = [names[lowered]] if lowered in names else get_close_matches(lowered, CODES, n=1)
    if not close:
        close = [names[n] for n in get_close_matches(lowered, names, n=1, cutoff=0.75)]
    if not close and lowered.split("-")[0] in TABLE:
        close = [lowered.split("-")[0]]
    return f": did you mean {close[0]!r} ({name(close[0])})" if close else ""
