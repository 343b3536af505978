"""The trained ranker: the probability that a candidate is a right name, and that a name of the
graph is a wrong one.

Shipped as ``config/ranker.safetensors``, made as `docs/ranker.md` says. It was
trained on answers of translation, search and language models, which had no scores. What a source
estimates on the graph itself, as graph sources and local search do, is no vote for the trees: it is
pooled with them as of an independent kind (see `kgenrich.consensus.pool_ranker`), so that another
answer never lowers what a calibrated source says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from kgenrich.consensus.candidate_features import Row
from kgenrich.consensus.candidate_groups import Group
from kgenrich.consensus.decision_trees import Trees, trees_from
from kgenrich.consensus.entity_names import EntityNames, foreign_names, name_of
from kgenrich.consensus.feature_tables import LAYOUT, candidate_table, graph_name_table
from kgenrich.consensus.pool_ranker import PoolRanker, Ranker, pooled_score
from kgenrich.consensus.spelling_variants import RULES
from kgenrich.errors import InputError
from kgenrich.model import Evidence, SourceKind, TermKind, TermRequest
from kgenrich.resources import resource
from kgenrich.text import vote_key

FILE = "config/ranker.safetensors"
FOLDS_FILE = "config/ranker-folds.safetensors"
"""The models that the shipped one is measured with; see `kgenrich.consensus.ranker_training`."""
TRAINED_ON = {SourceKind.MT, SourceKind.LLM}
"""The kinds without which a request has nothing in common with the training data."""


class JudgedName(Struct, frozen=True):
    """A name and the probability that it is right; ``rule`` names the variant's rule, or is empty
    for a name that a source gave; ``name`` is the place of the name it belongs to in the set."""

    text: str
    probability: float
    rule: str
    name: int


class Model(Struct, frozen=True):
    """Two ensembles: ``coverage`` for candidates, ``errors`` for names of the graph; ``reach`` is
    the share of all right names that was among the candidates of the training data."""

    coverage: Trees
    errors: Trees
    reach: float

    def judge(self, entities: Sequence[EntityNames]) -> list[list[JudgedName]]:
        """The candidates of every entity, and the variants of the best, with probabilities."""
        described, table = candidate_table(entities)
        return judged_names(described, self.coverage.probability(table))

    def wrong(self, entities: Sequence[EntityNames]) -> list[list[float]]:
        """The probability of being wrong for each name of the graph, entity by entity."""
        doubts = iter(self.errors.probability(graph_name_table(entities)).tolist())
        return [[next(doubts) for _ in entity.graph] for entity in entities]


def judged_names(
    described: Sequence[Sequence[Row]], probability: NDArray[np.float64]
) -> list[list[JudgedName]]:
    """Rows with the probability of each, of shape (rows of all,)."""
    chances = iter(probability.tolist())
    return [
        [
            JudgedName(row.text, next(chances), RULES[row.rule - 1] if row.rule else "", row.name)
            for row in rows
        ]
        for rows in described
    ]


def has_trained_kinds(groups: Sequence[Group]) -> bool:
    """Whether the models have seen such answers: translation or a language model is among them."""
    return any(e.kind in TRAINED_ON for group in groups for e in group.candidate.evidence)


class LearnedRanker(Ranker):
    """The shipped model as a ranker of proposals."""

    name = "learned-2"
    judges_variants = True

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or load_model()
        self._pool = PoolRanker()

    def of(self, request: TermRequest, groups: Sequence[Group]) -> Ranker:
        """See `Ranker.of`. Descriptions, and names that neither translation nor a language model
        speaks for, are left to the pool: the model has never seen such."""
        named = request.kind is not TermKind.DESCRIPTION
        return self if named and has_trained_kinds(groups) else self._pool

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """See `Ranker.rank`."""
        outside = [_without_estimates(group) for group in groups]
        names = [name_of(group) for group in outside if group is not None]
        foreign = foreign_names(request.entity, request.language)
        asked = EntityNames(request.language, names, foreign=foreign)
        (judged,) = self._model.judge([asked])
        by_key = {vote_key(item.text): item.probability for item in judged}
        result = []
        for group in groups:
            p = by_key.get(vote_key(group.candidate.text), 0.0)
            result.append(1 - (1 - p) * (1 - estimate_of(group)))
        return result


@lru_cache(maxsize=4)
def read_models(path: Path) -> Mapping[str, Model]:
    """The models of a file by name (``shipped``, ``fold-0``, ``without-it``). `InputError`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays: dict[str, NDArray[Any]] = load_file(str(path))
        names = sorted({key.split("/")[0] for key in arrays})
        if any(int(arrays[f"{name}/layout"][0]) != LAYOUT for name in names):
            raise InputError(
                f"{path} is a ranker of another version of kgenrich: train it anew "
                "(`kgenrich evaluate wikikge --train`)."
            )
        return {
            name: Model(
                trees_from(arrays, f"{name}/coverage"),
                trees_from(arrays, f"{name}/errors"),
                float(arrays[f"{name}/reach"][0]),
            )
            for name in names
        }
    except (OSError, KeyError, IndexError, SafetensorError) as error:
        raise InputError(f"{path} is not a ranker of kgenrich: {error}") from error


def write_models(path: Path, models: Mapping[str, Model]) -> None:
    """Write models to a safetensors file; the same models give the same bytes."""
    from safetensors.numpy import save

    arrays: dict[str, NDArray[Any]] = {}
    for name, model in models.items():
        arrays |= model.coverage.tensors(f"{name}/coverage")
        arrays |= model.errors.tensors(f"{name}/errors")
        arrays[f"{name}/reach"] = np.array([model.reach], dtype=np.float32)
        arrays[f"{name}/layout"] = np.array([LAYOUT], dtype=np.int64)
    beside = path.with_suffix(".part")
    beside.write_bytes(save(arrays))
    beside.replace(path)


def load_model() -> Model:
    """The shipped model."""
    return read_models(resource(FILE))["shipped"]


def is_estimate(evidence: Evidence) -> bool:
    """Whether the source counted on the graph how far it is to be trusted: every graph source, and
    local search. The scores of translation are its own certainty, not a measure."""
    if evidence.kind is SourceKind.SEARCH:
        return evidence.score is not None
    return evidence.kind is SourceKind.GRAPH


def _without_estimates(group: Group) -> Group | None:
    """The group with the evidence that is a vote; None if there is none."""
    kept = tuple(e for e in group.candidate.evidence if not is_estimate(e))
    if not kept:
        return None
    return Group(replace(group.candidate, evidence=kept), group.spellings)


def estimate_of(group: Group) -> float:
    """What the estimates alone come to, one a kind."""
    return pooled_score((1.0, item) for item in group.candidate.evidence if is_estimate(item))
