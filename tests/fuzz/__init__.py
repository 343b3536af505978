"""Structure-aware fuzzing of every reader of what third parties send.

``python -m tests.fuzz --rounds 2000`` tries more than the tests do and prints the counts.
"""
