"""Naturalisation, as published with M-NTA (Conia et al., EMNLP 2023).

A bare name translates badly: nothing says which Apple is meant. So the name is written, in
brackets, into a sentence with the entity's description ("[Apple] is an American technology
company"), or with its class where there is none; the sentence is translated, and the bracketed
span of the translation is the answer. For a description the brackets stand around the description
and the name is the context. A definition is prose: it is translated as it stands, and what it
defines and what that is part of are the context, for those who take one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

import regex
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.languages import in_script, script
from kgenrich.model import MUL, Entity, TermKind
from kgenrich.text import clean

PAPER_LANGUAGES = ("en", "de", "es", "fr", "it", "ja", "zh")
"""The source languages of the paper."""

LONGEST = 400
"""Code points of a name or description that go into a sentence; longer ones are cut at a word."""

_IS: dict[str, str] = tomllib.loads(
    files("kgenrich.sources").joinpath("is_sentences.toml").read_text("utf-8")
)
_ANY = "{x}: {y}."

_OPEN, _CLOSE = "[［【〔", "]］】〕"
_PAIR = regex.compile(
    rf"[{regex.escape(_OPEN)}]([^{_OPEN}{regex.escape(_CLOSE)}]*)[{regex.escape(_CLOSE)}]"
)
_BRACKETS = regex.compile(rf"[{regex.escape(_OPEN + _CLOSE)}]")
_ROUND = str.maketrans({**dict.fromkeys(_OPEN, "("), **dict.fromkeys(_CLOSE, ")")})
_QUOTES = regex.compile('["“”„«»‘‚‹›「」『』]')
_ENGLISH_DETERMINED = regex.compile(
    r"(?i)^(?:an?|the|one|any|some|all|each|several|first|second|third)\b|^\d"
)
_END = regex.compile(r"[\s.。．]+$")


class Sentence(Struct, frozen=True):
    """What to translate. ``text`` holds ``marked`` in brackets, ``about`` is the same sentence
    without them; ``round`` says that the marked text had square brackets of its own, written as
    round ones. Of ``prose`` the whole ``text`` is wanted, and ``about`` is its context."""

    language: str
    text: str
    marked: str
    about: str
    round: bool = False
    prose: bool = False


class Span(Struct, frozen=True):
    """What came back in brackets; ``text`` is empty and ``reason`` says why if nothing did."""

    text: str
    reason: str = ""


def named(entity: Entity, language: str, preferred: Sequence[str] = PAPER_LANGUAGES) -> Entity:
    """The entity as it is told to those who are asked for a term in a language: without its label
    for all languages (``mul``), which is in none. Where it has no label in a preferred language,
    that one stands for the first of them that is written in Latin script as it is, rather one that
    describes the entity.

    >>> named(Entity("Q1", {"mul": "Jana", "ar": "يانا"}, {"de": "Malerin"}), "ja").labels
    {'ar': 'يانا', 'de': 'Jana'}
    """
    if MUL not in entity.labels:
        return entity
    labels = {code: label for code, label in entity.labels.items() if code != MUL}
    name = entity.labels[MUL]
    if not any(code in labels for code in preferred if code != language):
        latin = [c for c in preferred if c != language and script(c) == "Latn"]
        latin.sort(key=lambda code: code not in entity.descriptions)
        labels |= {code: name for code in latin[:1] if in_script(name, code)}
    return replace(entity, labels=labels)


def source_language(entity: Entity, preferred: Sequence[str] = PAPER_LANGUAGES) -> str:
    """The language from which an entity is best told: the first preferred one that it has a label
    in, else its first; empty without labels."""
    languages = (*preferred, *sorted(entity.labels))
    return next((language for language in languages if entity.labels.get(language)), "")


def naturalise(
    language: str,
    name: str,
    description: str = "",
    class_name: str = "",
    *,
    kind: TermKind = TermKind.LABEL,
) -> Sentence:
    """The sentence in the source language from which a term of the kind is to be translated.

    A name without description and class stands alone. Raises ``ValueError`` when the text to be
    translated is empty.

    >>> naturalise("en", "Apple", "American technology company").text
    '[Apple] is an American technology company.'
    >>> naturalise("en", "Apple", "American technology company", kind=TermKind.DESCRIPTION).text
    'Apple is an [American technology company].'
    >>> naturalise("de", "Ada Lovelace", class_name="Mensch").text
    '[Ada Lovelace] ist Mensch.'
    """
    name, description = _short(name), _END.sub("", _short(description))
    wanted = description if kind is TermKind.DESCRIPTION else name
    if not wanted:
        raise ValueError("there is nothing to translate")
    has_own = bool(_BRACKETS.search(wanted))
    name, said = name.translate(_ROUND), (description or _short(class_name)).translate(_ROUND)
    article = _article(said) if language == "en" and said else ""
    form = _IS.get(language, _ANY)
    if kind is TermKind.DESCRIPTION:
        marked = said
        text = form.format(x=name, y=f"{article}[{said}]") if name else f"[{said}]"
    else:
        marked = name
        text = form.format(x=f"[{name}]", y=article + said) if said else f"[{name}]"
    about = text.replace("[", "", 1).replace("]", "", 1)
    return Sentence(language, text, marked, about, has_own)


def as_prose(language: str, text: str, name: str = "", broader: Sequence[str] = ()) -> Sentence:
    """A definition to be translated as it stands; the context is the name of what it defines and
    the labels of what is broader.

    >>> as_prose("en", "Heat content of a system.", "Enthalpy", ["thermodynamic property"]).about
    'Enthalpy (thermodynamic property)'
    """
    above = f"({', '.join(broader)})" if broader else ""
    about = " ".join(filter(None, (clean(name), clean(above))))
    return Sentence(language, text, text, about, prose=True)


def bracketed(sentence: Sentence, translation: str) -> Span:
    """The bracketed span of a translated sentence.

    Full-width and lenticular brackets count, for engines write them in East Asian languages.

    >>> bracketed(naturalise("en", "Apple", "fruit"), "[Mela] è un frutto.").text
    'Mela'
    """
    # Engines put quotation marks around a name, but those that the name has are its own.
    ornament = " " if _QUOTES.search(sentence.marked) else '"“”„«» '
    spans = [clean(match).strip(ornament) for match in _PAIR.findall(translation[:4000])]
    found = list(dict.fromkeys(span for span in spans if span))
    if not spans:
        return Span("", "no brackets came back")
    if not found:
        return Span("", "the brackets came back empty")
    if len(found) > 1:
        return Span("", "several brackets came back")
    text = found[0]
    rest = _PAIR.sub("", translation).strip(" .。．")
    if not rest and sentence.text.strip("[]") != sentence.marked:
        return Span("", "the brackets came back around the whole sentence")
    if sentence.round:
        text = text.replace("(", "[").replace(")", "]")
    return Span(text)


def _short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0]


def _article(text: str) -> str:
    if _ENGLISH_DETERMINED.match(text):
        return ""
    return "an " if text[0].lower() in "aeiou" else "a "
