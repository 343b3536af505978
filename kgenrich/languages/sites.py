"""The names of Wikimedia's sites and the languages that they are written in."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import regex

from kgenrich.languages.table import TABLE
from kgenrich.languages.tags import base, bcp47, current

_SITE = regex.compile(r"(.*?)(?:wiki(?:voyage|quote|source|news|books|versity)?|wiktionary)")
# Where the name of a site is not the code that Wikidata uses for its language.
_SITES = {"bh": "bho", "no": "nb", "simple": ""}
# Where a wiki goes by another code than its language, and where it is of a variant.
_WIKIS = {
    "bho": "bh",
    "nb": "no",
    "gsw": "als",
    "sgs": "bat-smg",
    "vro": "fiu-vro",
    "rup": "roa-rup",
    "lzh": "zh-classical",
    "nan": "zh-min-nan",
    "yue": "zh-yue",
    **{code: code for code in ("be-tarask", "cbk-zam", "map-bms", "nds-nl", "roa-tara")},
}
_SCRIPTS = {"Hans": "CN", "Hant": "TW"}

_PAGE = regex.compile(r"(?:([\w-]+)\.)?(?:wikipedia|wikimedia|(wik\w+|mediawiki))\.org")
# Where a host is not called as its site is.
_HOSTS = {"be-tarask": "be-x-old"}


def site_page(url: str) -> tuple[str, str] | None:
    """The site and the title of a page of Wikimedia by its address; None for any other.

    >>> site_page("https://de.wikipedia.org/wiki/Teststadt_(K%C3%B6ln)")
    ('dewiki', 'Teststadt (Köln)')
    >>> site_page("https://commons.wikimedia.org/wiki/Category:A")
    ('commonswiki', 'Category:A')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    match = _PAGE.fullmatch(parts.netloc)
    if match is None or not parts.path.startswith("/wiki/"):
        return None
    host, project = match[1], match[2]
    host = _HOSTS.get(host, host or "").replace("-", "_")
    if project and host in ("", "www"):
        site = {"wikisource": "sources"}.get(project, project) + "wiki"
    else:
        site = host + (project or "wiki")
    return site, unquote(parts.path.removeprefix("/wiki/")).replace("_", " ")


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


def wiki(code: str) -> str:
    """The name of the wiki in a language, as hosts have it; variants share that of the language.

    >>> wiki("nb"), wiki("zh-tw"), wiki("sr-el"), wiki("yue"), wiki("be-tarask"), wiki("en-gb")
    ('no', 'zh', 'sr', 'zh-yue', 'be-tarask', 'en')
    """
    code = current(code)
    language = base(code) if "-" in code and code not in _WIKIS else code
    return _WIKIS.get(language, language)


def locale(code: str) -> str:
    """A language with its region, if it has one, without script and variant: all that search
    engines understand.

    >>> locale("zh-hk"), locale("zh-hans"), locale("sr-el"), locale("pt-br"), locale("be-tarask")
    ('zh-HK', 'zh-CN', 'sr', 'pt-BR', 'be')
    """
    language, *parts = bcp47(code).split("-x-")[0].split("-")
    regions = [part for part in parts if len(part) == 2]
    if language == "zh" and not regions:
        regions = [_SCRIPTS[part] for part in parts if part in _SCRIPTS]
    return "-".join((language, *regions[:1]))
