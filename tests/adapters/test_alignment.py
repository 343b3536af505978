"""Entity alignment: candidates, matchings, the whole, and the probability of a match."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kgenrich.adapters.alignment import sparse_similarity as candidates
from kgenrich.adapters.alignment.align import AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.graph_arrays import Graph, adjacency, neighbourhood_vectors
from kgenrich.adapters.alignment.match_calibration import (
    MatchCalibration,
    best_matches,
    fit_model,
    match_graphs,
    without_partners,
)
from kgenrich.adapters.alignment.overlap import probabilities_of
from kgenrich.adapters.alignment.sparse_similarity import (
    best_of_rows,
    csls,
    mutual_candidates,
    nearest,
    places_of_best,
    row_of,
    similarities,
    sinkhorn,
    sparse_similarities,
)
from kgenrich.adapters.encoder.name_encoder import NameEncoder, unit_vectors

SIZE = 400


def pair(lost: float, seed: int = 0) -> PairedGraphs:
    """A graph and a shuffled copy in which a share of the names says nothing."""
    rng = np.random.default_rng(seed)
    syllables = ["ka", "mo", "ri", "ten", "lu", "sha", "vel", "dor", "pim", "gu"]
    names = ["".join(rng.choice(syllables, 4)) for _ in range(SIZE)]
    triples = np.stack(
        [
            rng.integers(0, SIZE, 4 * SIZE),
            rng.integers(0, 9, 4 * SIZE),
            rng.integers(0, SIZE, 4 * SIZE),
        ],
        axis=1,
    )
    order = rng.permutation(SIZE)
    place = np.argsort(order)
    copied = [names[i] for i in order]
    for spoilt in rng.permutation(SIZE)[: int(lost * SIZE)]:
        copied[spoilt] = "".join(rng.choice(syllables, 4))
    other = triples[rng.random(len(triples)) < 0.9].copy()
    other[:, [0, 2]] = place[other[:, [0, 2]]]
    gold = np.stack([np.arange(SIZE), place], axis=1)
    ids = [f"http://left/{i}" for i in range(SIZE)], [f"http://right/{i}" for i in range(SIZE)]
    return PairedGraphs(
        Graph(ids[0], names, triples), Graph(ids[1], copied, other), gold[:100], gold[100:]
    )


@pytest.fixture(scope="module")
def encoder() -> NameEncoder:
    return NameEncoder.load()


def accuracy(scores: sp.csr_matrix, gold: np.ndarray) -> float:
    best = np.asarray(scores.argmax(axis=1)).ravel()
    return float((best[gold[:, 0]] == gold[:, 1]).mean())


def test_the_graph_finds_what_names_do_not(encoder: NameEncoder) -> None:
    graphs = pair(lost=0.4)
    names = align(graphs.left, graphs.right, encoder, settings=AlignSettings(names_only=True))
    whole = align(graphs.left, graphs.right, encoder)
    assert accuracy(names.scores, graphs.test) < 0.7
    assert accuracy(whole.scores, graphs.test) > 0.95


def test_one_odd_seed_does_not_silence_the_names() -> None:
    none = np.zeros((0, 3), np.int64)
    left = Graph(["a", "b", "c", "d"], ["Moscow", "Tokyo", "Berlin", "Minsk"], none)
    right = Graph(["x", "y", "z"], ["東京", "Москва", "Берлин"], none)
    found = align(left, right, NameEncoder.load(), np.array([[3, 2]]))
    best = best_matches(found, MatchCalibration.load().structure)
    pairs = set(zip(best.left.tolist(), best.right.tolist(), strict=True))
    assert {(0, 1), (1, 0), (3, 2)} <= pairs


def test_seeds_help_and_are_kept(encoder: NameEncoder) -> None:
    graphs = pair(lost=1.0)
    without = align(graphs.left, graphs.right, encoder)
    found = align(graphs.left, graphs.right, encoder, graphs.seeds)
    assert accuracy(found.scores, graphs.test) > accuracy(without.scores, graphs.test) + 0.3
    assert accuracy(found.scores, graphs.seeds) == 1
    rows, columns = row_of(found.scores), found.scores.indices
    touching = np.isin(rows, graphs.seeds[:, 0]) | np.isin(columns, graphs.seeds[:, 1])
    assert touching.sum() == len(graphs.seeds)


def test_csls_may_rank_and_settings_are_obeyed(encoder: NameEncoder) -> None:
    graphs = pair(lost=0.2)
    found = align(graphs.left, graphs.right, encoder, settings=AlignSettings(ranking="csls"))
    assert accuracy(found.scores, graphs.test) > 0.9
    assert found.scores.data.min() < 0


def test_a_graph_without_triples_is_aligned_by_name(encoder: NameEncoder) -> None:
    none = np.zeros((0, 3), np.int64)
    left = Graph(["a", "b"], ["Moscow", "Tokyo"], none)
    right = Graph(["c", "d"], ["東京", "Москва"], none)
    assert accuracy(align(left, right, encoder).scores, np.array([[0, 1], [1, 0]])) == 1


def test_probabilities_tell_entities_without_partner(encoder: NameEncoder) -> None:
    graphs = pair(lost=0.2)
    thinner, alone = without_partners(graphs, 0.3, 0)
    assert len(thinner.right) == SIZE - len(alone) and len(alone) == 90
    alignment = align(thinner.left, thinner.right, encoder)
    found = best_matches(alignment, MatchCalibration.load().structure)
    sure = found.probability >= 0.5
    partner = dict(thinner.test.tolist()) | dict(thinner.seeds.tolist())
    right = [partner.get(a) == b for a, b in zip(found.left[sure], found.right[sure], strict=True)]
    assert np.mean(right) > 0.9 and sum(right) > 0.8 * len(partner)
    assert len(set(found.right.tolist())) == len(found.right)


def test_known_pairs_are_certain_matches(encoder: NameEncoder) -> None:
    graphs = pair(lost=0.2)
    seeds = graphs.seeds[:10]
    found = match_graphs(graphs.left, graphs.right, encoder, seeds, minimum=0.9).pairs
    assert all(sure >= 0.9 for _, _, sure, _ in found) and len(found) > 0.5 * SIZE
    known = sorted((left, right) for left, right, sure, known in found if known and sure == 1)
    assert known == sorted(map(tuple, seeds.tolist()))


def test_taking_partners_away_keeps_ids_and_edges_together() -> None:
    graphs = pair(lost=0.0)
    thinner, alone = without_partners(graphs, 0.5, 1)
    names = dict(zip(graphs.right.ids, graphs.right.names, strict=True))
    assert all(names[i] == n for i, n in zip(thinner.right.ids, thinner.right.names, strict=True))
    for left, right in np.concatenate([thinner.test, thinner.seeds]):
        assert thinner.left.names[left] == thinner.right.names[right]
    assert not set(alone.tolist()) & set(thinner.test[:, 0].tolist())
    assert thinner.right.triples[:, [0, 2]].max() < len(thinner.right)


def vectors(rows: int, seed: int) -> np.ndarray:
    return unit_vectors(np.random.default_rng(seed).standard_normal((rows, 8)).astype(np.float32))


def test_blocks_find_what_the_whole_product_has(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = vectors(50, 1), vectors(70, 2)
    want = np.sort(np.argsort(-(left @ right.T), axis=1)[:, :5], axis=1)
    for cells in (1, 500, 10**9):
        monkeypatch.setattr(candidates, "_CELLS", cells)
        assert np.array_equal(np.sort(nearest(left, right, 5), axis=1), want)
    assert nearest(left, right[:3], 5).shape == (50, 3)


def test_faiss_finds_what_blocks_find(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="needs the extra faiss")
    left, right = vectors(50, 1), vectors(70, 2)
    want = np.sort(nearest(left, right, 5), axis=1)
    monkeypatch.setattr(candidates, "_FAISS_FROM", 10)
    assert np.array_equal(np.sort(nearest(left, right, 5), axis=1), want)


def test_sparse_and_dense_similarities_agree() -> None:
    left, right = vectors(30, 3), vectors(40, 4)
    places = mutual_candidates(left, right, 4)
    want = (left @ right.T)[row_of(places), places.indices]
    assert np.allclose(similarities(left, right, places), want, atol=1e-6)
    sparse = sparse_similarities(sp.csr_matrix(left), sp.csr_matrix(right), places)
    assert np.allclose(sparse, want, atol=1e-6)


def test_the_best_of_each_row_stay() -> None:
    matrix = sp.csr_matrix(np.array([[3, 1, 2], [0, 0, 0], [0, 5, 4]], np.float32))
    assert places_of_best(matrix, 1).tolist() == [0, 3]
    assert best_of_rows(matrix, 2).toarray().tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 1]]


@settings(deadline=None)
@given(arrays(np.float32, (5, 5), elements=st.floats(0.125, 1, width=32)))
def test_sinkhorn_makes_rows_and_columns_add_up(scores: np.ndarray) -> None:
    found = sinkhorn(sp.csr_matrix(scores), 0.5, 50).toarray()
    assert np.allclose(found.sum(axis=1), 1, atol=1e-3)
    assert np.allclose(found.sum(axis=0), 1, atol=1e-2)


def test_csls_takes_from_what_is_near_to_everything() -> None:
    scores = sp.csr_matrix(np.array([[0.9, 0.8], [0.9, 0.1]], np.float32))
    found = csls(scores, 2).toarray()
    dense = scores.toarray()
    want = 2 * dense - dense.mean(axis=1)[:, None] - dense.mean(axis=0)
    assert np.allclose(found, want)
    assert found[0].argmax() == 1


def test_rare_relations_carry_more() -> None:
    graph = Graph(list("abcd"), list("abcd"), np.array([[0, 0, 1], [2, 0, 3], [0, 1, 2]], np.int64))
    weights = adjacency(graph, rarity=1.0).toarray()
    assert np.array_equal(weights, weights.T)
    assert weights[0, 2] == 1 and weights[0, 1] == pytest.approx(0.5)
    around = neighbourhood_vectors(np.eye(4, dtype=np.float32), graph, 1.0, (1.0, 0.5, 0.25))
    assert around.shape == (4, 12) and np.allclose(np.linalg.norm(around, axis=1), 1)
    assert around[3, 4 + 2] > 0 and around[3, 4 + 0] == 0


def test_the_logistic_model_recovers_its_data() -> None:
    rng = np.random.default_rng(0)
    features = np.column_stack([np.ones(5000), rng.standard_normal((5000, 2))])
    chance = 1 / (1 + np.exp(-features @ [0.5, 2.0, -1.0]))
    model = fit_model(features, rng.random(5000) < chance)
    prior = np.log(chance.mean() / (1 - chance.mean()))
    assert np.allclose(model.weights, [0.5 - prior, 2.0, -1.0], atol=0.2)
    assert abs(probabilities_of(model.evidence(features)).mean() - chance.mean()) < 0.02


def test_a_wrong_calibration_is_told(tmp_path: Path) -> None:
    from kgenrich.errors import InputError

    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(InputError, match="calibration"):
        MatchCalibration.load(tmp_path / "c.json")
