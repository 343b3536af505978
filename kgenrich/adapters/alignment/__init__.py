"""Matching the entities of two graphs, with the probability of each match."""
