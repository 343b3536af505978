"""Transformers from Hugging Face as encoders of names, with room for adapters in their layers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from kgenrich.adapters.encoder.name_encoder import NameEncoder, Vectors
from kgenrich.adapters.knowledge.adapter_modules import Site
from kgenrich.adapters.training.loop import device
from kgenrich.errors import InputError

_BATCH, _LONGEST = 128, 128


class Backbone(ABC):
    """A frozen encoder that texts pass through on their way to unit vectors."""

    name: str
    width: int
    places: int
    device = torch.device("cpu")

    @abstractmethod
    def forward(self, texts: Sequence[str], sites: nn.ModuleList) -> Tensor:
        """Unit vectors, (len(texts), width), with the sites in their places."""


class NameBackbone(Backbone):
    """The shipped encoder: one site, on its finished vectors."""

    def __init__(self, encoder: NameEncoder) -> None:
        self.encoder, self.name = encoder, encoder.name
        self.width, self.places = encoder.dimension, 1

    def forward(self, texts: Sequence[str], sites: nn.ModuleList) -> Tensor:
        """Unit vectors, (len(texts), width)."""
        return F.normalize(sites[0](torch.from_numpy(self.encoder.encode(texts))), dim=1)


class TransformerBackbone(Backbone):
    """A Hugging Face encoder, mean pooling, one site behind every layer."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:
        self.name, self.tokenizer, self.device = name, tokenizer, device()
        self.model = model.eval().requires_grad_(False).to(self.device)
        self.layers = _layers(model)
        self.width, self.places = int(model.config.hidden_size), len(self.layers)

    @classmethod
    def load(cls, name: str) -> TransformerBackbone:
        """A model by folder or id, from the hub only when it is not on this machine.

        Raises `InputError` when there is none.
        """
        try:
            from transformers import AutoModel, AutoTokenizer

            def load(local: bool) -> TransformerBackbone:
                here = {"local_files_only": local}
                # Else adapters of peft are looked for on the hub even if all else is local.
                model = AutoModel.from_pretrained(name, adapter_kwargs=here, **here)
                return cls(name, model, AutoTokenizer.from_pretrained(name, **here))

            try:
                return load(True)
            except (OSError, ValueError):
                if Path(name).exists():
                    raise
                _ask_hub(name)
                return load(False)
        except ImportError as error:
            raise InputError("This encoder needs the extra: pip install 'kgenrich[neural]'.") from (
                error
            )
        except (OSError, ValueError) as error:
            raise InputError(f"The encoder {name} cannot be loaded: {_first(error)}") from error

    def forward(self, texts: Sequence[str], sites: nn.ModuleList) -> Tensor:
        """Unit vectors, (len(texts), width)."""
        inputs = self.tokenizer(
            list(texts), return_tensors="pt", padding=True, truncation=True, max_length=_LONGEST
        ).to(self.device)
        hooks = [
            layer.register_forward_hook(_through(site))
            for layer, site in zip(self.layers, sites, strict=True)
        ]
        try:
            hidden = self.model(**inputs).last_hidden_state
        finally:
            for hook in hooks:
                hook.remove()
        mask = inputs["attention_mask"].unsqueeze(-1)
        return F.normalize((hidden * mask).sum(dim=1) / mask.sum(dim=1), dim=1)


def _ask_hub(name: str) -> None:
    """See whether the hub has a model, by one question: a download would be tried again and again
    for a minute. Raises `InputError` where it has none or does not answer.
    """
    from huggingface_hub import file_exists
    from huggingface_hub.errors import HFValidationError

    why = "it is no folder here"
    try:
        if file_exists(name, "config.json"):
            return
        why += ", and the hub has no such model."
    except HFValidationError:
        why += "."
    except Exception as error:
        # What a broken connection raises differs by version.
        why += f", and the hub does not say that it has it: {_first(error)}"
    raise InputError(f"The encoder {name} cannot be loaded: {why}")


def _first(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _through(site: nn.Module) -> Any:
    def hook(_layer: nn.Module, _inputs: Any, output: Any) -> Any:
        if isinstance(output, tuple):
            return (site(output[0]), *output[1:])
        return site(output)

    return hook


def _layers(model: Any) -> list[nn.Module]:
    for path in ("encoder.layer", "transformer.layer", "layers", "encoder.layers"):
        place = model
        for step in path.split("."):
            place = getattr(place, step, None)
        if isinstance(place, nn.ModuleList):
            return list(place)
    raise InputError(f"{type(model).__name__} has no layers that adapters could sit in.")


class BackboneEncoder:
    """A backbone, with or without adapters, as an encoder of names."""

    def __init__(self, backbone: Backbone, sites: nn.ModuleList | None = None) -> None:
        self.backbone = backbone
        self.sites = sites or nn.ModuleList(
            Site(backbone.width, 1, ()) for _ in range(backbone.places)
        ).to(backbone.device)

    @classmethod
    def load(cls, name: str) -> BackboneEncoder:
        """A transformer without adapters."""
        return cls(TransformerBackbone.load(name))

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.backbone.width

    @property
    def name(self) -> str:
        """The model's name."""
        return self.backbone.name

    def encode(self, names: Sequence[str]) -> Vectors:
        """float32 unit vectors, shape (len(names), dimension)."""
        parts = [np.zeros((0, self.dimension), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(names), _BATCH):
                block = self.backbone.forward(names[start : start + _BATCH], self.sites)
                parts.append(block.cpu().numpy())
        return np.concatenate(parts)


def open_backbone(name: str) -> Backbone:
    """The shipped encoder for ``names``, weights of its kind for a file, else a transformer."""
    if name == "names":
        return NameBackbone(NameEncoder.load())
    if name.endswith(".safetensors"):
        return NameBackbone(NameEncoder.load(Path(name)))
    return TransformerBackbone.load(name)
