"""A model of what Wikibase does with the parameters of ``action=wbeditentity``.

Written after ``mediawiki-extensions-Wikibase``, for labels, descriptions and aliases:
``repo/includes/Api/EditEntity.php`` at 0122c931 and, in ``repo/includes/ChangeOp/Deserialization``,
``AliasesChangeOpDeserializer.php`` at 04c7fcb6 and ``TermChangeOpSerializationValidator.php``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Texts = dict[str, str]


class RefusedError(Exception):
    """The API refuses, with the code of its error."""


class Entity:
    """The terms of an entity, and its revision."""

    def __init__(self, id: str, revision: int = 1) -> None:
        self.id, self.revision = id, revision
        self.labels: Texts = {}
        self.descriptions: Texts = {}
        self.aliases: dict[str, list[str]] = {}

    def edit(self, request: Mapping[str, Any]) -> None:
        """Do what a request says; raise `RefusedError` where Wikibase would refuse it."""
        if unknown := request.keys() - {"id", "data", "baserevid", "summary"}:
            raise RefusedError(f"unrecognised parameters {unknown}")
        if request["id"] != self.id:
            raise RefusedError("no such entity")
        if request.get("baserevid", self.revision) > self.revision:
            raise RefusedError("nosuchrevid")
        data = request["data"]
        if not isinstance(data, dict) or data.keys() - {"labels", "descriptions", "aliases"}:
            raise RefusedError("not-recognized")
        for part in ("labels", "descriptions"):
            for code, term in data.get(part, {}).items():
                self._check(code, term)
                terms: Texts = getattr(self, part)
                if "remove" in term or term["value"] == "":
                    terms.pop(code, None)
                else:
                    terms[code] = term["value"]
        for code, some in data.get("aliases", {}).items():
            self._edit_aliases(code, some if isinstance(some, list) else [some])
        self.revision += 1

    def _edit_aliases(self, code: str, some: list[dict[str, str]]) -> None:
        kept = self.aliases.setdefault(code, [])
        if not some:
            kept.clear()
        instead = []
        for term in some:
            self._check(code, term)
            if "remove" in term:
                kept.remove(term["value"])
            elif "add" in term:
                kept += [term["value"]] * (term["value"] not in kept)
            else:
                instead.append(term["value"])
        if instead:
            kept[:] = instead

    @staticmethod
    def _check(code: str, term: Any) -> None:
        if not isinstance(term, dict):
            raise RefusedError("not-recognized-array")
        if term.get("language") != code:
            raise RefusedError("inconsistent-language")
        if not isinstance(term.get("value"), str) and "remove" not in term:
            raise RefusedError("not-recognized-string")
