"""Words of one script written in another, by a small network."""
