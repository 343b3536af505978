"""Parts of a graph by hash: what is judged in one of them is judged by what was counted on the
others, so that nothing speaks for itself."""

from __future__ import annotations

from kgenrich.model import content_id

PARTS = 3
"""Parts of the graph: each is measured with what was counted on the others."""


def part_of(entity_id: str) -> int:
    """The part of the graph that an entity is in."""
    return int(content_id("part", entity_id)[:8], 16) % PARTS
