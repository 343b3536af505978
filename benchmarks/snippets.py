"""How often the span of search results that is most like an item's names is its label.

    python benchmarks/snippets.py DATA [--encoder FILE]

The results of a search are made from 10,100 lead paragraphs of Wikipedia about the classes of
CoDEx: the page about the item and four others, in the item's language, each a title and a snippet
without emphasis. Prints by language the searches, those whose texts hold the label at all, what was
taken, and the share of it that is the label.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from pathlib import Path

from local_search import LANGUAGES, items, write_corpus

from kgenrich.adapters.likeness import likeness
from kgenrich.corpus import Page, pages
from kgenrich.sources.search.name_extraction import most_alike
from kgenrich.sources.search.page_names import other_names
from kgenrich.sources.search.web import head
from kgenrich.text import vote_key

OTHERS = 4


def main() -> None:
    """Read the arguments, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--encoder", default="")
    asked = parser.parse_args()
    encoder = likeness(asked.encoder).encoder
    by_language: dict[str, list[Page]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        write_corpus(asked.data, corpus, ids=True)
        for page in pages(corpus):
            by_language[page.language].append(page)
    labels = {item.id: item for item in items(asked.data)}
    print("     asked  held  taken  right")
    for language in LANGUAGES:
        chance = random.Random(0)
        searches = held = taken = right = 0
        for page in by_language[language]:
            item = labels.get(page.qid)
            if item is None or language not in item.labels:
                continue
            found = [page, *chance.sample(by_language[language], OTHERS)]
            texts = [text for one in found for text in (head(one.title), one.text)]
            label = vote_key(item.labels[language])
            match = most_alike(texts, other_names(item, language), language, encoder)
            searches += 1
            held += any(label in vote_key(text[:300]) for text in texts)
            taken += match is not None
            right += match is not None and vote_key(match.span) == label
        print(f"{language:4} {searches:5} {held:5} {taken:6}  {right / max(taken, 1):.2f}")


if __name__ == "__main__":
    main()
