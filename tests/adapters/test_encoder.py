"""The shipped name encoder."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgenrich.adapters.encoder.name_encoder import NameEncoder, unit_vectors
from kgenrich.adapters.encoder.name_tables import TrainingNames
from kgenrich.errors import InputError
from kgenrich.resources import resource

NAMES = {
    "Moscow": ["Москва", "Moskau", "莫斯科", "モスクワ", "모스크바", "Μόσχα", "מוסקבה"],
    "Germany": ["Германия", "Deutschland", "德国", "ドイツ", "독일", "Γερμανία", "גרמניה"],
    "University of Tokyo": ["Токийский университет", "东京大学", "東京大学", "도쿄 대학교"],
    "World Health Organization": [
        "世界卫生组织",
        "世界保健機関",
        "Organización Mundial de la Salud",
    ],
    "Albert Einstein": ["Альберт Эйнштейн", "阿尔伯特·爱因斯坦", "アルベルト・アインシュタイン"],
}

SHIPPED = NameEncoder.load()


@pytest.fixture
def encoder() -> NameEncoder:
    return SHIPPED


def test_vectors_are_unit_float32(encoder: NameEncoder) -> None:
    vectors = encoder.encode(list(NAMES))
    assert vectors.shape == (len(NAMES), encoder.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_names_are_found_across_scripts(encoder: NameEncoder) -> None:
    english = encoder.encode(list(NAMES))
    for place, others in enumerate(NAMES.values()):
        scores = encoder.encode(others) @ english.T
        assert (scores.argmax(axis=1) == place).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_a_name_has_one_vector_in_any_batch(names: list[str]) -> None:
    together = SHIPPED.encode(names)
    alone = np.concatenate([SHIPPED.encode([name]) for name in names])
    assert np.allclose(together, alone, atol=1e-5)


def test_nothing_becomes_the_zero_vector(encoder: NameEncoder) -> None:
    vectors = encoder.encode(["", "Rome", "  "])
    assert not vectors[0].any() and not vectors[2].any() and vectors[1].any()
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_it_is_small_and_fast(encoder: NameEncoder) -> None:
    assert resource("adapters/names/model.safetensors").stat().st_size < 20_000_000
    names = [f"{name} {number}" for number in range(1000) for name in NAMES]
    encoder.encode(names)
    began = time.process_time()
    encoder.encode(names)
    assert len(names) / (time.process_time() - began) > 20_000


def test_weights_survive_a_round_trip(encoder: NameEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "copy.safetensors")
    copy = NameEncoder.load(tmp_path / "copy.safetensors")
    cosines = (copy.encode(list(NAMES)) * encoder.encode(list(NAMES))).sum(axis=1)
    assert copy.spec == encoder.spec and (cosines > 0.999).all()
    assert [path.name for path in tmp_path.iterdir()] == ["copy.safetensors"]


def test_a_change_moves_only_names_with_those_ngrams(encoder: NameEncoder) -> None:
    from kgenrich.adapters.encoder.ngrams import ngrams

    rows = np.unique(ngrams(["Moscow"], encoder.spec)[0])
    changed = encoder.changed(rows, np.full((len(rows), encoder.dimension), 0.1, np.float32))
    before, after = encoder.encode(["Moscow", "京"]), changed.encode(["Moscow", "京"])
    assert not np.allclose(before[0], after[0]) and np.allclose(before[1], after[1])


def test_what_is_no_encoder_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"no weights")
    for path in (tmp_path / "bad", tmp_path / "missing"):
        with pytest.raises(InputError, match=str(path)):
            NameEncoder.load(path)


def test_it_runs_without_torch() -> None:
    code = (
        "import sys; from kgenrich.adapters.encoder.name_encoder import NameEncoder;"
        "NameEncoder.load().encode(['Roma']); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_unit_vectors_keep_zero() -> None:
    assert np.array_equal(unit_vectors(np.array([[3, 4], [0, 0]], np.float32))[1], [0, 0])


def test_training_names_are_known(tmp_path: Path) -> None:
    seen = TrainingNames.load()
    assert seen(["Moscow", "Zzyzx Qwrtpl Nobody Ever"]).tolist() == [True, False]
    TrainingNames.of(["a", "b"]).save(tmp_path / "seen")
    assert TrainingNames.load(tmp_path / "seen")(["B", "c"]).tolist() == [True, False]
