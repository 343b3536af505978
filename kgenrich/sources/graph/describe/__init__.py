"""Descriptions learned from the graph itself, without any model.

`composer` mines how descriptions are made from class, places, occupation and dates; `memory`
pairs what other items of the class say in two languages.

Reading order: ``records`` (what is read of an entity), ``style``, ``lexicon`` and ``forms`` (how a
language writes and mentions values), ``templates`` (descriptions with slots), ``keys`` and
``votes`` (what entities that share something are said to be), ``guards`` (what is never said),
``best`` and ``calibrate`` (how sure), ``mining`` (all together), ``source``.
"""

from __future__ import annotations

from kgenrich.sources.graph.describe.source import composer, memory

__all__ = ["composer", "memory"]
