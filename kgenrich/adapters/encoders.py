"""Which encoder to use: the shipped one, other weights of its kind, or a transformer."""

from __future__ import annotations

import re
from pathlib import Path

from kgenrich.adapters.encoder.name_encoder import Encoder, NameEncoder
from kgenrich.adapters.training.files import AdapterCard, read_arrays
from kgenrich.errors import InputError, UsageError

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+", re.ASCII)


def open_encoder(name: str | None = None, adapter: Path | None = None) -> Encoder:
    """The encoder that a name stands for, with a trained adapter on it if one is given.

    No name is the shipped encoder, a file ``*.safetensors`` others of its kind, anything else a
    Hugging Face model (folder or id ``owner/name``; needs the extra ``neural``). Raises
    `UsageError` for a name that can be none of these, before anything is looked up; `InputError`
    for what cannot be loaded, and for an adapter that does not fit.
    """
    if name is not None:
        _check(name)
    if adapter is not None:
        return load_adapted(adapter, name)
    if name is None or name.endswith(".safetensors"):
        return NameEncoder.load(Path(name) if name else None)
    from kgenrich.adapters.knowledge.backbone import open_backbone

    return open_backbone(name)


def load_adapted(path: Path, base: str | None = None) -> Encoder:
    """The encoder of a file of adapters; ``base`` overrides the one that they were trained on.

    Raises `InputError` when the file is none, or does not fit the encoder.
    """
    card, arrays = read_arrays(path, AdapterCard, "file of adapters")
    try:
        if card.kind == "ngrams":
            frozen = NameEncoder.load(Path(base) if base else None)
            return frozen.changed(arrays["rows"], arrays["change"])
        from kgenrich.adapters.knowledge.backbone import open_backbone

        encoder = open_backbone(base or card.base)
        encoder.load_adapters(card, arrays)
        return encoder
    except (RuntimeError, ValueError, LookupError) as error:
        raise InputError(f"The adapters {path} do not fit the encoder.") from error


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
