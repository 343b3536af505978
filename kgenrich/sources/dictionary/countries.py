"""The codes of countries by their English names, for packages that have no codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel.localedata import load

from kgenrich.text import vote_key

# What packages call otherwise than CLDR does.
_CALLED = {
    "usa": "US",
    "great britain": "GB",
    "ireland republic of": "IE",
    "republic of ireland": "IE",
}


@cache
def country_codes() -> Mapping[str, str]:
    """ISO 3166-1 codes (alpha-2) by the normal form of the name.

    >>> country_codes()["south korea"], country_codes()["usa"]
    ('KR', 'US')
    """
    names = load("en")["territories"]
    return {vote_key(name): code for code, name in names.items() if len(code) == 2} | _CALLED
