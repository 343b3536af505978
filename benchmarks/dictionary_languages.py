"""The languages in which a dictionary really has names, as ``packages.tsv`` lists them.

    python benchmarks/dictionary_languages.py SOURCE=FOLDER ...

Those with at least half as many names that are not the English ones again as the fullest has, in
any of its tables.
"""

from __future__ import annotations

import sys
from collections import defaultdict

from kgenrich.languages import CODES
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext, build
from kgenrich.sources.dictionary.lookup import DictionarySource


def main() -> None:
    """Print a line for each source."""
    for name, _, folder in (argument.partition("=") for argument in sys.argv[1:]):
        context = SourceContext(MemoryGraph([]), (), Settings(), {"folders": [folder]}, name)
        source = build(name, context)
        assert isinstance(source, DictionarySource)
        originals = source.dictionary.originals
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for language in source.dictionary.languages & set(CODES):
            for table, names in source.dictionary.tables(language).items():
                own = (text != originals[table].get(code) for code, text in names.items())
                counts[table][language] = sum(own)
        real = {
            language
            for by_language in counts.values()
            for language, count in by_language.items()
            if 2 * count >= max(by_language.values()) > 0
        }
        print(f"{name}\t{' '.join(sorted(real))}")


if __name__ == "__main__":
    main()
