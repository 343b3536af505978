"""Descriptions learned from the graph itself, without any model.

`composer` mines how descriptions are made from class, places, occupation and dates; `memory`
pairs what other items of the class say in two languages.

Reading order: ``records`` (what is read of an entity), ``language_style``, ``lexicon`` and
``forms`` (how a language writes and mentions values), ``templates`` (descriptions with slots),
``trait_votes`` and ``trait_choices`` (what entities that share something are said to be),
``guards`` (what is never said), ``channels`` (how sure), ``description_miner`` (learning all that),
``description_model`` (what is kept of it, and asked), ``source``.
"""

from __future__ import annotations

from kgenrich.sources.graph.describe.source import composer, memory

__all__ = ["composer", "memory"]
