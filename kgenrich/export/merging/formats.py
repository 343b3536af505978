"""The formats of which a copy with new statements keeps every byte."""

from __future__ import annotations

from kgenrich.export.merging.additions import Merge
from kgenrich.export.merging.ntriples import merge_nquads, merge_ntriples
from kgenrich.export.merging.obo import merge_obo
from kgenrich.export.merging.rdfxml import merge_rdfxml
from kgenrich.export.merging.turtle import merge_trig, merge_turtle

MERGES: dict[str, Merge] = {
    "nt": merge_ntriples,
    "nq": merge_nquads,
    "ttl": merge_turtle,
    "trig": merge_trig,
    "rdf": merge_rdfxml,
    "obo": merge_obo,
}
"""By the usual ending of a file's name."""
