"""Makes ``labels.tsv`` beside it: what Wikidata calls the properties that have a role.

    python config/properties/build.py ../shared/data

What several properties are called says nothing of which one is meant, and is left out.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kgenrich.harvest.document import Reader
from kgenrich.property_roles import WIKIDATA

HERE = Path(__file__).parent
ENGLISH = {
    "P105": "taxon rank",
    "P131": "located in the administrative territorial entity",
    "P218": "ISO 639-1 code",
    "P498": "ISO 4217 code",
    "P570": "date of death",
    "P1448": "official name",
    "P1559": "name in native language",
    "P2888": "exact match",
}
"""Of those that the data lack."""

Name = tuple[str, str, str]
"""Property, kind (label, alias), text."""


def names(data: Path) -> Iterator[Name]:
    with gzip.open(data / "terms" / "terms.tsv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["qid"].startswith("P") and row["kind"] in ("label", "alias"):
                yield row["qid"], row["kind"], row["text"]
    with gzip.open(data / "wikidata_entities" / "entities.ndjson.gz") as file:
        reader = Reader()
        for line in file:
            for entity in reader.read(line) if b'"type": "property"' in line[:400] else ():
                yield from ((entity.id, "label", text) for text in entity.labels.values())
    for path in sorted((data / "codex" / "relations").glob("*.json")):
        for id, told in json.loads(path.read_text("utf-8")).items():
            yield id, "label", told["label"]
    yield from ((id, "label", text) for id, text in ENGLISH.items())


def main(data: Path) -> None:
    called: dict[str, dict[str, str]] = defaultdict(dict)
    for property_id, kind, text in names(data):
        known = called[" ".join(text.casefold().split())]
        known[property_id] = min(kind, known.get(property_id, kind), key=("label", "alias").index)
    roles = {id: role for role, id in WIKIDATA.items()}
    rows = []
    for text, by_property in called.items():
        # A label counts for more than an alias of another property.
        labels = [id for id, kind in by_property.items() if kind == "label"]
        meant = labels or list(by_property)
        if len(meant) == 1 and meant[0] in roles and len(text) > 1:
            rows.append((roles[meant[0]], by_property[meant[0]], text))
    order = list(WIKIDATA)
    rows.sort(key=lambda row: (order.index(row[0]), row[1] != "label", row[2]))
    with (HERE / "labels.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE)
        writer.writerow(("role", "kind", "text"))
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
