"""Which encoder to use: the shipped one, other weights of its kind, or a transformer."""

from __future__ import annotations

import re
from pathlib import Path

from kgenrich.adapters.encoder.name_encoder import Encoder, NameEncoder
from kgenrich.errors import UsageError
from kgenrich.resources import resource

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+", re.ASCII)


def open_encoder(name: str | None = None, adapter: Path | None = None) -> Encoder:
    """The encoder that a name stands for, with a trained adapter on it if one is given.

    No name is the shipped encoder, a file ``*.safetensors`` others of its kind, anything else a
    Hugging Face model (folder or id ``owner/name``; needs the extra ``neural``). Raises
    `UsageError` for a name that can be none of these, before anything is looked up.
    """
    if name is not None:
        _check(name)
    if adapter is not None:
        from kgenrich.adapters.knowledge.adapter_files import load_adapted

        return load_adapted(adapter, name)
    if name is None:
        return NameEncoder.load()
    if name.endswith(".safetensors"):
        return NameEncoder.load(Path(name))
    from kgenrich.adapters.knowledge.backbone import BackboneEncoder

    encoder: Encoder = BackboneEncoder.load(name)
    return encoder


def files_of(name: str | None = None) -> list[Path]:
    """The file or folder that an encoder is read from; none for what the hub has."""
    if name in (None, "names"):
        return [resource("adapters/names/model.safetensors")]
    return [path] if (path := Path(str(name))).exists() else []


def _check(name: str) -> None:
    path, weights = Path(name), name.endswith(".safetensors")
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise UsageError(f"The folder {name} holds no Hugging Face model (no config.json).")
    elif path.exists():
        if not weights:
            raise UsageError(f"The file {name} is no encoder: weights are *.safetensors.")
    elif weights or not _HUB_ID.fullmatch(name):
        raise UsageError(f"There is no encoder {name}: no such file, folder or id owner/name.")
