"""InfoNCE, the loss behind everything trained here, and the optimisers that go down it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor, nn

State = Mapping[str, Tensor]


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


def equal_pairs(
    left: Sequence[str] | NDArray[np.int64], right: Sequence[str] | NDArray[np.int64]
) -> Tensor:
    """Where the left or right names of two of n pairs are equal: bool, (n, n)."""
    lefts, rights = np.asarray(left), np.asarray(right)
    return torch.from_numpy((lefts[:, None] == lefts) | (rights[:, None] == rights))


def adagrad_step(gradient: Tensor | None, squares: Tensor, rate: float) -> Tensor:
    """What to take from rows with this ``gradient`` (n, d): row-wise Adagrad (Duchi et al., 2011).

    ``squares`` (n,) are the sums of squares so far; the gradient's are added in place.
    """
    assert gradient is not None  # noqa: S101
    squares += gradient.square().mean(dim=1)
    return rate * gradient / squares.sqrt().add_(1e-10).unsqueeze(1)


class ModuleLearner:
    """What learners of one module share: an optimiser of some of its ``parameters``, and states."""

    def __init__(
        self,
        module: nn.Module,
        rate: float,
        parameters: Iterable[nn.Parameter] | None = None,
        weight_decay: float = 0.01,
    ) -> None:
        self.module, self.rate = module, rate
        self.optimizer = torch.optim.AdamW(
            parameters or module.parameters(), lr=rate, weight_decay=weight_decay
        )

    def descend(self, loss: Tensor, rate: float) -> float:
        """One step down the loss, the learning rate scaled by ``rate``; the loss."""
        self.optimizer.param_groups[0]["lr"] = self.rate * rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.item()

    def state(self) -> State:
        moments: Mapping[int, State] = self.optimizer.state_dict()["state"]
        return self.module.state_dict() | {
            f"optimizer.{i}.{key}": value for i, of in moments.items() for key, value in of.items()
        }

    def restore(self, state: State) -> None:
        weights, moments = {}, self.optimizer.state_dict()
        for name, value in state.items():
            if name.startswith("optimizer."):
                _, place, key = name.split(".", 2)
                moments["state"].setdefault(int(place), {})[key] = value
            else:
                weights[name] = value
        self.module.load_state_dict(weights)
        self.optimizer.load_state_dict(moments)
