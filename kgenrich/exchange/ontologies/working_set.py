"""The working set of those who translate an ontology, as HPO keeps it in Git: the table of its
translations, what is not translated yet, and what was translated from a text that is another now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.exchange.ontologies.rows import Status, Translation, ordered

Place = tuple[str, str]
"""The subject and the predicate of a row."""
WAS = "was translated from: "
_ASIDE = re.compile(r"[\W_]+")


class WorkingSet(Struct, frozen=True):
    """The three tables, sorted."""

    profile: list[Translation]
    not_translated: list[Translation]
    changed: list[Translation]


def working_set(
    profile: Iterable[Translation],
    sources: Mapping[Place, str],
    known: Iterable[Translation],
    missing: Iterable[Translation],
) -> WorkingSet:
    """Bring a ``profile`` up to date. ``sources`` are the texts of the ontology now, ``known`` the
    translations that the store has, ``missing`` the rows of what has none.

    A row whose source text is another one becomes CANDIDATE again; it keeps its translation and the
    text that it was made from, until a translator confirms it by copying the new text, which the
    table of changes has. Case, punctuation and white space are no change. What a profile says stays
    but where the store has what was accepted in place of a candidate.
    """
    kept: dict[Translation, None] = {}
    changed: dict[Translation, None] = {}
    have: dict[Place, Status] = {}
    for row in profile:
        if row.translation_status == Status.NOT_TRANSLATED or not row.translation_value:
            continue
        source = sources.get(place_of(row))
        if source is not None and _essence(source) != _essence(row.source_value):
            told = f"{WAS}{row.source_value}"
            changed[
                replace(row, source_value=source, translation_status=Status.CANDIDATE, comment=told)
            ] = None
            row = replace(row, translation_status=Status.CANDIDATE)
        elif source is not None:
            row = replace(row, source_value=source)
        kept[row] = None
        have[place_of(row)] = Status(row.translation_status or Status.CANDIDATE)
    unconfirmed = {place_of(row) for row in changed}
    for row in known:
        place = place_of(row)
        accepted = row.translation_status == Status.OFFICIAL
        if not row.translation_value or place in unconfirmed:
            continue
        if place in have and not (accepted and have[place] == Status.CANDIDATE):
            continue
        if place in have:
            kept = dict.fromkeys(one for one in kept if place_of(one) != place)
        kept[row] = None
        have[place] = Status(row.translation_status)
    lacking = [row for row in missing if place_of(row) not in have]
    return WorkingSet(ordered(kept), ordered(lacking), ordered(changed))


def place_of(row: Translation) -> Place:
    """What a row translates."""
    return row.subject_id, row.predicate_id


def _essence(text: str) -> str:
    return _ASIDE.sub(" ", text).strip().casefold()
