"""Whole sessions on an ontology: it is harvested, its tables go out, translators work on them as
HPO's do, and what they decided is in the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli
from kgenrich.model import Candidate, Evidence, Proposal, SourceKind, TermKind
from kgenrich.namespaces import OBO
from kgenrich.store.opening import open_store
from kgenrich.store.story.exports import provenance_rows
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import running
from tests.stores import dump

DOCUMENT = """\
format-version: 1.4
ontology: hp-small
property_value: dcterms:license https://creativecommons.org/licenses/by/4.0/

[Term]
id: HP:0000001
name: All {xml:lang="en"}

[Term]
id: HP:0001945
name: Fever {xml:lang="en"}
def: "A body temperature above what is usual." [] {xml:lang="en"}
synonym: "Pyrexia" EXACT [] {xml:lang="en"}
is_a: HP:0000001

[Term]
id: HP:0002315
name: Headache {xml:lang="en"}
is_a: HP:0000001
"""
LABEL, ALIAS = TermKind.LABEL, TermKind.ALIAS


def run(folder: Path, *words: str) -> Result:
    result = CliRunner().invoke(cli, ["--store", str(folder / "kg.db"), *words])
    assert result.exit_code == 0, result.output
    return result


def harvest(folder: Path, document: str) -> None:
    (folder / "hp.obo").write_text(document, encoding="utf-8")
    run(folder, "harvest", "rdf", str(folder / "hp.obo"))


def propose(folder: Path, id: str, text: str, kind: TermKind = LABEL) -> None:
    store = open_store(f"sqlite:///{folder}/kg.db")
    evidence = Evidence("opus", SourceKind.MT, from_language="en", from_text="x", score=0.9)
    candidate = Candidate(OBO + id, "fr", kind, text, (evidence,))
    with running(store, "enrich", {}, "") as made:
        save_proposals(store, made.id, [Proposal(candidate, 1, {"mt": 1}, 0.9, "test")], {})
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store has a small ontology, and two proposals for it."""
    harvest(tmp_path, DOCUMENT)
    propose(tmp_path, "HP_0001945", "Fièvre")
    propose(tmp_path, "HP_0001945", "Pyrexie", ALIAS)
    return tmp_path


def content(folder: Path) -> dict[str, object]:
    store = open_store(f"sqlite:///{folder}/kg.db")
    try:
        return dict(dump(store, "exports", "runs"))
    finally:
        store.close()


def accepted(folder: Path) -> dict[tuple[str, str], tuple[str, str, str]]:
    """What was accepted: text, author and source, by entity and kind."""
    store = open_store(f"sqlite:///{folder}/kg.db")
    try:
        return {
            (row.term.entity.removeprefix(OBO), str(row.term.kind)): (
                row.term.text,
                row.decision.author if row.decision else "",
                row.evidence[0].evidence.source,
            )
            for row in provenance_rows(store, states=("accepted",))
        }
    finally:
        store.close()


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def rows(path: Path) -> list[list[str]]:
    head, *lines = path.read_text("utf-8").splitlines()
    names = ("subject_id", "predicate_id", "source_value", "translation_value")
    places = [head.split("\t").index(name) for name in (*names, "translation_status")]
    return [[line.split("\t")[place] for place in places] for line in lines]


def test_a_table_goes_out_and_comes_back(folder: Path) -> None:
    path = folder / "hp-fr.babelon.tsv"
    run(folder, "exchange", "export", str(path), "-l", "fr", "--from", "en")
    assert rows(path) == [["HP:0001945", "rdfs:label", "Fever", "Fièvre", "CANDIDATE"]]
    before = content(folder)
    run(folder, "exchange", "import", str(path))
    assert content(folder) == before
    edit(path, ("CANDIDATE", "OFFICIAL"), ("\tkgenrich\tALGORITHM", "\tAda\tDOMAIN_EXPERT"))
    run(folder, "exchange", "import", str(path))
    assert accepted(folder) == {("HP_0001945", "label"): ("Fièvre", "Ada", "opus")}
    before = content(folder)
    run(folder, "exchange", "import", str(path))
    again = folder / "again.babelon.tsv"
    run(
        folder, "exchange", "export", str(again), "-l", "fr", "--from", "en", "--states", "accepted"
    )
    run(folder, "exchange", "import", str(again))
    assert content(folder) == before
    assert rows(again) == [["HP:0001945", "rdfs:label", "Fever", "Fièvre", "OFFICIAL"]]


def test_synonyms_go_out_in_a_template(folder: Path) -> None:
    path = folder / "hp-fr.synonyms.tsv"
    run(folder, "exchange", "export", str(path), "-l", "fr", "--from", "en")
    edit(path, ("CANDIDATE", "OFFICIAL"), ("\tkgenrich\tALGORITHM", "\tAda\t"))
    run(folder, "exchange", "import", str(path))
    assert accepted(folder) == {("HP_0001945", "alias"): ("Pyrexie", "Ada", "opus")}


def test_a_candidate_is_rejected_with_its_reason(folder: Path) -> None:
    path = folder / "hp-fr.babelon.tsv"
    run(folder, "exchange", "export", str(path), "-l", "fr", "--from", "en")
    edit(path, ("proposed by opus", "rejected: spelling; accent"))
    run(folder, "exchange", "import", str(path), "--author", "Ada")
    again = folder / "again.babelon.tsv"
    run(
        folder, "exchange", "export", str(again), "-l", "fr", "--from", "en", "--states", "rejected"
    )
    assert rows(again) == [["HP:0001945", "rdfs:label", "Fever", "", "NOT_TRANSLATED"]]
    assert "rejected: spelling; accent" in again.read_text("utf-8")
    before = content(folder)
    run(folder, "exchange", "import", str(again))
    assert content(folder) == before


def working_set(folder: Path) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    run(folder, "exchange", "working-set", str(folder / "hp-fr.babelon.tsv"), "-l", "fr")
    kinds = ("", "-not-translated", "-changed")
    profile, missing, changed = (rows(folder / f"hp-fr{kind}.babelon.tsv") for kind in kinds)
    return profile, missing, changed


def test_translators_keep_their_tables_as_hpo_does(folder: Path) -> None:
    profile, missing, changed = working_set(folder)
    assert profile == [["HP:0001945", "rdfs:label", "Fever", "Fièvre", "CANDIDATE"]]
    assert missing == [
        ["HP:0000001", "rdfs:label", "All", "", "NOT_TRANSLATED"],
        [
            *("HP:0001945", "IAO:0000115", "A body temperature above what is usual.", ""),
            "NOT_TRANSLATED",
        ],
        ["HP:0002315", "rdfs:label", "Headache", "", "NOT_TRANSLATED"],
    ]
    assert changed == []

    # A translator works on what is not translated, and brings it into the table of translations.
    table = folder / "hp-fr.babelon.tsv"
    head, *lines = (folder / "hp-fr-not-translated.babelon.tsv").read_text("utf-8").splitlines()
    theirs = next(line for line in lines if "Headache" in line)
    columns = dict(zip(head.split("\t"), theirs.split("\t"), strict=True)) | {
        "translation_value": "Céphalée",
        "translation_status": "OFFICIAL",
        "translator": "https://orcid.org/0000-0002-1825-0097",
        "translation_date": "2026-02-03",
    }
    edit(table, ("CANDIDATE", "OFFICIAL"))
    with table.open("a", encoding="utf-8") as file:
        file.write("\t".join(columns.values()) + "\n")
    run(folder, "exchange", "import", str(table), "--author", "Ada")
    orcid = "person: https://orcid.org/0000-0002-1825-0097"
    assert accepted(folder) == {
        ("HP_0001945", "label"): ("Fièvre", "Ada", "opus"),
        ("HP_0002315", "label"): ("Céphalée", "Ada", orcid),
    }
    before = content(folder)
    run(folder, "exchange", "import", str(table), "--author", "Ada")
    assert content(folder) == before

    # The ontology changes: what was translated is a candidate again, and keeps its translation.
    harvest(folder, DOCUMENT.replace("name: Headache", "name: Pain in the head"))
    profile, missing, changed = working_set(folder)
    assert profile[1] == ["HP:0002315", "rdfs:label", "Headache", "Céphalée", "CANDIDATE"]
    assert changed == [
        ["HP:0002315", "rdfs:label", "Pain in the head", "Céphalée", "CANDIDATE"],
    ]
    assert [row[0] for row in missing] == ["HP:0000001", "HP:0001945"]

    # The translator confirms by copying the new source, and nothing is left to do.
    edit(table, ("Headache\tCéphalée\tCANDIDATE", "Pain in the head\tCéphalée\tOFFICIAL"))
    profile, missing, changed = working_set(folder)
    assert profile[1] == ["HP:0002315", "rdfs:label", "Pain in the head", "Céphalée", "OFFICIAL"]
    assert changed == []
    run(folder, "exchange", "import", str(table))


def test_what_was_translated_from_another_text_is_not_applied(folder: Path) -> None:
    path = folder / "hp-fr.babelon.tsv"
    run(folder, "exchange", "export", str(path), "-l", "fr", "--from", "en")
    edit(path, ("CANDIDATE", "OFFICIAL"))
    harvest(folder, DOCUMENT.replace("name: Fever", "name: High temperature"))
    result = run(folder, "exchange", "import", str(path))
    assert "1 changed meanwhile" in result.output
    assert accepted(folder) == {}


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    path = folder / "hp-fr.babelon.tsv"
    words = ("exchange", "working-set", str(path), "-l", "fr", "--dry-run", "--json")
    told = json.loads(run(folder, *words).output)
    assert told["translated"] == {"CANDIDATE": 1}
    assert (told["not_translated"], told["changed"]) == (3, 0)
    assert not path.exists()
