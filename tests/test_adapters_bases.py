"""Which encoder a name stands for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgenrich.adapters.bases import open_encoder
from kgenrich.errors import UsageError


@pytest.mark.parametrize("name", ["none", "/no/such/model", "./no/model", "a/b.safetensors", ""])
def test_what_is_neither_path_nor_hub_id_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        open_encoder(name)


def test_a_file_or_folder_that_is_no_model_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text")
    for path, told in ((tmp_path, "config.json"), (tmp_path / "notes.txt", "safetensors")):
        with pytest.raises(UsageError, match=told):
            open_encoder(str(path))


@pytest.mark.parametrize("name", ["", "  ", "!?…"])
def test_a_name_without_letters_or_digits_is_the_zero_vector(name: str) -> None:
    vectors = open_encoder().encode([name, "Roma 1"])
    assert not vectors[0].any() and np.isclose(np.linalg.norm(vectors[1]), 1)
