"""InfoNCE, the loss behind everything trained here, and moments of optimisers as tensors."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


def info_nce(left: Tensor, right: Tensor, temperature: float, same: Tensor | None = None) -> Tensor:
    """The symmetric InfoNCE loss with in-batch negatives (van den Oord et al., 2018).

    ``left`` and ``right`` are unit vectors, (n, d); row ``i`` of one belongs to row ``i`` of the
    other. Where ``same`` (n, n) is true a pair off the diagonal is no negative: the names are
    equal.
    """
    logits = left @ right.T / temperature
    if same is not None:
        off_diagonal = same & ~torch.eye(len(left), dtype=torch.bool, device=left.device)
        logits = logits.masked_fill(off_diagonal, -1e4)
    target = torch.arange(len(left), device=left.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def moments(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an optimiser as named tensors, for a checkpoint."""
    state: Mapping[int, Mapping[str, Tensor]] = optimizer.state_dict()["state"]
    return {f"optimizer.{i}.{key}": value for i, of in state.items() for key, value in of.items()}


def restore_moments(optimizer: torch.optim.Optimizer, state: Mapping[str, Tensor]) -> None:
    """Give an optimiser back what `moments` took from it."""
    own = optimizer.state_dict()
    for name, value in state.items():
        if name.startswith("optimizer."):
            _, place, key = name.split(".", 2)
            own["state"].setdefault(int(place), {})[key] = value
    optimizer.load_state_dict(own)
