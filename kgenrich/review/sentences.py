"""What sources, validators and the program say, in the language of the interface.

It is kept as English sentences, which are put together of a few patterns: each is found by its
pattern, and said anew in the words of the catalogue with what stands in its places. What has no
pattern stays as it is, marked as English.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from kgenrich.consensus.validators import meanings
from kgenrich.languages import CODES, name
from kgenrich.markup import worded
from kgenrich.review.wording import language_named, messages

PATTERNS = (
    # What sources say.
    "written alike in %(language)s and %(other_language)s for %(share)s of %(number)s items",
    "written alike in %(language)s and %(other_language)s for %(share)s of %(number)s items of the "
    "class %(class_name)s",
    "%(number)s more of its names say the same",
    "%(number)s of its words by sound",
    "put together from its words",
    "Pattern %(pattern)s: %(number)s described so (%(share)s of their like), such as %(examples)s.",
    "Pattern %(pattern)s where %(code)s says %(text)s: %(number)s described so (%(share)s of their "
    "like), such as %(examples)s.",
    "right for %(number)s of %(all)s in %(language)s",
    "right for %(share)s of %(number)s items",
    "not counted yet",
    "%(number)s of %(all)s other pages have the label as title",
    "such titles are the %(language)s label of %(share)s of %(number)s items",
    "such titles are the %(language)s label of %(share)s of %(number)s items of the class "
    "%(class_name)s",
    "it is the %(language)s label of %(share)s of %(number)s items",
    "it is the %(language)s label of no item yet",
    "written so in the labels of %(number)s others of the name",
    "page title in %(wiki)s",
    "page title in %(wiki)s, which has a comma",
    "page title in %(wiki)s, parts turned around",
    "native name (%(property)s)",
    "%(language)s, converted (%(how)s)",
    "title, page of the entity (%(page)s)",
    "qualified title, page of the entity (%(page)s)",
    "bracket, page of the entity (%(page)s)",
    "lead, page of the entity (%(page)s)",
    "title, page that gives it in brackets (%(page)s)",
    "lead, page that gives it in brackets (%(page)s)",
    "the label in %(number)s languages of the Latin script, and in none of them another",
    "so are %(number)s of %(all)s such labels",
    "inter-language link of the page %(page)s",
    "translated from %(language)s",
    "mean token probability %(number)s",
    "quoted from the evidence",
    "from the model's memory",
    # What the consensus adds.
    "also written %(texts)s",
    "agrees with %(number)s other answer: %(texts)s",
    "agrees with %(number)s other answers: %(texts)s",
    # What cannot be done.
    "%(name)s has decided on this term meanwhile: %(verdict)s %(text)s.",
    "%(name)s was not invited to decide on %(code)s.",
    "%(text)s cannot be the %(code)s %(kind)s of %(id)s (%(codes)s).",
    "%(text)s cannot be the %(code)s %(kind)s of %(id)s (%(codes)s). Enrich again, or give "
    "--anyway.",
    "A discussion begins with a note.",
    "There is nothing of %(name)s to take back: name an action.",
    "There is no proposal of a candidate %(id)s.",
)
"""Each in all of its words; a place has what is between them."""
_PLACE = re.compile(r"%\((\w+)\)s")
_FORMS = {
    "number": r"[\d.,]+",
    "all": r"[\d.,]+",
    "share": r"[\d.,]+%",
    "code": r"[\w-]+",
    # Of what is told of an error, which is never one part of several.
    "codes": ".+?",
    "text": ".+?",
}
_OTHERWISE = "(?:(?!; ).)+?"
_BETWEEN = {"ar": "؛ ", "fr": " ; ", "ja": "；"}
_LONGEST = 2000


def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = _PLACE.split(pattern)
    for place, piece in enumerate(pieces):
        if place % 2:
            pieces[place] = f"(?P<{piece}>{_FORMS.get(piece, _OTHERWISE)})"
        else:
            pieces[place] = re.escape(piece)
    return re.compile("".join(pieces), re.DOTALL)


_COMPILED = {pattern: _compiled(pattern) for pattern in PATTERNS}


def told(sentence: str, locale: str) -> Markup:
    """A sentence in a language of the interface, as far as there is a pattern of it.

    >>> told("3 more of its names say the same; xy", "de")
    Markup('3 weitere seiner Namen sagen dasselbe; <bdi lang="en" dir="ltr">xy</bdi>')
    """
    if locale == "en" or len(sentence) > _LONGEST:
        return worded(sentence, "en")
    if (whole := _said(sentence, locale)) is not None:
        return whole
    parts = [_said(part, locale) or worded(part, "en") for part in sentence.split("; ")]
    return Markup("{}").format(_BETWEEN.get(locale, "; ")).join(parts)


def _said(sentence: str, locale: str) -> Markup | None:
    say = messages(locale).gettext
    if sentence in meanings().values():
        return Markup("{}").format(say(sentence))
    for pattern, compiled in _COMPILED.items():
        if found := compiled.fullmatch(sentence):
            given = {
                place: _place(place, text, locale) for place, text in found.groupdict().items()
            }
            return Markup(say(pattern)) % given  # noqa: S704  Of our own catalogue.
    return None


def _place(place: str, text: str, locale: str) -> str | Markup:
    if place in ("language", "other_language"):
        code = _codes().get(text, "")
        return language_named(code, locale) if code else worded(text, "en")
    if place in ("kind", "verdict"):
        return messages(locale).gettext(text)
    return text if place in ("number", "all", "share", "code") else worded(text)


@cache
def _codes() -> dict[str, str]:
    """Codes by the English names of languages, as sources write them."""
    return {name(code): code for code in reversed(CODES)}
