"""Requests to the API of a Wikibase: what it makes of them is what was decided, and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kgenrich.export.edits import COMMANDS, Edit
from kgenrich.export.wbeditentity import requests
from kgenrich.model import TermKind
from tests.wbeditentity import Entity

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS


def written(
    edits: list[Edit], revisions: Mapping[str, int] | None = None, summary: str = ""
) -> list[dict[str, Any]]:
    data = b"".join(requests(edits, lambda ids: revisions or {}, summary))
    return [json.loads(line) for line in data.splitlines()]


def test_an_entity_is_one_request() -> None:
    edits = [
        Edit("P31", "fr", LABEL, "nature de l'élément"),
        Edit("Q2", "fr", LABEL, "Codex Aureus"),
        Edit("Q2", "fr", ALIAS, "Évangéliaire d'or"),
        Edit("Q2", "mul", LABEL, "Codex Aureus"),
        Edit("Q2", "it", DESCRIPTION, 'manoscritto "d\'oro" | a/*b'),
    ]
    assert written(edits, {"Q2": 7, "P31": 0}, "labels") == [
        {
            "id": "P31",
            "data": {"labels": {"fr": {"language": "fr", "value": "nature de l'élément"}}},
            "summary": "labels",
        },
        {
            "id": "Q2",
            "data": {
                "labels": {
                    "fr": {"language": "fr", "value": "Codex Aureus"},
                    "mul": {"language": "mul", "value": "Codex Aureus"},
                },
                "aliases": {
                    "fr": [{"language": "fr", "value": "Évangéliaire d'or", "add": ""}],
                },
                "descriptions": {"it": {"language": "it", "value": 'manoscritto "d\'oro" | a/*b'}},
            },
            "baserevid": 7,
            "summary": "labels",
        },
    ]


edits = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["Q1", "Q2", "P3"]),
        st.sampled_from(["fr", "de-at", "mul"]),
        st.sampled_from(list(COMMANDS)),
        st.text(min_size=1, max_size=5),
    ),
    max_size=12,
)


@given(edits)
def test_wikibase_has_then_what_was_decided_beside_what_it_had(some: list[Edit]) -> None:
    some.sort(key=lambda edit: edit.entity)
    # Of a label or description there is one for an entity and language.
    once = {(e.entity, e.command, e.text if e.kind is ALIAS else ""): e for e in some}
    wiki = {name: Entity(name, 5) for name in ("Q1", "Q2", "P3")}
    for entity in wiki.values():
        entity.labels = {"en": "kept", "fr": "old"}
        entity.aliases = {"fr": ["kept"]}
    for request in written(list(once.values()), dict.fromkeys(wiki, 5)):
        wiki[request["id"]].edit(request)
    for name, entity in wiki.items():
        mine = [edit for edit in once.values() if edit.entity == name]
        labels = {edit.language: edit.text for edit in mine if edit.kind is LABEL}
        assert entity.labels == {"en": "kept", "fr": "old"} | labels
        assert entity.descriptions == {e.language: e.text for e in mine if e.kind is DESCRIPTION}
        assert {"kept"} <= set(entity.aliases["fr"])
        for edit in mine:
            assert edit.kind is not ALIAS or edit.text in entity.aliases[edit.language]
