"""The source ``transliteration``: names written in another script, word by word."""

from kgenrich.sources.graph.transliteration.source import factory

__all__ = ["factory"]
