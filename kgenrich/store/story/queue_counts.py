"""What the review queue is counted by: kept numbers, so that they cost the same at any size.

An item counts once in its slot, and once for each of its classes, sources and codes and for how
much it matters; each by its band of probability and its state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from kgenrich.store import bulk
from kgenrich.store.story.policies import POLICY_AUTHOR
from kgenrich.store.tables import queue_counts

ALL, CLASS, SOURCE, CODE, IMPACT, DECIDED = "", "class", "source", "code", "impact", "decided"
"""The facets. What was decided is counted by slot and band, its verdict for a state."""
POLICY, PERSON = "policy", ""
"""The values of what was decided: by a policy, or by a person."""

IMPACTS = (0, 1, 10, 50)
"""From how many sitelinks on an entity matters more."""

BANDS = 20
"""Into so many bands probabilities are counted, but for classes: there are too many of those."""
DEFAULT_FLOOR = 0.5
"""From this probability on proposals are shown unless others are asked for; classes are counted
below and from it."""


class Item(NamedTuple):
    """A row of the queue, in the order of its columns."""

    entity_key: int
    slot: int
    candidate_id: str
    language: int
    links: int
    probability: float
    state: str
    classes: str
    sources: str
    codes: str


Place = tuple[str, int, str, int, str]
"""Facet, slot, value, band and state: the key of a count."""


def band(probability: float) -> int:
    """The band of a probability.

    >>> band(0.5), band(0.15), band(1.0)
    (10, 3, 20)
    """
    # A hair above, for 0.15 * 20 is less than three.
    return int(probability * BANDS + 1e-9)


def class_band(probability: float) -> int:
    """The band by which classes are counted: that of the default floor, or none."""
    return band(DEFAULT_FLOOR) if probability >= DEFAULT_FLOOR else 0


def impact(links: int) -> int:
    """The step of `IMPACTS` that so many sitelinks reach."""
    return max(step for step in IMPACTS if step <= links)


def packed(values: Iterable[Any]) -> str:
    """A set as a column of the queue has it: each with a space on both sides.

    >>> packed([7, 5]), packed([])
    (' 5 7 ', ' ')
    """
    return f" {' '.join(map(str, sorted(set(values))))} " if (values := [*values]) else " "


def places(item: Item) -> Iterator[Place]:
    """Where an item counts."""
    slot, state, its_band = item.slot, item.state, band(item.probability)
    yield ALL, slot, "", its_band, state
    yield IMPACT, slot, str(impact(item.links)), its_band, state
    for facet, values in ((SOURCE, item.sources), (CODE, item.codes)):
        for value in values.split():
            yield facet, slot, value, its_band, state
    for value in item.classes.split():
        yield CLASS, slot, value, class_band(item.probability), state


DECIDED_BY = ("slot", "verdict", "author", "probability")
"""The columns of a decision that say where it counts."""


def decided_place(slot: int, verdict: str, author: str, probability: float) -> Place:
    """Where a decision counts."""
    by = POLICY if author.startswith(POLICY_AUTHOR) else PERSON
    return DECIDED, slot, by, band(probability), str(verdict)


def count(connection: Connection, changes: Counter[Place]) -> None:
    """Add differences to the counts, in the order of their keys, so that writers queue for them."""
    rows = [(*place, number) for place, number in changes.items() if number]
    bulk.accumulate(connection, queue_counts, rows)
