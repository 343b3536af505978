"""Sending what people decided to where it belongs, so that it can be undone."""
