"""How far the probabilities on WikiKGE-10 can be believed: tables by language and by kind, and cuts
that were chosen on one half of the entities and hold on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct, to_builtins

from kgenrich.evaluate.reliability import (
    WANTED,
    calibration_error,
    f1_cut,
    reliability,
    smallest_cut,
)
from kgenrich.evaluate.wikikge.benchmark import Item, errors, normal
from kgenrich.evaluate.wikikge.systems import Judgement


class Claim(Struct, frozen=True):
    """One probability and what came of it. ``kind``: a name that a source ``proposed``, a
    ``variant`` by rule (right or not), or a ``label`` or ``alias`` of the graph (wrong or not)."""

    entity: str
    language: str
    kind: str
    probability: float
    true: bool


def calibration(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> dict[str, Any]:
    """``{"ece", "ece_of_sources", "languages", "table", "by_language", "by_kind", "cuts",
    "error_cut"}``.

    ``ece`` and ``table`` are of all names proposed, variants by rule with them,
    ``ece_of_sources`` of those that a source gave; ``by_language`` and ``by_kind`` have both
    figures for each. ``cuts`` says for each wanted share of right names which probability
    reached it on one half of the entities, and how many names were at or above it on the other
    half, and right; ``error_cut`` the same for finding wrong names of the graph at the best F1.
    """
    claims = _claims(by_language, by_code)
    proposed = [claim for claim in claims if claim.kind in {"proposed", "variant"}]
    languages = _split(proposed, "language", by_language)
    return {
        "ece": _error(proposed),
        "ece_of_sources": _error([c for c in proposed if c.kind == "proposed"]),
        "languages": {code: row["ece"] for code, row in languages.items()},
        "table": _table(proposed),
        "by_language": languages,
        "by_kind": _split(claims, "kind", ("proposed", "variant", "label", "alias")),
        "cuts": _cuts([c for c in proposed if c.kind == "proposed"]),
        "error_cut": _error_cut(by_language, by_code),
    }


def _claims(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> list[Claim]:
    claims = []
    for code, items in by_language.items():
        judgement = by_code[code]
        for item, judged, wrong in zip(items, judgement.judged, judgement.wrong, strict=True):
            gold = {normal(text) for text in item.correct}
            for name in judged:
                kind, is_right = "variant" if name.rule else "proposed", normal(name.text) in gold
                claims.append(Claim(item.id, code, kind, name.probability, is_right))
            bad = set(item.incorrect)
            claims += [
                Claim(item.id, code, "label" if primary else "alias", doubt, text in bad)
                for text, primary, doubt in zip(item.names, item.primary, wrong, strict=True)
            ]
    return claims


def _split(claims: Sequence[Claim], field: str, keys: Iterable[str]) -> dict[str, Any]:
    parts = {key: [c for c in claims if getattr(c, field) == key] for key in keys}
    return {
        key: {"names": len(part), "ece": _error(part), "table": _table(part)}
        for key, part in parts.items()
    }


def _columns(claims: Sequence[Claim]) -> tuple[list[float], list[bool]]:
    return [c.probability for c in claims], [c.true for c in claims]


def _error(claims: Sequence[Claim]) -> float:
    return calibration_error(*_columns(claims))


def _table(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = to_builtins(reliability(*_columns(claims)))
    return table


def half(entity: str) -> int:
    """The half of the data that an entity belongs to, 0 or 1, from a hash of its id."""
    return sha256(f"half {entity}".encode()).digest()[0] & 1


def _cuts(claims: Sequence[Claim]) -> list[dict[str, float]]:
    chosen, rest = ([c for c in claims if half(c.entity) == part] for part in (0, 1))
    rows = []
    for wanted in WANTED:
        cut = smallest_cut(*_columns(chosen), wanted)
        above = [c for c in rest if c.probability >= cut]
        right = sum(c.true for c in above)
        rows.append(
            {
                "wanted": wanted,
                "cut": cut,
                "names": len(above),
                "right": right / max(1, len(above)),
                "of_right": right / max(1, sum(c.true for c in rest)),
            }
        )
    return rows


def _error_cut(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> dict[str, float]:
    """The one cut for all languages that expects the best F1 on one half; precision, recall and
    F1 of the other half there, all languages together."""
    halves: list[list[tuple[Item, list[float]]]] = [[], []]
    for code, items in by_language.items():
        for item, doubts in zip(items, by_code[code].wrong, strict=True):
            halves[half(item.id)].append((item, doubts))
    cut = f1_cut([doubt for _, doubts in halves[0] for doubt in doubts])
    called = [
        [name for name, doubt in zip(item.names, doubts, strict=True) if doubt >= cut]
        for item, doubts in halves[1]
    ]
    return {"cut": cut, **to_builtins(errors([item for item, _ in halves[1]], called))}
