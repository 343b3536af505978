"""The source `glossary`: a table of one's own, found by id, or by name and class together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.errors import InputError, KgenrichError, SourceStopped, UsageError
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, is_refused
from kgenrich.settings import Settings
from kgenrich.sources.base import FreeSource
from kgenrich.verbs.assembly import make_validator
from tests.asking import ALIAS, DESCRIPTION, LABEL, make, want

IRI = "https://example.org/term/7"
GEARBOX = Entity("Q1", {"en": "gearbox"}, classes=("Q9",))


def glossary(tmp_path: Path, text: str, **options: object) -> FreeSource:
    file = tmp_path / "terms.csv"
    file.write_text(text, "utf-8")
    source = make("glossary", {"file": str(file), **options}, name="my-terms")
    assert isinstance(source, FreeSource)
    return source


def said(source: FreeSource, entity: Entity, language: str, kind: TermKind = LABEL) -> list[str]:
    return [c.text for c in source.candidates(want(entity, language, kind))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("cell", "entity"),
    [
        ("Q1", GEARBOX),
        ("http://www.wikidata.org/entity/Q1", GEARBOX),
        (IRI, Entity(IRI, {"en": "gearbox"})),
    ],
)
def test_a_row_is_found_by_id_or_iri_however_the_table_is_written(
    tmp_path: Path, delimiter: str, ending: str, mark: str, cell: str, entity: Entity
) -> None:
    rows = [["ID", "EN", "de", "comment", "zh_Hant"], [cell, "gearbox", "Getriebe", "x", "變速箱"]]
    text = mark + "".join(delimiter.join(row) + ending for row in rows)
    source = glossary(tmp_path, text)
    assert said(source, entity, "de") == said(source, entity, "de-at") == ["Getriebe"]
    assert said(source, entity, "zh-hant") == ["變速箱"]
    assert said(source, entity, "fr") == said(source, Entity("Q2"), "de") == []


def test_the_first_of_several_names_is_the_label_the_others_are_aliases(tmp_path: Path) -> None:
    source = glossary(tmp_path, 'qid,it\nQ1,"cambio | scatola, del cambio|cambio"\n')
    assert said(source, GEARBOX, "it") == ["cambio"]
    assert said(source, GEARBOX, "it", ALIAS) == ["cambio", "scatola, del cambio"]
    there = Entity("Q1", {"it": "Cambio"})
    assert said(source, there, "it", ALIAS) == ["scatola, del cambio"]
    assert said(source, GEARBOX, "it", DESCRIPTION) == []


BY_NAME = "id,en,it\n,gearbox|Gearbox,cambio\n,clutch,frizione\n,clutch,innesto\n,Clutch,x\n"


def test_a_name_finds_a_row_only_where_the_user_says_so_and_of_the_class(tmp_path: Path) -> None:
    assert said(glossary(tmp_path, BY_NAME), GEARBOX, "it") == []
    source = glossary(tmp_path, BY_NAME, name="en", **{"class": "Q9"})
    assert said(source, GEARBOX, "it") == ["cambio"]
    other = Entity("Q2", {"en": "gearbox"}, classes=("Q5",))
    bare = Entity("Q2", {"en": "gearbox"})
    abroad = Entity("Q2", {"de": "gearbox"}, classes=("Q9",))
    double = Entity("Q2", {"en": "clutch"}, classes=("Q9",))
    for entity in (other, bare, abroad, double):
        assert said(source, entity, "it") == []


@pytest.mark.parametrize("half", [{"name": "en"}, {"class": "Q9"}])
def test_a_name_without_a_class_is_refused(tmp_path: Path, half: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="both"):
        glossary(tmp_path, BY_NAME, **half)


def test_evidence_says_which_table_and_how_it_was_found(tmp_path: Path) -> None:
    source = glossary(tmp_path, "id,it\nQ1,cambio\n", licence="CC0-1.0", trust=0.99)
    (candidate,) = source.candidates(want(GEARBOX, "it"))
    (piece,) = candidate.evidence
    assert (piece.source, piece.kind) == ("my-terms", SourceKind.DICTIONARY)
    assert (piece.score, piece.licence) == (0.99, "CC0-1.0")
    assert piece.note == "terms.csv, found by its id"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column id"),
        ("name,it\nx,y\n", "no column id"),
        ("id,comment\nQ1,y\n", "headed by a language"),
        ("id,it\nQ1," + "x" * 200_000 + "\n", "no table"),
    ],
)
def test_what_is_no_glossary_is_said(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SourceStopped, match=why):
        glossary(tmp_path, text)


def test_without_a_file_it_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(SourceStopped, match="file ="):
        make("glossary")
    with pytest.raises(SourceStopped, match="missing"):
        make("glossary", {"file": str(tmp_path / "missing.csv")})


@given(st.binary(max_size=200))
def test_whatever_lies_in_the_file_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(b"id,it\n" + data)
    try:
        source = make("glossary", {"file": str(file)})
    except KgenrichError:
        return
    assert isinstance(source, FreeSource)
    said(source, GEARBOX, "it", ALIAS)


BINDING = "id,it,it forbidden\nQ1,cambio|scatola del cambio,scatola marce|Cambio manuale\n"


def bound(tmp_path: Path, text: str = BINDING, **more: object) -> Settings:
    (tmp_path / "terms.csv").write_text(text, "utf-8")
    table = {"use": "glossary", "file": str(tmp_path / "terms.csv")}
    return Settings(sources={"my-terms": table}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "kind", "text", "codes"),
    [
        ("it", LABEL, "cambio", []),
        ("it", LABEL, "Cambio", []),
        ("it", LABEL, "cambio di velocità", ["E-preferred"]),
        ("it", LABEL, "scatola marce", ["E-forbidden", "E-preferred"]),
        ("it", ALIAS, "cambio di velocità", []),
        ("it", ALIAS, "Scatola Marce", ["E-forbidden"]),
        ("it", ALIAS, "cambio manuale", ["E-forbidden"]),
        ("it", DESCRIPTION, "scatola marce", []),
        ("fr", LABEL, "scatola marce", []),
    ],
)
def test_what_it_forbids_and_prefers_binds_every_name(
    tmp_path: Path, language: str, kind: TermKind, text: str, codes: list[str]
) -> None:
    validator = make_validator(bound(tmp_path), None)
    assert [c for c in validator(want(GEARBOX, language, kind), text) if c[0] == "E"] == codes
    assert not is_refused(validator(want(Entity("Q2"), "it", LABEL), "scatola marce"))


def test_a_surer_source_does_not_pass_it(tmp_path: Path) -> None:
    settings = bound(tmp_path)
    sure = Evidence("names", SourceKind.GRAPH, score=0.999)
    candidates = [Candidate("Q1", "it", LABEL, "scatola marce", (sure,))]
    candidates += glossary(tmp_path, BINDING).candidates(want(GEARBOX, "it"))
    consensus = Consensus(PoolRanker(), make_validator(settings, None))
    best, other = consensus.propose(want(GEARBOX, "it"), candidates)
    assert (best.candidate.text, is_refused(best.codes)) == ("cambio", False)
    assert is_refused(other.codes)


def test_a_disabled_one_binds_nobody_and_one_that_is_gone_is_no_leave(tmp_path: Path) -> None:
    settings = bound(tmp_path, disabled=("my-terms",))
    assert not is_refused(make_validator(settings, None)(want(GEARBOX, "it"), "scatola marce"))
    settings = bound(tmp_path)
    (tmp_path / "terms.csv").unlink()
    with pytest.raises(InputError, match=r"terms\.csv"):
        make_validator(settings, None)
