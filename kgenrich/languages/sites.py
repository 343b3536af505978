"""The names of Wikimedia's sites and the languages that they are written in."""

from __future__ import annotations

import regex

from kgenrich.languages.table import TABLE
from kgenrich.languages.tags import current

_SITE = regex.compile(r"(.*?)(?:wiki(?:voyage|quote|source|news|books|versity)?|wiktionary)")
# Where the name of a site is not the code that Wikidata uses for its language.
_SITES = {"bh": "bho", "no": "nb", "simple": ""}


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
    return code if code in TABLE else None
