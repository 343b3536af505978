"""Catalogues of gettext (PO) as dictionaries.

What is fuzzy or obsolete is no translation. An identifier may stand in the context or be all of a
comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgenrich.inputs import Input
from kgenrich.po import po_entries, singular
from kgenrich.sources.dictionary.files.concepts import Concept, Draft, Reading

_LANGUAGE = re.compile(r'"(X-Source-)?Language:\s*([^"\\]*?)\s*\\n', re.IGNORECASE)


def read_po(source: Input, reading: Reading) -> Iterator[Concept]:
    """The translated entries, in the encoding that the header names. Raises `InputError` where the
    file cannot be read."""
    languages = {"": reading.target, "X-Source-": reading.source}
    for entry in po_entries(source):
        if entry.header:
            said = {mark or "": tag for mark, tag in _LANGUAGE.findall(entry.header)}
            languages |= {mark: tag for mark, tag in said.items() if tag and not languages[mark]}
            languages["X-Source-"] = said.get("X-Source-") or languages["X-Source-"]
            continue
        if (message := entry.message) is None:
            reading.unread += 1
            continue
        draft = Draft(reading)
        draft.identify("msgctxt", message.context or "")
        for comment in (*message.auto_comments, *message.user_comments):
            draft.identify("comment", comment)
        draft.ask(languages["X-Source-"], singular(message.id))
        if not message.fuzzy:
            draft.call(languages[""], singular(message.string))
        if concept := draft.concept():
            yield concept
