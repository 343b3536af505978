"""``kgenrich evaluate``: measure the quality; each benchmark is a module of its own."""

from __future__ import annotations

import click

from kgenrich.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    prefix="evaluate.",
    verbs={
        "heldout": "Hide terms that the graph has, enrich, compare.",
        "check": "Break labels of the graph on purpose: are they found?",
        "wikikge": "Score WikiKGE-10: coverage, precision, errors, calibration.",
        "alignment": "Score entity alignment on DBP15K-style folders.",
        "retrieval": "Score the name encoder on held-out names.",
        "names": "Score names held out of a file of terms.",
        "transliteration": "Score words written in another script.",
        "completion": "Score the completion of a multilingual graph.",
        "review": "What people's decisions say of sources and reviewers.",
    },
)
def command() -> None:
    """Measure the quality on held-out terms of your graph, or on a benchmark."""
