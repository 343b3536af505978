"""What speaks for and against the best choices of the two channels, as figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kgenrich.sources.graph.describe.trait_votes import Choice
from kgenrich.text import vote_key

COMPOSER, MEMORY = "composer", "memory"
CHANNELS = (COMPOSER, MEMORY)


def same(one: Choice, other: Choice) -> bool:
    """Whether two choices say the same in normal form."""
    return vote_key(one.filled.text) == vote_key(other.filled.text)


class ChannelChoices(NamedTuple):
    """The choices by channel, best first and none that is refused at the top.

    ``familiar`` is the share of the entity's other descriptions (as they stand and with slots)
    that others of its class have too, ``readings`` the number of these descriptions.
    """

    choices: Mapping[str, Sequence[Choice]]
    familiar: float
    readings: int

    def features(self, channel: str) -> list[float]:
        """What the calibrator sees of a channel's best choice."""
        top, *others = self.choices[channel]
        agrees = differs = concord = 0.0
        if rivals := self.choices.get(MEMORY if channel == COMPOSER else COMPOSER):
            agree = same(rivals[0], top)
            agrees, differs = float(agree), float(not agree)
            concord = rivals[0].score if agree else -rivals[0].score
        support = math.log1p(top.best_votes)
        return [
            top.score,
            top.score**3,
            top.score * support,
            top.score * agrees,
            top.score * self.familiar,
            top.score - (others[0].score if others else 0.0),
            float(not others),
            top.share,
            top.best_share,
            top.main,
            support,
            math.log1p(top.clusters),
            math.log1p(top.keys),
            top.filled.sureness,
            float(bool(top.filled.values)),
            agrees,
            differs,
            concord,
            self.familiar,
            math.log1p(self.readings),
        ]
