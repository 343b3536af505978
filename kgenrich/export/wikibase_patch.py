"""Changes of terms as JSON Patch (RFC 6902), as the Wikibase REST API takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kgenrich.export.edits import TermChange
from kgenrich.model import TermKind

_PARTS = {TermKind.LABEL: "labels", TermKind.DESCRIPTION: "descriptions"}


def patch_of(
    changes: Iterable[TermChange], aliases: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """The changes of an entity that has these aliases. What gives way is tested for, so that no
    other text can be meant; that nothing was there only the entity's ETag can say."""
    patch: list[dict[str, Any]] = []
    left = {language: list(texts) for language, texts in aliases.items()}
    for kind, language, before, after in changes:
        if kind is TermKind.ALIAS:
            patch += _alias(left, language, before, after)
            continue
        path = f"/{_PARTS[kind]}/{language}"
        if before:
            patch.append({"op": "test", "path": path, "value": before})
        if not after:
            patch.append({"op": "remove", "path": path})
        else:
            patch.append({"op": "replace" if before else "add", "path": path, "value": after})
    return patch


def _alias(
    left: dict[str, list[str]], language: str, before: str, after: str
) -> list[dict[str, Any]]:
    path = f"/aliases/{language}"
    texts = left.setdefault(language, [])
    if after:
        texts.append(after)
        if len(texts) == 1:
            return [{"op": "add", "path": path, "value": [after]}]
        return [{"op": "add", "path": f"{path}/-", "value": after}]
    place = texts.index(before)
    texts.remove(before)
    where = f"{path}/{place}"
    test = {"op": "test", "path": where, "value": before}
    # A language without aliases has no list.
    return [test, {"op": "remove", "path": where if texts else path}]
