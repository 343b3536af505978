"""Models of others are data: neither their code nor a pickle is ever run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgenrich.adapters.encoders import open_encoder
from kgenrich.errors import InputError, KgenrichError, SourceStopped
from kgenrich.sources.neural import load

pytestmark = pytest.mark.slow

CODE = "open({ran!r}, 'w').close()\n"


class Runs:
    """Unpickled, it makes a file."""

    def __init__(self, ran: Path) -> None:
        self.ran = ran

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.ran),)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model in safetensors."""
    torch = pytest.importorskip("torch", reason="needs the extra neural")
    transformers = pytest.importorskip("transformers", reason="needs the extra neural")
    model = tmp_path_factory.mktemp("models") / "bert"
    model.mkdir()
    (model / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
    transformers.BertTokenizer(str(model / "vocab.txt")).save_pretrained(model)
    torch.manual_seed(0)
    size = {"hidden_size": 8, "num_attention_heads": 1, "intermediate_size": 8}
    config = transformers.BertConfig(vocab_size=6, num_hidden_layers=1, **size)
    transformers.BertModel(config).save_pretrained(model)
    return model


def pickled(model: Path, ran: Path) -> None:
    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(pickle.dumps(Runs(ran)))


def sharded(model: Path, ran: Path) -> None:
    (model / "model.safetensors").unlink()
    shard = "pytorch_model-00001-of-00001.bin"
    (model / shard).write_bytes(pickle.dumps(Runs(ran)))
    index = {"metadata": {}, "weight_map": {"embeddings.word_embeddings.weight": shard}}
    (model / "pytorch_model.bin.index.json").write_text(json.dumps(index))


def adapted(model: Path, ran: Path) -> None:
    base = shutil.copytree(model, model.with_name("base"))
    card = {"peft_type": "LORA", "base_model_name_or_path": str(base), "r": 1}
    (model / "adapter_config.json").write_text(json.dumps(card))
    (model / "adapter_model.bin").write_bytes(pickle.dumps(Runs(ran)))


def coded(model: Path, ran: Path) -> None:
    path = model / "config.json"
    config = json.loads(path.read_text())
    config |= {
        "model_type": "own",
        "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"},
    }
    path.write_text(json.dumps(config))
    (model / "own.py").write_text(CODE.format(ran=str(ran)))


def tokenizing(model: Path, ran: Path) -> None:
    path = model / "tokenizer_config.json"
    config = json.loads(path.read_text())
    config |= {"tokenizer_class": "Own", "auto_map": {"AutoTokenizer": ["own.Own", None]}}
    path.write_text(json.dumps(config))
    (model / "own.py").write_text(CODE.format(ran=str(ran)))


LOADERS: dict[str, Callable[[str], object]] = {
    "encoder": open_encoder,
    "seq2seq": lambda name: load("AutoModelForSeq2SeqLM", name),
    "causal": lambda name: load("AutoModelForCausalLM", name),
}


def test_safetensors_are_read(bert: Path) -> None:
    assert open_encoder(str(bert)).dimension == 8


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("hostile", [pickled, sharded, adapted, coded, tokenizing])
def test_what_would_run_is_refused(
    bert: Path,
    tmp_path: Path,
    hostile: Callable[[Path, Path], None],
    loader: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whoever is asked whether to run it says yes.
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    model, ran = shutil.copytree(bert, tmp_path / "model"), tmp_path / "ran"
    hostile(model, ran)
    kind = InputError if loader == "encoder" else SourceStopped
    try:
        LOADERS[loader](str(model))
    except KgenrichError as error:
        assert isinstance(error, kind) and "\n" not in str(error)
        assert "trust_remote_code" not in str(error)
        if hostile in (pickled, sharded, adapted):
            assert "can run code" in str(error) and "safetensors" in str(error)
        if hostile is coded:
            assert "never run" in str(error)
    else:
        assert hostile is tokenizing, "a tokenizer that is known may take the place of its own"
    assert not ran.exists()
