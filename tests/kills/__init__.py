"""Processes of every command that writes, killed at random moments and started again.

``python -m tests.kills --kills 200`` kills more than the tests do and prints the counts.
"""
