"""What the parsers of RDF give and leave behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct, field
from pyoxigraph import Quad, Triple

from kgenrich.harvest.tag_spelling import TagSpellings
from kgenrich.model import Reject

TOGETHER = 512
"""Triples that are handed on together."""


class Noted(Struct):
    """What the reading of a file came upon besides its triples: counts by name of what was
    mended, and its language tags as they are written."""

    repaired: Counter[str] = field(default_factory=Counter)
    tags: TagSpellings = field(default_factory=TagSpellings)


Block = tuple[Sequence[Quad | Triple], Sequence[Reject]]
"""Some triples, and what was broken among them."""


def blocks(parser: Iterator[Quad | Triple]) -> Iterator[Block]:
    """The triples that a parser gives; what it raises comes after all before."""
    while True:
        # An error leaves in a list what came before it.
        some: list[Quad | Triple] = []
        try:
            some.extend(islice(parser, TOGETHER))
        except SyntaxError:
            yield some, ()
            raise
        if not some:
            return
        yield some, ()


def together(items: Iterator[Triple | Reject]) -> Iterator[Block]:
    """Blocks of what comes one by one."""
    while some := list(islice(items, TOGETHER)):
        triples = [one for one in some if isinstance(one, Triple)]
        yield triples, [one for one in some if isinstance(one, Reject)]
