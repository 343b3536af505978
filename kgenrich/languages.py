"""Languages as Wikimedia names them: scripts, fallback chains, variants, BCP 47.

The table is `languages.tsv`, one language a line. A database refers to a language by its line
number, so lines are only ever appended. Sources: the language lists of MediaWiki and Wikibase,
the IANA language subtag registry (RFC 5646), ISO 15924.

>>> chain("be-tarask")
('be-tarask', 'be', 'mul', 'en')
>>> bcp47("sr-el"), wikimedia("sr-Latn"), script("sr-el")
('sr-Latn', 'sr-el', 'Latn')
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import regex

from kgenrich.errors import UsageError
from kgenrich.model import MUL, TermKind

State = Literal["explicit", "inherited", "missing"]


class _Language(NamedTuple):
    bcp47: str
    script: str
    fallbacks: tuple[str, ...]
    name: str


_LINES = (Path(__file__).parent / "languages.tsv").read_text(encoding="utf-8").splitlines()[1:]
_TABLE = {
    code: _Language(tag, script, tuple(chain.split(",")) if chain else (), name)
    for code, tag, script, chain, name in (line.split("\t") for line in _LINES)
}

CODES: tuple[str, ...] = tuple(_TABLE)
"""Every known language code. The position of a code is its number in a database: append only."""

_WRITTEN_WITH = {
    "Jpan": "Hani Hira Kana",
    "Hrkt": "Hira Kana",
    "Kore": "Hang Hani",
    "Hans": "Hani",
    "Hant": "Hani",
}
_WELL_FORMED = regex.compile(r"(?i)[a-z]{1,8}(-[a-z0-9]{1,8})*+")
# The languages that have extended subtags (RFC 5646, section 2.2.2): zh-gan is gan.
_EXTENDED = frozenset({"ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"})
_SCRIPT = regex.compile(r"[a-z]{4}")
_LETTER = regex.compile(r"\p{L}")

_RENAMED = {
    "als": "gsw",
    "bat-smg": "sgs",
    "be-x-old": "be-tarask",
    "fiu-vro": "vro",
    "roa-rup": "rup",
    "tokipona": "tok",
    "zh-classical": "lzh",
    "zh-min-nan": "nan",
    "zh-yue": "yue",
}

# Codes that are no tags, or tags of something else, and are yet read as themselves.
_OWN_TAGS = ("eml", "nrm", "cbk-zam", "roa-tara", "map-bms", "sr-ec", "sr-el", "simple", "mo")
_TAGS = {
    **{row.bcp47.lower(): code for code, row in _TABLE.items() if code not in _RENAMED},
    # Tags that others write for the same variants.
    **{code: code for code in CODES if code.startswith(("zh-", "kk-")) and code not in _RENAMED},
    **{code: code for code in _OWN_TAGS},
    "cmn": "zh",
    "en-x-simple": "simple",
    "cbk": "cbk-zam",
}

_SITE = regex.compile(r"(.*?)(?:wiki(?:voyage|quote|source|news|books|versity)?|wiktionary)")
# Where the name of a site is not the code that Wikidata uses for its language.
_SITES = {"bh": "bho", "no": "nb", "simple": ""}
_VARIANTS = {
    "zh": ("zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk", "zh-sg", "zh-mo", "zh-my"),
    "sr": ("sr-ec", "sr-el"),
}


def current(code: str) -> str:
    """The code that took the place of an old one; any other code unchanged.

    >>> current("zh-min-nan")
    'nan'
    """
    return _RENAMED.get(code, code)


def name(code: str) -> str:
    """The English name of a language; the code itself where it is unknown."""
    return _TABLE[code].name if code in _TABLE else code


def fallbacks(code: str) -> tuple[str, ...]:
    """The languages whose values stand in for a missing one, nearest first (MediaWiki's chain),
    without ``mul``, and without ``en`` unless it is in the language's own chain.

    >>> fallbacks("en-gb"), fallbacks("it")
    (('en',), ())
    """
    return _TABLE[code].fallbacks if code in _TABLE else ()


def chain(code: str) -> tuple[str, ...]:
    """The whole order in which Wikibase looks for a label to show: the language, its fallbacks,
    ``mul``, ``en``."""
    return tuple(dict.fromkeys((code, *fallbacks(code), MUL, "en")))


def script(code: str) -> str:
    """The main script as an ISO 15924 code; ``Zyyy`` for ``mul`` and for what is unknown."""
    if code in _TABLE:
        return _TABLE[code].script
    parts = code.split("-")
    usual = _TABLE[parts[0]].script if parts[0] in _TABLE else "Zyyy"
    return next((p.title() for p in parts[1:] if len(p) == 4 and p.isalpha()), usual)


def in_script(text: str, language: str) -> bool:
    """Whether a letter of the text is in the script of the language; True where either has none.

    >>> in_script("Москва 2", "ru"), in_script("Moskva", "ru"), in_script("42", "ru")
    (True, False, True)
    """
    written = script(language)
    if written == "Zyyy" or not _LETTER.search(text):
        return True
    names = _WRITTEN_WITH.get(written, written).split()
    try:
        return any(regex.search(rf"\p{{Script={name}}}", text) for name in names)
    except regex.error:
        return True


def variants(code: str) -> tuple[str, ...]:
    """The language and its variants, for those that are written in several scripts or norms by
    conversion (Chinese, Serbian); the code alone otherwise.

    >>> variants("sr-el")
    ('sr', 'sr-ec', 'sr-el')
    """
    base = code.split("-", 1)[0]
    family = (base, *_VARIANTS.get(base, ()))
    return family if code in family else (code,)


def bcp47(code: str) -> str:
    """The BCP 47 tag of a Wikimedia code. Different codes in use have different tags; old codes
    share that of their successor. Unknown codes are taken for tags, ``und`` if they cannot be one.

    >>> bcp47("simple"), bcp47("nrm"), bcp47("zh-tw"), bcp47("fr-ca")
    ('en-simple', 'fr-x-nrm', 'zh-Hant-TW', 'fr-CA')
    """
    if code in _TABLE:
        return _TABLE[code].bcp47
    return _cased(code) if _WELL_FORMED.fullmatch(code) else "und"


def wikimedia(tag: str) -> str:
    """The Wikimedia code of a BCP 47 tag: the way back from `bcp47`, in lower case.

    A tag without a code of its own falls to the longest part of it that has one (RFC 4647,
    section 3.4), unless it names a script that the language is not written in or has a private
    part: such text is not what the shorter code stands for, and the tag stays.

    >>> wikimedia("en-simple"), wikimedia("zh-Hans-CN"), wikimedia("zh-CN"), wikimedia("pt-BR")
    ('simple', 'zh-cn', 'zh-cn', 'pt-br')
    >>> wikimedia("it-IT"), wikimedia("sr-Latn-RS"), wikimedia("ja-Latn")
    ('it', 'sr-el', 'ja-latn')
    """
    whole = _exact(tag)
    parts = whole.split("-")
    if whole in _TABLE or "x" in parts:
        return whole
    if parts[0] in _EXTENDED and len(parts) > 1 and len(parts[1]) == 3 and parts[1].isalpha():
        parts = parts[1:]
    for end in range(len(parts), 0, -1):
        code = _exact("-".join(parts[:end]))
        if code in _TABLE:
            scripts = [part.title() for part in parts[end:] if _SCRIPT.fullmatch(part)][:1]
            written = script(code)
            usual = {written, "Zyyy", *_WRITTEN_WITH.get(written, "").split()}
            return code if usual.issuperset(scripts) else whole
    return whole


def _exact(tag: str) -> str:
    """The code that a tag as a whole stands for; in lower case, the tag itself if none."""
    lowered = tag.lower().replace("_", "-")
    return _TAGS.get(lowered) or current(lowered)


def valid_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes as Wikidata writes them now, each once, in the order given.

    Raises `UsageError` with a suggestion for one that is unknown.

    >>> valid_codes(["it", "zh_Hant", "be-x-old", "it"])
    ('it', 'zh-hant', 'be-tarask')
    """
    current_codes: dict[str, None] = {}
    for code in codes:
        exact = _exact(code.strip())
        if exact not in _TABLE:
            raise UsageError(f"There is no language {code!r}{_suggest(code)}.")
        current_codes[exact] = None
    return tuple(current_codes)


def site_language(site: str) -> str | None:
    """The language of a Wikimedia site, as Wikidata's terms name it; None for sites without one
    of their own (Commons, Simple English).

    >>> site_language("enwiki"), site_language("zh_min_nanwiki"), site_language("nowikiquote")
    ('en', 'nan', 'nb')
    """
    match = _SITE.fullmatch(site)
    if match is None:
        return None
    prefix = match[1].replace("_", "-")
    code = _SITES.get(prefix, current(prefix))
    return code if code in _TABLE else None


def state(code: str, explicit: Collection[str], kind: TermKind) -> State:
    """What a language has of a term that exists in the ``explicit`` languages.

    A label is inherited from the fallback chain or ``mul``, a description from the chain alone,
    aliases from nowhere. English at the end of every chain is no inheritance: it stands for
    nothing better.
    """
    if code in explicit:
        return "explicit"
    if kind is TermKind.ALIAS:
        return "missing"
    heirs = (*fallbacks(code), MUL) if kind is TermKind.LABEL else fallbacks(code)
    return "inherited" if any(c in explicit for c in heirs) else "missing"


def _cased(code: str) -> str:
    """RFC 5646, section 2.1.1: regions in capitals, scripts in title case, the rest small."""
    parts = code.lower().split("-")
    private = parts.index("x") if "x" in parts else len(parts)
    for place, part in enumerate(parts[1:private], 1):
        if len(part) == 2:
            parts[place] = part.upper()
        elif len(part) == 4 and part.isalpha():
            parts[place] = part.title()
    return "-".join(parts)


@lru_cache(maxsize=256)
def _suggest(code: str) -> str:
    names = {row.name.lower(): c for c, row in _TABLE.items() if c not in _RENAMED}
    lowered = code.strip().lower()
    close = [names[lowered]] if lowered in names else get_close_matches(lowered, CODES, n=1)
    if not close:
        close = [names[n] for n in get_close_matches(lowered, names, n=1, cutoff=0.75)]
    if not close and lowered.split("-")[0] in _TABLE:
        close = [lowered.split("-")[0]]
    return f": did you mean {close[0]!r} ({name(close[0])})" if close else ""
