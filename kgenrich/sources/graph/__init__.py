"""Sources that need nothing but the graph itself."""
