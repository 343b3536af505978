"""Adapters that complete a graph in many languages."""
