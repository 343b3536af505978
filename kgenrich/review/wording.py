"""The interface in the reader's language, from gettext catalogues that the package carries."""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kgenrich import languages

LOCALES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "français",
    "es": "español",
    "ar": "العربية",
    "ja": "日本語",
}
"""The languages of the interface with their own names."""
FOLDER = Path(__file__).parent / "locale"


@lru_cache(maxsize=len(LOCALES))
def messages(locale: str) -> NullTranslations:
    """The catalogue of a language of `LOCALES`; what is not translated stays English."""
    if locale == "en":
        return NullTranslations()
    with (FOLDER / f"{locale}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def language_named(code: str, locale: str) -> str:
    """The name of a language in one of the interface; in English where CLDR has none, the code
    where nobody has.

    >>> language_named("it", "de"), language_named("be-tarask", "en")
    ('Italienisch', 'Belarusian (Taraškievica)')
    """
    return Locale.parse(locale).languages.get(code.replace("-", "_")) or languages.name(code)


def chosen_locale(asked: str, accepted: str) -> str:
    """The language of the interface: the one asked for if there is such, else the best of what a
    browser accepts, else English.

    >>> chosen_locale("ja", "de"), chosen_locale("xx", "de-AT,en;q=0.5"), chosen_locale("", "*")
    ('ja', 'de', 'en')
    """
    if asked in LOCALES:
        return asked
    wanted = [part.partition(";")[0].strip() for part in accepted[:200].split(",")]
    return negotiate_locale([one for one in wanted if one], list(LOCALES), sep="-") or "en"
