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
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.consensus.candidate_features import Name, Row, name_of, rows
from kgenrich.consensus.candidate_groups import Group
from kgenrich.consensus.decision_trees import Trees, trees_from
from kgenrich.consensus.feature_tables import LAYOUT, candidate_table, name_table
from kgenrich.consensus.judgement_features import GraphName, judge_rows
from kgenrich.consensus.name_likeness import Foreign, alike, foreign_names
from kgenrich.consensus.pool_ranker import UNSCORED, PoolRanker, Ranker
from kgenrich.consensus.spelling_variants import RULES
from kgenrich.errors import InputError
from kgenrich.model import Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.resources import resource
from kgenrich.text import vote_key

FILE = "config/ranker.safetensors"
FOLDS_FILE = "config/ranker-folds.safetensors"
"""The models that the shipped one is measured with; see
`kgenrich.evaluate.wikikge.ranker_training`.
"""
TRAINED_ON = {SourceKind.MT, SourceKind.LLM}
"""The kinds without which a request has nothing in common with the training data."""


class Judged(Struct, frozen=True):
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

    def judge(
        self,
        sets: Sequence[Sequence[Name]],
        languages: Sequence[str],
        foreign: Sequence[Sequence[Foreign]],
    ) -> list[list[Judged]]:
        """Every name of every set, and the variants of the best, with probabilities; ``foreign``
        are the names of each set's entity in other languages."""
        described = [rows(names, code) for names, code in zip(sets, languages, strict=True)]
        like = alike(sets, described, languages, foreign)
        table = candidate_table(described, languages, like)
        found = iter(self.coverage.probability(table).tolist())
        return [[judged_as(row, next(found)) for row in of_set] for of_set in described]

    def wrong(
        self,
        graphs: Sequence[Sequence[GraphName]],
        sets: Sequence[Sequence[Name]],
        languages: Sequence[str],
        foreign: Sequence[Sequence[Foreign]],
    ) -> list[list[float]]:
        """The probability of being wrong for each name of the graph, entity by entity."""
        described = [
            judge_rows(graph, names, code)
            for graph, names, code in zip(graphs, sets, languages, strict=True)
        ]
        table = name_table(described, languages, foreign)
        found = iter(self.errors.probability(table).tolist())
        return [[next(found) for _ in of_entity.values] for of_entity in described]


def judged_as(row: Row, probability: float) -> Judged:
    """A row with its probability."""
    return Judged(row.text, probability, RULES[row.rule - 1] if row.rule else "", row.name)


def is_known(groups: Sequence[Group]) -> bool:
    """Whether the models have seen such answers: translation or a language model is among them."""
    return any(e.kind in TRAINED_ON for group in groups for e in group.candidate.evidence)


class LearnedRanker:
    """The shipped model as a ranker of proposals (`kgenrich.consensus.pool_ranker.Ranker`)."""

    name = "learned-2"
    judges_variants = True

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or load_model()
        self._pool = PoolRanker()

    def of(self, request: TermRequest, groups: Sequence[Group]) -> Ranker:
        """See `Ranker.of`. Descriptions, and names that neither translation nor a language model
        speaks for, are left to the pool: the model has never seen such."""
        known = request.kind is not TermKind.DESCRIPTION and is_known(groups)
        return self if known else self._pool

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """See `Ranker.rank`."""
        outside = [_without_estimates(group) for group in groups]
        names = [name_of(group) for group in outside if group is not None]
        foreign = foreign_names(request.entity, request.language)
        judged = self._model.judge([names], [request.language], [foreign])[0]
        by_key = {vote_key(item.text): item.probability for item in judged}
        result = []
        for group in groups:
            p = by_key.get(vote_key(group.candidate.text), 0.0)
            result.append(1 - (1 - p) * (1 - estimated(group)))
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
    old = group.candidate
    return Group(Candidate(old.entity, old.language, old.kind, old.text, kept), group.spellings)


def estimated(group: Group) -> float:
    """What the estimates alone come to, one a kind."""
    best: dict[SourceKind, float] = {}
    for evidence in filter(is_estimate, group.candidate.evidence):
        own = UNSCORED[evidence.kind] if evidence.score is None else evidence.score
        best[evidence.kind] = max(best.get(evidence.kind, 0.0), own)
    return 1 - prod(1 - own for own in best.values())
