"""OBO documents and OBO Graphs as the triples of OWL that they stand for."""
