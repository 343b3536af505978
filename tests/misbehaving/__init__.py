"""Servers that misbehave in every way, and what becomes of the items that they are asked for.

``python -m tests.misbehaving --requests 2000`` asks more than the tests do and prints the counts.
"""
