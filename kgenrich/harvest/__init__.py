"""Readers of graphs: each yields entities and can say where it stands."""
