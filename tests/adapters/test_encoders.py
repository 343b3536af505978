"""Which encoder a name stands for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kgenrich.adapters.encoders import open_encoder
from kgenrich.errors import UsageError
from tests.server import Asked, Reply, Server

pytestmark = pytest.mark.slow


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


def encode(home: Path, hub: str, model: str) -> subprocess.CompletedProcess[str]:
    """Encode a name in a fresh process, with the hub at some address."""
    pytest.importorskip("transformers", reason="needs the extra neural")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-m", "kgenrich.cli.main", "adapters", "encode", "a", "--encoder", model],
        env={**kept, "HF_HOME": str(home), "HF_ENDPOINT": hub},
        capture_output=True,
        text=True,
        check=False,
    )


NOWHERE = "http://127.0.0.1:9"


def test_a_model_that_is_nowhere_is_told_at_once(tmp_path: Path) -> None:
    done = encode(tmp_path, NOWHERE, "no/such-model")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "no folder here, and the hub does not say that it has it: " in done.stderr
    with Server([Reply({"error": "x"}, 404, {"X-Error-Code": "RepoNotFound"})]) as hub:
        done = encode(tmp_path, hub.url, "no/such-model")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "no folder here, and the hub has no such model." in done.stderr
    assert sum("no/such-model" in asked.path for asked in hub.asked) == 1


def test_a_model_of_the_hub_is_fetched_once(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra neural")
    transformers = pytest.importorskip("transformers", reason="needs the extra neural")
    model, home = tmp_path / "bert", tmp_path / "home"
    model.mkdir()
    (model / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
    transformers.BertTokenizer(str(model / "vocab.txt")).save_pretrained(model)
    torch.manual_seed(0)
    size = {"hidden_size": 8, "num_attention_heads": 1, "intermediate_size": 8}
    config = transformers.BertConfig(vocab_size=6, num_hidden_layers=1, **size)
    transformers.BertModel(config).save_pretrained(model)
    commit = "0" * 40

    def answer(asked: Asked) -> Reply:
        if asked.path.startswith("/api/models/some/bert/tree/"):
            return Reply([])
        if asked.path.startswith("/api/models/some/bert"):
            return Reply({"id": "some/bert", "sha": commit, "siblings": []})
        path = model / asked.path.rsplit("/", 1)[-1]
        if not path.is_file():
            return Reply({}, 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        headers = {"X-Repo-Commit": commit, "ETag": f'"{path.name}"'}
        return Reply(path.read_bytes(), 200, headers)

    with Server(answer) as hub:
        first = encode(home, hub.url, "some/bert")
    assert first.returncode == 0, [first.stderr, hub.asked]
    again = encode(home, NOWHERE, "some/bert")
    assert again.returncode == 0 and again.stdout == first.stdout
    assert "Retrying" not in again.stderr
