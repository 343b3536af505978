"""A whole store as one file, which either database can be restored from."""
