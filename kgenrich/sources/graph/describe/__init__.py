"""Descriptions learned from the graph itself, without any model.

`composer` mines how descriptions are made from class, places, occupation and dates; `memory`
pairs what other items of the class say in two languages.

Reading order: ``records`` (what is read of an entity), ``language_style``, ``lexicon`` and
``forms`` (how a language writes and mentions values), ``templates`` (descriptions with slots),
``shared_traits`` and ``trait_votes`` (what entities that share something are said to be),
``guards`` (what is never said), ``channel_choices`` and ``channel_calibration`` (how sure),
``description_miner`` (learning all that), ``kept_votes`` and ``description_model`` (what is kept of
it, and asked), ``source``.
"""

from __future__ import annotations

from kgenrich.sources.graph.describe.source import composer, memory

__all__ = ["composer", "memory"]
