"""Edits as Wikibase's API takes them (``action=wbeditentity``), for wikis without QuickStatements:
JSON lines, one entity a line, each with the parameters of one request.

``data`` is the change and goes into the request as JSON text (Wikibase's
``docs/topics/changeop-serializations.md``). A language is named twice, as key and as value. An
alias has the key ``add``, without which the list of aliases would be replaced; an empty list would
empty it, so there is none. ``baserevid`` is the revision that the store knows: Wikibase refuses the
edit where a later one is at odds with it. ``clear`` is never set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from kgenrich.export.edits import Edit, TermChange
from kgenrich.export.writing import batches
from kgenrich.model import TermKind

_PARTS = {TermKind.LABEL: "labels", TermKind.DESCRIPTION: "descriptions"}
_CHUNK = 1000

Revisions = Callable[[Sequence[str]], Mapping[str, int]]
"""The revisions of entities, 0 where the graph has none."""


def requests(edits: Iterable[Edit], revisions: Revisions, summary: str = "") -> Iterator[bytes]:
    """The edits of entities, one entity after the other, as lines."""
    encoder = msgspec.json.Encoder()
    whole = ((entity, list(group)) for entity, group in groupby(edits, lambda edit: edit.entity))
    for batch in batches(whole, _CHUNK):
        known = revisions([entity for entity, _ in batch])
        yield encoder.encode_lines(
            [_request(entity, group, known.get(entity, 0), summary) for entity, group in batch]
        )


def data_of(changes: Iterable[TermChange]) -> dict[str, dict[str, Any]]:
    """The changes of an entity as ``data``."""
    data: dict[str, dict[str, Any]] = {}
    for kind, language, before, after in changes:
        if part := _PARTS.get(kind):
            text = {"value": after} if after else {"remove": ""}
            data.setdefault(part, {})[language] = {"language": language, **text}
        else:
            aliases = data.setdefault("aliases", {}).setdefault(language, [])
            how = {"value": after, "add": ""} if after else {"value": before, "remove": ""}
            aliases.append({"language": language, **how})
    return data


def _request(entity: str, edits: Iterable[Edit], revision: int, summary: str) -> dict[str, Any]:
    changes = (TermChange(edit.kind, edit.language, "", edit.text) for edit in edits)
    request: dict[str, Any] = {"id": entity, "data": data_of(changes)}
    if revision:
        request["baserevid"] = revision
    if summary:
        request["summary"] = summary
    return request
