"""The trained ranker: the probability that a candidate is a right name, and that a name of the
graph is a wrong one.

Shipped as ``config/ranker.safetensors``, made as `docs/ranker.md` says. It was
trained on answers of translation, search and language models, which had no scores. What a source
estimates on the graph itself, as graph sources and local search do, and what dictionaries say, is
no vote for the trees: it is pooled with them as of an independent kind (see
`kgenrich.consensus.rankers`), so that another answer never lowers what a calibrated source says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from kgenrich.consensus.candidate_features import Row
from kgenrich.consensus.candidate_groups import EntityNames, Group, foreign_names, name_of
from kgenrich.consensus.decision_trees import Trees
from kgenrich.consensus.feature_tables import LAYOUT, candidate_table, graph_name_table
from kgenrich.consensus.rankers import PoolRanker, Ranker, pooled_score
from kgenrich.consensus.spelling import RULES
from kgenrich.errors import InputError
from kgenrich.model import Evidence, SourceKind, TermRequest
from kgenrich.resources import resource
from kgenrich.text import vote_key

FILE = "config/ranker.safetensors"
FOLDS_FILE = "config/ranker-folds.safetensors"
"""The models that the shipped one is measured with; see `kgenrich.consensus.ranker_training`."""
TRAINED_ON = {SourceKind.MT, SourceKind.LLM}
"""The kinds without which a request has nothing in common with the training data."""

_ESTIMATING = {SourceKind.GRAPH, SourceKind.DICTIONARY}
_ENSEMBLES, _PARTS = ("coverage", "errors"), Trees.__struct_fields__


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
        """Itself, or the pool for what the model has never seen: descriptions and definitions, and
        names that neither translation nor a language model speaks for."""
        return self if request.kind.is_name and has_trained_kinds(groups) else self._pool

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        outside = [
            (group, tuple(e for e in group.candidate.evidence if not is_estimate(e)))
            for group in groups
        ]
        names = [
            name_of(replace(group, candidate=replace(group.candidate, evidence=votes)))
            for group, votes in outside
            if votes
        ]
        foreign = foreign_names(request.entity, request.language)
        asked = EntityNames(request.language, names, foreign=foreign)
        (judged,) = self._model.judge([asked])
        by_key = {vote_key(item.text): item.probability for item in judged}
        return [
            1 - (1 - by_key.get(vote_key(group.candidate.text), 0.0)) * (1 - estimate_of(group))
            for group in groups
        ]


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
        models = {}
        for name in names:
            coverage, errors = (
                Trees(*(arrays[f"{name}/{ensemble}.{part}"] for part in _PARTS))
                for ensemble in _ENSEMBLES
            )
            models[name] = Model(coverage, errors, float(arrays[f"{name}/reach"][0]))
        return models
    except (OSError, KeyError, IndexError, SafetensorError) as error:
        raise InputError(f"{path} is not a ranker of kgenrich: {error}") from error


def write_models(path: Path, models: Mapping[str, Model]) -> None:
    """Write models to a safetensors file; the same models give the same bytes."""
    from safetensors.numpy import save

    arrays: dict[str, NDArray[Any]] = {}
    for name, model in models.items():
        for ensemble, part in product(_ENSEMBLES, _PARTS):
            arrays[f"{name}/{ensemble}.{part}"] = getattr(getattr(model, ensemble), part)
        arrays[f"{name}/reach"] = np.array([model.reach], dtype=np.float32)
        arrays[f"{name}/layout"] = np.array([LAYOUT], dtype=np.int64)
    beside = path.with_suffix(".part")
    beside.write_bytes(save(arrays))
    beside.replace(path)


def load_model() -> Model:
    """The shipped model."""
    return read_models(resource(FILE))["shipped"]


def is_estimate(evidence: Evidence) -> bool:
    """Whether the source counted on the graph how far it is to be trusted: every graph source,
    dictionaries, and local search. The scores of translation are its own certainty, no measure."""
    scored = evidence.score is not None
    return evidence.kind in _ESTIMATING or (evidence.kind is SourceKind.SEARCH and scored)


def estimate_of(group: Group) -> float:
    """What the estimates alone come to, one a kind."""
    return pooled_score((1.0, item) for item in group.candidate.evidence if is_estimate(item))
