"""Frozen encoders with room for adapters: the shipped one, and transformers from Hugging Face."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from kgenrich.adapters.encoder.name_encoder import NameEncoder, Vectors
from kgenrich.adapters.knowledge.adapter_modules import AdapterLayer
from kgenrich.adapters.knowledge.pretrained import load_pretrained
from kgenrich.adapters.knowledge.training_text import FUSION
from kgenrich.adapters.training.files import AdapterCard, Arrays, write_arrays
from kgenrich.adapters.training.loop import device
from kgenrich.errors import InputError

_BATCH, _LONGEST = 128, 128


class Backbone(ABC):
    """A frozen encoder that texts pass through on their way to unit vectors, with room for so many
    ``depth`` layers of adapters: there are none until it is `adapt`-ed.
    """

    def __init__(self, name: str, dimension: int, depth: int, device: torch.device) -> None:
        self.name, self.dimension, self.depth, self.device = name, dimension, depth, device
        self.adapt((), 1)

    @abstractmethod
    def forward(self, texts: Sequence[str]) -> Tensor:
        """float32 unit vectors, (len(texts), dimension), through which gradients flow."""

    def encode(self, names: Sequence[str]) -> Vectors:
        vectors = np.empty((len(names), self.dimension), np.float32)
        with torch.inference_mode():
            for start in range(0, len(names), _BATCH):
                part = slice(start, start + _BATCH)
                vectors[part] = self.forward(names[part]).cpu().numpy()
        return vectors

    def adapt(self, parts: Sequence[str], inner: int, seed: int | None = None) -> None:
        """Add untrained adapters for these kinds of knowledge, in place of those there are."""
        if seed is not None:
            torch.manual_seed(seed)
        self.parts, self.inner = tuple(parts), inner
        self.layers = [AdapterLayer(self.dimension, inner, parts) for _ in range(self.depth)]
        self.adapters = nn.ModuleList(self.layers).to(self.device)

    def activate(self, part: str) -> None:
        """Use one adapter, the fusion, or (empty) the frozen encoder."""
        for layer in self.layers:
            layer.active = part

    def parameters(self, part: str) -> list[nn.Parameter]:
        """The parameters that belong to one adapter, or to the gates."""
        wanted = ".gate." if part == FUSION else f".adapters.{part}."
        return [p for name, p in self.adapters.named_parameters() if wanted in f".{name}"]

    def save_adapters(self, path: Path, base: str) -> None:
        """Write the adapters and gates; the fusion is what is used when they are loaded."""
        card = AdapterCard(
            kind="sites", base=base, parts=self.parts, inner=self.inner, active=FUSION
        )
        state = self.adapters.state_dict()
        write_arrays(path, card, {name: tensor.cpu().numpy() for name, tensor in state.items()})

    def load_adapters(self, card: AdapterCard, arrays: Arrays) -> None:
        """Take what `save_adapters` wrote. Raises `RuntimeError` when it does not fit."""
        self.adapt(card.parts, card.inner)
        state = {name: torch.from_numpy(array) for name, array in arrays.items()}
        self.adapters.load_state_dict(state)
        self.activate(card.active)


class NameBackbone(Backbone):
    """The shipped encoder: one layer of adapters, behind its last."""

    def __init__(self, encoder: NameEncoder) -> None:
        self.encoder = encoder
        super().__init__(encoder.name, encoder.dimension, 1, torch.device("cpu"))

    def forward(self, texts: Sequence[str]) -> Tensor:
        return F.normalize(self.adapters[0](torch.from_numpy(self.encoder.encode(texts))), dim=1)


class TransformerBackbone(Backbone):
    """A Hugging Face encoder, mean pooling, a layer of adapters behind each of its own."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:
        self.transformer_layers, self.tokenizer = _layers(model), tokenizer
        super().__init__(
            name, int(model.config.hidden_size), len(self.transformer_layers), device()
        )
        self.model = model.eval().requires_grad_(False).to(self.device)

    @classmethod
    def load(cls, name: str) -> TransformerBackbone:
        """A model by folder or id, from the hub only when it is not on this machine.

        Raises `InputError` when there is none.
        """
        try:
            try:
                return cls(name, *load_pretrained("AutoModel", name))
            except (OSError, ValueError):
                if Path(name).exists():
                    raise
                _ask_hub(name)
                return cls(name, *load_pretrained("AutoModel", name, local=False))
        except ImportError as error:
            raise InputError("This encoder needs the extra: pip install 'kgenrich[neural]'.") from (
                error
            )
        except (OSError, ValueError) as error:
            raise InputError(f"The encoder {name} cannot be loaded: {_first(error)}") from error

    def forward(self, texts: Sequence[str]) -> Tensor:
        inputs = self.tokenizer(
            list(texts), return_tensors="pt", padding=True, truncation=True, max_length=_LONGEST
        ).to(self.device)
        hooks = [
            layer.register_forward_hook(partial(_through, adapter))
            for layer, adapter in zip(self.transformer_layers, self.layers, strict=True)
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


def _through(adapter: nn.Module, _layer: nn.Module, _inputs: Any, output: Any) -> Any:
    if isinstance(output, tuple):
        return (adapter(output[0]), *output[1:])
    return adapter(output)


def _layers(model: Any) -> list[nn.Module]:
    for path in ("encoder.layer", "transformer.layer", "layers", "encoder.layers"):
        place = model
        for step in path.split("."):
            place = getattr(place, step, None)
        if isinstance(place, nn.ModuleList):
            return list(place)
    raise InputError(f"{type(model).__name__} has no layers that adapters could sit in.")


def open_backbone(name: str) -> Backbone:
    """The shipped encoder for ``names``, weights of its kind for a file, else a transformer.

    Raises `InputError` when it cannot be loaded.
    """
    if name == "names":
        return NameBackbone(NameEncoder.load())
    if name.endswith(".safetensors"):
        return NameBackbone(NameEncoder.load(Path(name)))
    return TransformerBackbone.load(name)
