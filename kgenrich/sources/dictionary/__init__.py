"""Sources that look names up in dictionaries which a machine already has."""
