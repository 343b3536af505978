"""An OBO document is harvested, enriched and written again: the difference is what is new."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import fastobo
import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli
from kgenrich.model import Candidate, Decision, Proposal, TermKind, Verdict
from kgenrich.namespaces import OBO
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import running

DOCUMENT = """\
format-version: 1.4
ontology: heart
property_value: dcterms:license https://creativecommons.org/licenses/by/4.0/

[Term]
id: X:1
name: heart {xml:lang="en"}
def: "A hollow muscle." [] {xml:lang="en"}
synonym: "pump" RELATED [] {xml:lang="en"}
is_a: X:2 ! organ

[Term]
id: X:2
name: organ {xml:lang="en"}

[Typedef]
id: part_of
name: part of {xml:lang="en"}
xref: BFO:0000050
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store has what the document says."""
    (tmp_path / "heart.obo").write_text(DOCUMENT, encoding="utf-8")
    result = run(tmp_path, "harvest", "rdf", str(tmp_path / "heart.obo"))
    assert result.exit_code == 0, result.output
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(folder / "kg.db"), *words])


def accept(folder: Path, entity: str, language: str, text: str, kind: TermKind) -> None:
    store = open_store(f"sqlite:///{folder}/kg.db")
    candidate = Candidate(OBO + entity, language, kind, text)
    with running(store, "enrich", {}, "") as made:
        save_proposals(store, made.id, [Proposal(candidate, 1, {}, 0.9, "test")], {})
    at = "2026-01-01T00:00:00+00:00"
    save_decisions(store, [Decision(candidate.id, Verdict.ACCEPT, "Ada", text, at)])
    store.close()


def merged(folder: Path, source: str = "heart.obo") -> bytes:
    target = folder / "copy.obo"
    words = ["export", "rdf", "--merge-into", str(folder / source), "-o", str(target)]
    result = run(folder, *words)
    assert result.exit_code == 0, (result.output, result.exception)
    return target.read_bytes()


def test_without_anything_new_the_copy_is_the_document(folder: Path) -> None:
    assert merged(folder) == DOCUMENT.encode()


def test_what_is_new_are_clauses_of_the_document(folder: Path) -> None:
    accept(folder, "X_1", "de", "Herz", TermKind.LABEL)
    accept(folder, "X_1", "de", "Pumpe", TermKind.ALIAS)
    copy = merged(folder).decode()
    old = Counter(str(clause) for frame in fastobo.loads(DOCUMENT) for clause in frame)
    new = Counter(str(clause) for frame in fastobo.loads(copy) for clause in frame)
    assert not old - new
    assert len(new - old) == 2
    added = [line for line in copy.splitlines() if line not in DOCUMENT.splitlines()]
    assert Counter(added) == new - old
    other = folder / "other"
    other.mkdir()
    run(other, "harvest", "rdf", str(folder / "copy.obo"))
    shown = json.loads(run(other, "show", "X:1", "-l", "de", "--json").output)
    texts = {(term["kind"], term["text"]) for term in shown["terms"] if term["text"]}
    assert {("label", "Herz"), ("alias", "Pumpe")} <= texts


def test_a_packed_document_is_unpacked(folder: Path) -> None:
    packed = gzip.compress(DOCUMENT.encode())
    (folder / "packed.obo.gz").write_bytes(packed)
    run(folder, "harvest", "rdf", str(folder / "packed.obo.gz"))
    assert merged(folder, "packed.obo.gz") == DOCUMENT.encode()


def test_what_its_tags_stand_for_has_prefixes_elsewhere(folder: Path) -> None:
    run(folder, "export", "rdf", "-o", str(folder / "heart.ttl"))
    text = (folder / "heart.ttl").read_text(encoding="utf-8")
    assert 'rdfs:label "heart"@en' in text
    assert 'oboInOwl:hasRelatedSynonym "pump"@en' in text
