"""The measures of entity alignment, and what the shipped encoder reaches."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kgenrich.adapters.alignment.align import AlignSettings
from kgenrich.adapters.alignment.dbp15k import PairedGraphs, read_folder
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.encoder.name_tables import TrainingNames, build_table
from kgenrich.cli.main import main
from kgenrich.errors import InputError
from kgenrich.evaluate import retrieval
from kgenrich.evaluate.alignment import evaluate, evaluate_unmatched, ranks_of
from kgenrich.model import TermKind

pytestmark = pytest.mark.slow

NONE = np.zeros((0, 3), np.int64)


@given(arrays(np.float32, (6, 7), elements=st.sampled_from([0.25, 0.5, 1.0, 2.0])))
def test_ranks_agree_with_the_definition(scores: np.ndarray) -> None:
    test = np.array([[0, 3], [2, 1], [5, 6]])
    ranks = ranks_of(sp.csr_matrix(scores), test)
    for (left, right), rank in zip(test, ranks, strict=True):
        row = scores[left, test[:, 1]]
        gold = scores[left, right]
        assert rank == 1 + (row > gold).sum() + ((row == gold).sum() - 1) / 2


def test_what_is_no_candidate_ties_behind_all_that_are() -> None:
    scores = sp.csr_matrix((np.array([0.5], np.float32), ([0], [1])), shape=(3, 3))
    test = np.array([[0, 0], [1, 1], [2, 2]])
    assert ranks_of(scores, test).tolist() == [2.5, 2.0, 2.0]


def test_partners_of_one_entity_are_no_rivals() -> None:
    scores = sp.csr_matrix(np.array([[0.9, 0.1], [0.8, 0.1], [0.2, 0.9]], np.float32))
    rome_roma_paris = np.array([[0, 0], [1, 0], [2, 1]])
    assert ranks_of(scores, rome_roma_paris).tolist() == [1.0, 1.0, 1.0]
    both = np.array([[0, 0], [0, 1]])
    assert ranks_of(scores, both).tolist() == [1.0, 1.0]
    assert ranks_of(sp.csr_matrix((3, 2), dtype=np.float32), both).tolist() == [1.0, 1.0]


def cities() -> PairedGraphs:
    left = Graph(["a", "b", "c"], ["Moscow", "Tokyo", "Berlin"], NONE)
    right = Graph(["x", "y", "z"], ["東京", "Москва", "柏林"], NONE)
    return PairedGraphs(left, right, np.array([[2, 2]]), np.array([[0, 1], [1, 0]]))


def test_the_report_has_the_keys_of_the_command() -> None:
    report = evaluate(
        cities(), NameEncoder.load(), "train", is_training_name=TrainingNames.of(["tokyo"])
    )
    out = msgspec.to_builtins(report)
    assert {"hits@1", "hits@10", "mrr", "pairs", "seconds", "authors_hits@1"} <= out.keys()
    assert out["hits@1"] == 100 and out["pairs"] == 2 and out["unseen"]["pairs"] == 1


def test_without_test_pairs_there_is_nothing_to_say() -> None:
    graphs = cities()
    empty = PairedGraphs(graphs.left, graphs.right, graphs.seeds, np.zeros((0, 2), np.int64))
    with pytest.raises(InputError, match="no test pairs"):
        evaluate(empty, NameEncoder.load())


@pytest.fixture(scope="module")
def part_of_dbp15k(shared_data: Path) -> PairedGraphs:
    """2,000 test and 1,000 known pairs of zh-en with the triples among them."""
    whole = read_folder(shared_data / "dbp15k" / "zh_en")
    test, seeds = whole.test[:2000], whole.seeds[:1000]
    sides = []
    for side, graph in ((0, whole.left), (1, whole.right)):
        kept = np.concatenate([test[:, side], seeds[:, side]])
        index = np.full(len(graph), -1)
        index[kept] = np.arange(len(kept))
        triples = graph.triples.copy()
        triples[:, [0, 2]] = index[triples[:, [0, 2]]]
        inside = triples[(triples[:, 0] >= 0) & (triples[:, 2] >= 0)]
        ids, names = [graph.ids[i] for i in kept], [graph.names[i] for i in kept]
        sides.append(Graph(ids, names, inside))
    order = np.stack([np.arange(3000)] * 2, axis=1)
    return PairedGraphs(*sides, order[2000:], order[:2000])


def test_names_structure_and_seeds_add_up(part_of_dbp15k: PairedGraphs) -> None:
    encoder, seen = NameEncoder.load(), TrainingNames.load()
    names = AlignSettings(names_only=True, ranking="cosine")
    alone = evaluate(part_of_dbp15k, encoder, settings=names, is_training_name=seen)
    whole = evaluate(part_of_dbp15k, encoder, is_training_name=seen)
    seeded = evaluate(part_of_dbp15k, encoder, "train")
    assert alone.hits1 > 65 and alone.authors_hits1 > alone.hits1
    assert whole.hits1 > alone.hits1 + 5 and seeded.hits1 > whole.hits1
    assert alone.unseen is not None and seeded.unseen is None
    assert 0 < alone.unseen.queries < alone.queries == 2000
    assert alone.unseen.hits1 < alone.hits1


def test_matches_of_entities_without_partner(part_of_dbp15k: PairedGraphs) -> None:
    found = evaluate_unmatched(part_of_dbp15k, NameEncoder.load(), 0.3, repeats=2)
    assert found.precision > 80 and found.recall > 65 and found.seeds == 2
    surer = evaluate_unmatched(part_of_dbp15k, NameEncoder.load(), 0.3, repeats=2, threshold=0.9)
    assert surer.precision > found.precision and surer.recall < found.recall


def test_an_adapter_to_known_pairs_finds_more_names(
    part_of_dbp15k: PairedGraphs, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="training needs the extra neural")
    from kgenrich.adapters.alignment.recipe import SeedSettings
    from kgenrich.adapters.alignment.seed_training import SeedLearner
    from kgenrich.adapters.training.loop import train
    from kgenrich.adapters.training.recipe import Plan

    encoder, names = NameEncoder.load(), AlignSettings(names_only=True, ranking="cosine")
    plan = Plan(steps=20, check=5, patience=4, checkpoint=0)
    learner, _ = train(
        lambda: SeedLearner(encoder, part_of_dbp15k, SeedSettings(), 0), plan, tmp_path
    )
    base = evaluate(part_of_dbp15k, encoder, settings=names).hits1
    assert evaluate(part_of_dbp15k, learner.adapted(), settings=names).hits1 > base + 0.5


def evaluated(
    folder: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, float]]:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "alignment", str(folder), "--names-only", "--json", *more])
    code = int(stopped.value.code or 0)
    return code, {} if code else json.loads(capsys.readouterr().out)


def test_names_alone_learn_from_known_pairs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="training needs the extra neural")
    from kgenrich.adapters.alignment.recipe import SeedRecipe
    from kgenrich.adapters.alignment.seed_training import PLAN
    from kgenrich.adapters.recipes import read_recipe
    from kgenrich.resources import resource

    rng = np.random.default_rng(0)
    consonants, others = "bdgklmnprstv", "gtzbrpdsvnmk"
    syllables = [c + v for c in consonants for v in "aeiou"]
    names = ["".join(rng.choice(syllables, 4)) for _ in range(500)]
    cipher = str.maketrans(consonants, others)
    for side, own in (("1", names), ("2", [name.translate(cipher) for name in names])):
        lines = [f"{side}{n}\thttp://x/{name}\n" for n, name in enumerate(own)]
        (tmp_path / f"ent_ids_{side}").write_text("".join(lines))
    for file, numbers in (("sup_pairs", range(400)), ("ref_pairs", range(400, 500))):
        (tmp_path / file).write_text("".join(f"1{n}\t2{n}\n" for n in numbers))
    (_, base), (_, learnt) = (
        evaluated(tmp_path, capsys, *more) for more in ([], ["--seeds", "train"])
    )
    assert learnt["hits@1"] > base["hits@1"] + 10 and learnt["seed_pairs"] == "train"
    for path in resource("adapters/seeds").glob("*.toml"):
        recipe = read_recipe(path)
        assert isinstance(recipe, SeedRecipe) and recipe.train == PLAN

    adapter = ("--adapter", str(resource("adapters/knowledge/adapter.safetensors")))
    assert evaluated(tmp_path, capsys, "--seeds", "train", *adapter)[0] == 2
    assert "--adapter" in capsys.readouterr().err
    (tmp_path / "sup_pairs").unlink()
    assert evaluated(tmp_path, capsys, "--seeds", "train")[0] == 1
    assert "no known pairs" in capsys.readouterr().err


def test_the_encoder_beats_its_baselines_on_held_out_names() -> None:
    pairs = [
        ("Moscow", "Москва"),
        ("Germany", "Германия"),
        ("physics", "физика"),
        ("Albert Einstein", "Альберт Эйнштейн"),
        ("Napoleon", "Наполеон"),
        ("Rome", "Рим"),
    ]
    rows = [
        (f"Q{i}", code, TermKind.LABEL, text)
        for i, pair in enumerate(pairs)
        for code, text in zip(("en", "ru"), pair, strict=True)
    ]
    report = retrieval.evaluate(build_table(rows), NameEncoder.load(), range(100), fewest=2)
    result = report.languages["ru"]
    assert list(report.languages) == ["ru"] and result.queries == len(pairs)
    assert report.mean_hits1["encoder"] == result.hits1 == 100 > result.untrained_hits1
    with pytest.raises(InputError, match="enough"):
        retrieval.evaluate(build_table(rows), NameEncoder.load(), range(100), fewest=99)
