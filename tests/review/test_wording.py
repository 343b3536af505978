"""Every message of the interface is in every catalogue, and says the same with the same numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from kgenrich.consensus.validators import meanings
from kgenrich.model import RejectReason, SourceKind, TermKind, Verdict
from kgenrich.review import wording
from kgenrich.review.sentences import PATTERNS
from kgenrich.review.wording import FOLDER, LOCALES, messages
from kgenrich.store.story.queue_upkeep import STATES
from kgenrich.targets import TargetName, profile

TEMPLATES = Path(wording.__file__).parent / "templates"
_PLACE = re.compile(r"%\(\w+\)s")


def wanted() -> set[str]:
    """What the templates ask of a catalogue, of several forms the first."""
    found = {*TermKind, *Verdict, *STATES, *SourceKind}
    found |= {reason.meaning for reason in RejectReason}
    found |= {*PATTERNS, *meanings().values(), "preferred", "allowed", "forbidden"}
    found |= {profile(name).title for name in get_args(TargetName)}
    for path in TEMPLATES.glob("*.html"):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "ngettext"), [], {}):
                first = message[0] if isinstance(message, tuple) else message
                if first:
                    found.add(first)
    return {str(one) for one in found}


def _forms(told: object) -> tuple[str, ...]:
    return tuple(told) if isinstance(told, tuple | list) else (str(told),)


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_a_catalogue_is_whole(locale: str) -> None:
    with (FOLDER / f"{locale}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale)
    told = {}
    for message in catalogue:
        if message.id:
            ids, texts = map(_forms, (message.id, message.string))
            assert all(texts) and not message.fuzzy, ids
            told[ids[0]] = texts
            for text in texts:
                assert set(_PLACE.findall(text)) == set(_PLACE.findall(ids[0])), text
    assert told.keys() == wanted(), "messages that are missing or of no use"


@pytest.mark.parametrize(
    ("locale", "number", "text"),
    [
        ("de", 1, "1 Vorschlag"),
        ("de", 2, "2 Vorschläge"),
        ("ja", 5, "提案5件"),
        ("ar", 4, "4 اقتراحات"),
    ],
)
def test_numbers_have_their_forms(locale: str, number: int, text: str) -> None:
    told = messages(locale).ngettext("%(num)s proposal", "%(num)s proposals", number)
    assert told % {"num": number} == text
