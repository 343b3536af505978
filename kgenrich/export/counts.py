"""What an export came to, as every format counts it."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field


class ExportCounts(Struct):
    """``terms`` were written, ``replacing`` of them in the place of a label that the graph has, in
    RDF as so many ``triples``; ``refused`` counts by reason those that the format cannot hold or
    the target does not take."""

    terms: int = 0
    replacing: int = 0
    triples: int = 0
    refused: Counter[str] = field(default_factory=Counter)
