"""Copies of files with new statements in them: every byte of the source stays, lines are added.

Each format has a module with a function of the shape `kgenrich.export.merging.additions.Merge`.
"""
