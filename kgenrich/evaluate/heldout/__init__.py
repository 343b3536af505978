"""Held-out terms of a graph of one's own: hide, enrich, compare."""
