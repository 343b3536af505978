"""Readers of the files in which people keep names and terms: each gives the concepts of one."""
