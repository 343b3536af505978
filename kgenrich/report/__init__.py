"""The page on a run: what it says, its pictures, and how it is written."""
