"""The vote of M-NTA (Conia et al., EMNLP 2023), exactly as published.

Every source gives a list of answers to a request. The score of a name is the number of *other*
source answers that are equal to it after lower-casing and dropping punctuation. For coverage a
name is kept at a score of 2 or more; for precision a name of the graph is called wrong unless it
is among the names kept at a score of 1 or more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kgenrich.text import vote_key

COVERAGE_SCORE = 2
PRECISION_SCORE = 1


def vote(answers: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The score of each name, by its normal form.

    ``answers`` maps a source answer list (one source asked from one language) to its names. Equal
    names within one list count once: a source cannot vote for itself.

    >>> vote({"mt:en": ["Mela"], "mt:fr": ["mela"], "search": ["Apple", "mela!"], "llm": ["Apple"]})
    {'mela': 2, 'apple': 1}
    """
    holders: dict[str, set[str]] = {}
    for source, names in answers.items():
        for name in names:
            key = vote_key(name)
            if key:
                holders.setdefault(key, set()).add(source)
    return {key: len(sources) - 1 for key, sources in holders.items()}


def keep(scores: Mapping[str, int], minimum: int = COVERAGE_SCORE) -> set[str]:
    """The normal forms whose score is at least ``minimum``."""
    return {key for key, score in scores.items() if score >= minimum}


def called_wrong(
    names: Iterable[str], scores: Mapping[str, int], minimum: int = PRECISION_SCORE
) -> list[str]:
    """The names of the graph that the vote does not support."""
    kept = keep(scores, minimum)
    return [name for name in names if vote_key(name) not in kept]
