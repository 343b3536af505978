"""Training of the adapters of a site and of their gates, with the encoder frozen."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from kgenrich.adapters.encoder.retrieval import hits
from kgenrich.adapters.knowledge.adapter_modules import FUSION, Site, activate, trained_by
from kgenrich.adapters.knowledge.backbone import Backbone
from kgenrich.adapters.knowledge.training_text import TextPair
from kgenrich.adapters.training.contrastive_loss import info_nce, moments, restore_moments
from kgenrich.adapters.training.loop import State
from kgenrich.adapters.training.recipe import SetModel

_FEWEST, _MOST_SCORED = 8, 2000
_AJAR, _OPEN = 8.0, 60.0
"""How far gates favour the best part: so that they still learn, or to nothing but it."""


def make_sites(backbone: Backbone, parts: Sequence[str], inner: int, seed: int) -> nn.ModuleList:
    """Untrained adapters for every place of a backbone."""
    torch.manual_seed(seed)
    sites = [Site(backbone.width, inner, parts) for _ in range(backbone.places)]
    return nn.ModuleList(sites).to(backbone.device)


def split(pairs: Sequence[TextPair], share: float) -> tuple[list[TextPair], list[TextPair]]:
    """Pairs for training and for development, one an entity, by a hash of the entity."""
    held = [zlib.crc32(pair[0].encode()) % 1000 < share * 1000 for pair in pairs]
    train = [pair for pair, is_held in zip(pairs, held, strict=True) if not is_held]
    seen: set[str] = set()
    development = []
    for pair, is_held in zip(pairs, held, strict=True):
        if is_held and pair[0] not in seen:
            seen.add(pair[0])
            development.append(pair)
    return train, development[:_MOST_SCORED]


def enough(train: Sequence[TextPair], development: Sequence[TextPair]) -> bool:
    """Whether an adapter can be trained on these pairs, and told from an untrained one."""
    return min(len(train), len(development)) >= _FEWEST


class SiteLearner:
    """One adapter, or the gates of the fusion, in training."""

    def __init__(
        self,
        backbone: Backbone,
        sites: nn.ModuleList,
        part: str,
        train: Sequence[TextPair],
        development: Sequence[TextPair],
        model: SetModel,
        seed: int,
    ) -> None:
        self.backbone, self.sites, self.part = backbone, sites, part
        self.train, self.development = train, development
        self.model, self.seed = model, seed
        self.trained = trained_by(sites, part)
        self.optimizer = torch.optim.AdamW(self.trained, lr=model.rate)

    def step(self, number: int, rate: float) -> float:
        """One batch of pairs."""
        rng = np.random.default_rng((self.seed, zlib.crc32(self.part.encode()), number))
        size = min(self.model.batch, len(self.train))
        chosen = [self.train[i] for i in rng.choice(len(self.train), size, replace=False)]
        lefts, rights = [pair[1] for pair in chosen], [pair[2] for pair in chosen]
        activate(self.sites, self.part)
        vectors = self.backbone.forward(lefts + rights, self.sites)
        same = np.array(rights)[:, None] == np.array(rights)
        same |= np.array(lefts)[:, None] == np.array(lefts)
        loss = info_nce(
            vectors[:size],
            vectors[size:],
            self.model.temperature,
            torch.from_numpy(same).to(vectors.device),
        )
        self.optimizer.param_groups[0]["lr"] = self.model.rate * rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.item()

    def score(self) -> float:
        """The mean reciprocal rank (in percent) of the right text among the development ones."""
        return score_part(self.backbone, self.sites, self.part, self.development)

    def state(self) -> State:
        """The adapters of all sites and the optimiser's moments."""
        return {**self.sites.state_dict(), **moments(self.optimizer)}

    def restore(self, state: State) -> None:
        """Go back to a state."""
        own = {key: value for key, value in state.items() if not key.startswith("optimizer.")}
        self.sites.load_state_dict(own)
        restore_moments(self.optimizer, state)


def score_part(
    backbone: Backbone, sites: nn.ModuleList, part: str, pairs: Sequence[TextPair]
) -> float:
    """Mean reciprocal rank, in percent, of right texts given left ones; ``part`` may be empty."""
    activate(sites, part)
    with torch.inference_mode():
        sides = [
            torch.cat(
                [
                    backbone.forward([pair[side] for pair in pairs[i : i + 256]], sites)
                    for i in range(0, len(pairs), 256)
                ]
            )
            .cpu()
            .numpy()
            for side in (1, 2)
        ]
    return round(100 * hits(sides[0] @ sides[1].T, np.arange(len(pairs))).mrr, 2)


def prefer_best(
    backbone: Backbone, sites: nn.ModuleList, parts: Sequence[str], pairs: Sequence[TextPair]
) -> dict[str, float]:
    """Open the gates for the best part on the development pairs; the score of each part.

    The frozen encoder is the part with the empty name.
    """
    scores = {part: score_part(backbone, sites, part, pairs) for part in ("", *parts)}
    _prefer(sites, scores, _AJAR)
    return scores


def settle(
    backbone: Backbone,
    sites: nn.ModuleList,
    scores: Mapping[str, float],
    pairs: Sequence[TextPair],
) -> float:
    """The score of the trained fusion; where a part alone is better, the gates open for it only."""
    score = score_part(backbone, sites, FUSION, pairs)
    if score < max(scores.values()):
        _prefer(sites, scores, _OPEN)
        score = score_part(backbone, sites, FUSION, pairs)
    return score


def _prefer(sites: nn.ModuleList, scores: Mapping[str, float], strength: float) -> None:
    for site in sites:
        assert isinstance(site, Site)  # noqa: S101
        site.prefer(max(scores, key=lambda part: scores[part]), strength)
