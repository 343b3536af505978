"""Languages as Wikimedia names them: scripts, fallback chains, variants, sites, BCP 47.

Whatever a third party wrote for a language is read by `wikimedia` (or, as the name of a site, by
`site_language`); what is written to others comes from `bcp47`. Nothing else takes codes apart.

>>> chain("be-tarask")
('be-tarask', 'be', 'mul', 'en')
>>> bcp47("sr-el"), wikimedia("sr-Latn"), script("sr-el")
('sr-Latn', 'sr-el', 'Latn')
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from kgenrich.languages.sites import locale, site_language, site_page, wiki
from kgenrich.languages.table import (
    CODES,
    chain,
    direction,
    fallbacks,
    in_script,
    is_language,
    name,
    script,
    scripts_of,
    variants,
)
from kgenrich.languages.tags import (
    base,
    bcp47,
    current,
    iso639,
    old_codes,
    same_language,
    under_current_codes,
    valid_codes,
    wikimedia,
)
from kgenrich.model import MUL, TermKind

__all__ = [
    "CODES",
    "State",
    "base",
    "bcp47",
    "chain",
    "current",
    "direction",
    "fallbacks",
    "in_script",
    "is_language",
    "iso639",
    "locale",
    "name",
    "old_codes",
    "same_language",
    "script",
    "scripts_of",
    "site_language",
    "site_page",
    "state",
    "under_current_codes",
    "valid_codes",
    "variants",
    "wiki",
    "wikimedia",
]

State = Literal["explicit", "inherited", "other script", "missing"]


def state(code: str, explicit: Collection[str], kind: TermKind, everywhere: str = "") -> State:
    """What a language has of a term that exists in the ``explicit`` languages.

    A label is inherited from the fallback chain or ``mul``, descriptions and definitions from the
    chain alone, aliases from nowhere. English at the end of every chain is no inheritance: it
    stands for nothing better. A label that is inherited from ``mul`` alone is a state of its own
    where that one (``everywhere``) is not in the script of the language.

    >>> state("ru", {"mul"}, TermKind.LABEL, "Jana"), state("fr", {"mul"}, TermKind.LABEL, "Jana")
    ('other script', 'inherited')
    """
    if code in explicit:
        return "explicit"
    if kind is TermKind.ALIAS:
        return "missing"
    if any(c in explicit for c in fallbacks(code)):
        return "inherited"
    if kind is not TermKind.LABEL or MUL not in explicit:
        return "missing"
    return "inherited" if in_script(everywhere, code) else "other script"
