"""EDICT and ENAMDICT, Japanese-English dictionaries, in EUC-JP as they are distributed or in UTF-8.

A line is ``KANJI;KANJI [KANA] /(marks) gloss/(2) gloss/EntL1234X/``; without kanji it begins with
the kana (http://www.edrdg.org/wiki/index.php/JMdict-EDICT_Dictionary_Project).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgenrich.errors import InputError
from kgenrich.inputs import Input
from kgenrich.lines import decoded, likely_encoding, raw_lines
from kgenrich.sources.dictionary.files.concepts import Concept, Draft, Reading

LONGEST_ENTRY = 20_000
"""Characters of a line."""

_ENTRY = re.compile(r"(?P<words>[^\s\[/]+)\s+(?:\[(?P<kana>[^\]/]+)\]\s+)?/(?P<senses>.+)/\s*")
_MARKS = re.compile(r"(?:\s*(?:\([^()]*\)|\{[^{}]*\}))*\s*")
_NUMBER = re.compile(r"EntL(\d+)X?")
_AFTER = re.compile(r"\s*\([^()]*\)\s*$")
_HEADER = "？？？"


def read_edict(source: Input, reading: Reading) -> Iterator[Concept]:
    """The entries; the marks of a gloss (its kind, its field, years) are not part of it. Raises
    `InputError` for a file without any."""
    found = False
    encoding = likely_encoding(source, ("utf-8", "euc_jp"))
    for raw in raw_lines(source):
        line = decoded(raw, encoding).strip()
        if not line or line.startswith("#"):
            continue
        entry = _ENTRY.fullmatch(line) if len(line) <= LONGEST_ENTRY else None
        if entry is None:
            reading.unread += 1
            continue
        if entry["words"] == _HEADER:
            continue
        draft = Draft(reading)
        for word in f"{entry['words']};{entry['kana'] or ''}".split(";"):
            draft.call("ja", _AFTER.sub("", word))
        for sense in entry["senses"].split("/"):
            if number := _NUMBER.fullmatch(sense):
                draft.identify("ent_seq", number[1])
            else:
                draft.call("en", _AFTER.sub("", _without_marks(sense)))
        if concept := draft.concept():
            found = True
            yield concept
    if not found:
        raise InputError(f"{source.name} has no entries of EDICT.")


def _without_marks(sense: str) -> str:
    marks = _MARKS.match(sense)
    return sense[marks.end() :] if marks else sense
