"""The OBO flat file format (1.4): its frames and clauses, and what its ids stand for."""
