"""Make the shipped names of properties from the folder of real data: ``python build.py DATA``.

They are the properties whose claims are kept by default and those of CoDEx, so that triples can
be put in words although a harvest of items brings no properties. Wikidata and CoDEx: CC0.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from kgenrich.settings import DEFAULT_PROPERTIES

CODEX = ("ar", "de", "en", "es", "ru", "zh")
REST = {
    "P105": "taxon rank",
    "P131": "located in the administrative territorial entity",
    "P276": "location",
    "P570": "date of death",
    "P576": "dissolved, abolished or demolished date",
    "P706": "located in/on physical feature",
    "P1448": "official name",
    "P1559": "name in native language",
}
"""Labels in Wikidata that neither file has, or has misspelled."""


def main(data: Path) -> None:
    """Read the real data, write the table beside this file."""
    names: dict[tuple[str, str], str] = {}
    for language in CODEX:
        relations = json.loads((data / f"codex/relations/{language}.relations.json").read_bytes())
        names |= {(id, language): relation["label"] for id, relation in relations.items()}
    wanted = {"P31", *DEFAULT_PROPERTIES, *(id for id, _ in names)}
    with gzip.open(data / "terms/terms.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            id, language, kind, text, source = line.rstrip("\n").split("\t")
            if id in wanted and (language, kind) == ("en", "label") and source != "codex":
                # Newer than CoDEx, whose misspellings have been mended since.
                names[id, language] = text
    names |= {(id, "en"): name for id, name in REST.items()}
    rows = sorted(names.items(), key=lambda item: (int(item[0][0][1:]), item[0][1]))
    table = [f"{id}\t{language}\tlabel\t{name}" for (id, language), name in rows]
    beside = Path(__file__).with_name("relations.tsv")
    beside.write_text("\n".join(["qid\tlang\tkind\ttext", *table]) + "\n", encoding="utf-8")
    print(f"{len(rows)} names of {len(wanted)} properties")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
