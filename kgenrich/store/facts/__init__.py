"""The graph as harvested, and what of it is there."""
