"""Descriptions learned from the graph itself, without any model.

`composer` mines how descriptions are made from class, places, occupation and dates; `memory`
pairs what other items of the class say in two languages. Reading order: ``records`` (what is read
of an entity), ``forms`` (how a language mentions a value), ``templates`` (descriptions with slots),
``votes`` (what entities that share a key have in common), ``guards``, ``mining`` (all together).
"""

from __future__ import annotations

from kgenrich.sources.graph.describe.source import composer, memory

__all__ = ["composer", "memory"]
