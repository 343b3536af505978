"""Make the shipped demo data from the folder of real data: ``python config/demo/build.py DATA``.

Items keep their terms, sitelinks and the claims that the default settings keep. Scholarly
articles, most of which are one series of one bot, are thinned out; the classes and occupations
that the items refer to are added with the terms that CoDEx has for them. The corpus holds lead
paragraphs of Wikipedia about shipped items, and as many about others.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kgenrich.model import content_id
from kgenrich.settings import DEFAULT_PROPERTIES

HERE = Path(__file__).parent
ARTICLE = "Q13442814"
ARTICLES = 80
ITEMS = 700
OTHER_PARAGRAPHS = 600
PARAGRAPH = 1200


def by_hash(qid: str) -> str:
    """An order that has nothing to do with what an item is."""
    return content_id("demo", qid)


def value(snak: dict[str, Any]) -> Any:
    """The inner value of a main snak."""
    return snak.get("datavalue", {}).get("value")


def slim(document: dict[str, Any]) -> dict[str, Any]:
    """An entity document without references, qualifiers, badges and the claims not kept."""
    claims = document.get("claims") or {}
    return {
        "type": document["type"],
        "id": document["id"],
        "lastrevid": document.get("lastrevid", 0),
        "labels": document.get("labels") or {},
        "descriptions": document.get("descriptions") or {},
        "aliases": document.get("aliases") or {},
        "claims": {
            name: [
                {"mainsnak": statement["mainsnak"], "type": "statement", "rank": statement["rank"]}
                for statement in claims[name]
            ]
            for name in ("P31", *DEFAULT_PROPERTIES)
            if name in claims
        },
        "sitelinks": {
            site: {"site": site, "title": link["title"]}
            for site, link in (document.get("sitelinks") or {}).items()
        },
    }


def from_terms(rows: dict[str, list[tuple[str, str, str]]], qid: str) -> dict[str, Any]:
    """An entity document made of terms alone."""
    document: dict[str, Any] = {
        "type": "item",
        "id": qid,
        "lastrevid": 0,
        "labels": {},
        "descriptions": {},
        "aliases": {},
        "claims": {},
        "sitelinks": {},
    }
    for language, kind, text in rows[qid]:
        if kind != "alias":
            document[f"{kind}s"][language] = {"language": language, "value": text}
    return document


def write(path: Path, lines: list[str]) -> None:
    """The same bytes for the same lines: no time stamp in the gzip header."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write("\n".join(lines).encode() + b"\n")


def main(data: Path) -> None:
    """Read the real data, write the two files beside this one."""
    with gzip.open(data / "wikidata_entities/entities.ndjson.gz", "rt", encoding="utf-8") as file:
        documents = [
            slim(document) for document in map(json.loads, file) if document["type"] == "item"
        ]
    articles, others = [], []
    referred: dict[str, int] = {}
    for document in documents:
        classes = {
            value(s["mainsnak"]).get("id")
            for s in document["claims"].get("P31", [])
            if value(s["mainsnak"])
        }
        (articles if ARTICLE in classes else others).append(document)
        for name in ("P31", "P106", "P21", "P105"):
            for statement in document["claims"].get(name, []):
                if isinstance(found := value(statement["mainsnak"]), dict) and "id" in found:
                    referred[found["id"]] = referred.get(found["id"], 0) + 1
    articles = sorted(articles, key=lambda d: by_hash(d["id"]))[:ARTICLES]
    kept = {document["id"]: document for document in others + articles}

    rows: dict[str, list[tuple[str, str, str]]] = {}
    with gzip.open(data / "terms/terms.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            qid, language, kind, text, source = line.rstrip("\n").split("\t")
            if source == "codex":
                rows.setdefault(qid, []).append((language, kind, text))
    wanted = [
        qid
        for qid in sorted(referred, key=lambda q: (-referred[q], by_hash(q)))
        if qid in rows and qid not in kept
    ]
    for qid in wanted[: ITEMS - len(kept)]:
        kept[qid] = from_terms(rows, qid)
    items = [
        json.dumps(kept[qid], ensure_ascii=False, separators=(",", ":"))
        for qid in sorted(kept, key=lambda q: int(q[1:]))
    ]
    write(HERE / "items.json.gz", ["[", *(f"{line}," for line in items[:-1]), items[-1], "]"])

    about, else_where = [], []
    source = data / "wikipedia_extracts/codex_type_extracts.jsonl.gz"
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            paragraph = {
                "qid": row["qid"],
                "title": unquote(row["url"].rsplit("/", 1)[-1]).replace("_", " "),
                "language": row["lang"],
                "text": row["text"][:PARAGRAPH],
            }
            (about if row["qid"] in kept else else_where).append(paragraph)
    else_where.sort(key=lambda p: by_hash(p["qid"] + p["language"]))
    corpus = sorted(about + else_where[:OTHER_PARAGRAPHS], key=lambda p: (p["qid"], p["language"]))
    write(HERE / "corpus.jsonl.gz", [json.dumps(p, ensure_ascii=False) for p in corpus])
    print(f"{len(items)} items, {len(corpus)} paragraphs ({len(about)} about the items)")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
