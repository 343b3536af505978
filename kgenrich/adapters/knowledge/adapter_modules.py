"""Adapters and their fusion, the same small module wherever they sit.

An adapter layer sits behind a layer of a frozen transformer (Houlsby et al., 2019), or behind the
shipped encoder. It holds one residual bottleneck for each kind of knowledge and a gate that weighs
them by what comes in (after AdapterFusion, Pfeiffer et al., 2021).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from kgenrich.adapters.knowledge.training_text import FUSION


class Bottleneck(nn.Module):
    """Down, GELU, up: what is added to an input of the same width; nothing at first."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.down = nn.Linear(width, inner)
        self.up = nn.Linear(inner, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor) -> Tensor:
        """The change to ``x``, (..., width)."""
        change: Tensor = self.up(F.gelu(self.down(x)))
        return change


class AdapterLayer(nn.Module):
    """The adapters of one place. ``active`` names the one in use, or `FUSION`, or nothing."""

    def __init__(self, width: int, inner: int, parts: Sequence[str]) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.adapters = nn.ModuleDict({part: Bottleneck(width, inner) for part in parts})
        # One more output than parts: the gate may leave the frozen encoder as it is.
        self.gate = nn.Linear(width, len(self.parts) + 1)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        self.active = ""

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (..., width) with the change of the active adapter, or the gated sum of all."""
        if not self.active:
            return x
        if self.active != FUSION:
            result: Tensor = x + self.adapters[self.active](x)
            return result
        weights = torch.softmax(self.gate(x), dim=-1)
        changes = torch.stack([self.adapters[part](x) for part in self.parts], dim=-1)
        return x + (changes * weights[..., None, : len(self.parts)]).sum(dim=-1)

    def open_gate(self, part: str, strength: float) -> None:
        """Open the gate for one part, or for the frozen encoder where ``part`` is empty."""
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        place = self.parts.index(part) if part else len(self.parts)
        with torch.no_grad():
            self.gate.bias[place] = strength
