"""RDF files for tests, and what reading them gives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from kgenrich.harvest.rdf import read_rdf
from kgenrich.harvest.summary import Summary
from kgenrich.harvest.triples import format_of
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.inputs import Input
from kgenrich.model import Entity

BASE = "http://www.wikidata.org/entity/"
CASES = Path(__file__).parent.parent / "fixtures" / "rdf"
PREFIXES = """@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix gvp: <http://vocab.getty.edu/ontology#> .
@prefix e: <http://example.org/> .
"""


def read_file(path: Path, **options: Any) -> tuple[dict[str, Entity], Summary]:
    """The entities of a file by their ids, and what it was found to be."""
    vocabulary = Vocabulary(BASE, **options)
    with Input(str(path)) as source:
        batches = list(read_rdf(source, format_of(source), vocabulary))
    found = {entity.id: entity for batch in batches for entity in batch.entities}
    return found, vocabulary.summary


def read_text(
    text: str, ending: str = "ttl", prefixes: str = PREFIXES, **options: Any
) -> tuple[dict[str, Entity], Summary]:
    """The same of a text, Turtle by default."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{ending}"
        path.write_text((prefixes if ending == "ttl" else "") + text, encoding="utf-8")
        return read_file(path, **options)


def said(entity: Entity, *roles: str) -> list[tuple[str, ...]]:
    """What an entity is said to be: role, local name of the predicate, tag, text and language of
    each statement, of these roles only where any are given."""
    return sorted(
        (
            one.form.role,
            one.form.predicate.rpartition("#")[2].rpartition("/")[2],
            one.form.tag,
            one.value.value.removeprefix("http://example.org/"),
            one.value.language,
        )
        for one in entity.statements
        if not roles or one.form.role in roles
    )
