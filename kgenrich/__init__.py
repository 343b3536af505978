"""Kgenrich finds what a knowledge graph lacks in each language and proposes it, with evidence.

Read `model` first, then `enrich`, then the packages in the order of the work: `harvest`, `store`,
`sources`, `consensus`, `export`.
"""

__version__ = "0.1.0"
