"""Which encoder to use: the shipped one, other weights of its kind, or a transformer."""

from __future__ import annotations

from pathlib import Path

from kgenrich.adapters.encoder import Encoder, NameEncoder


def open_encoder(name: str | None = None, adapter: Path | None = None) -> Encoder:
    """The encoder that a name stands for, with a trained adapter on it if one is given.

    No name is the shipped encoder, a file ``*.safetensors`` others of its kind, anything else a
    Hugging Face model (folder or id; needs the extra ``neural``).
    """
    if adapter is not None:
        from kgenrich.adapters.adapted import load_adapted

        return load_adapted(adapter, name)
    if name is None:
        return NameEncoder.load()
    if name.endswith(".safetensors"):
        return NameEncoder.load(Path(name))
    from kgenrich.adapters.backbone import BackboneEncoder

    encoder: Encoder = BackboneEncoder.load(name)
    return encoder
