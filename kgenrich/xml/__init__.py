"""XML from anywhere, read safely: no document types, bounded, and a unit at a time."""
