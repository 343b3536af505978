"""Babelon tables there and back, as their schema and those who use them have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from kgenrich.errors import InputError, UsageError
from kgenrich.exchange import babelon, babelon_owl, robot
from kgenrich.exchange.formats import Header, format_of
from kgenrich.exchange.ontologies.rows import COLUMNS, Status, Translation, read_table, translation
from kgenrich.exchange.ontologies.working_set import working_set
from kgenrich.exchange.unit import Unit, UnitState
from kgenrich.model import RejectReason, TermKind
from tests.exchange.units import texts, unit, units

HEADER = Header("en", "fr", source="http://purl.obolibrary.org/obo/hp.owl", version="2026-03-01")
FEVER = "http://purl.obolibrary.org/obo/HP_0001945"
TABLES = Path(__file__).parent.parent / "fixtures" / "babelon"


def fever(text: str = "Fièvre", **fields: object) -> Unit:
    return unit(text, entity=FEVER, language="fr", source_text="Fever", **fields)  # type: ignore[arg-type]


def saved(path: Path, *given: Unit) -> Path:
    path.write_bytes(b"".join(babelon.write(given, HEADER)))
    return path


def table(path: Path) -> list[dict[str, str]]:
    head, *lines = path.read_text("utf-8").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            fever(),
            {
                "translation_status": "CANDIDATE",
                "translation_value": "Fièvre",
                "translator": "kgenrich",
                "translator_expertise": "ALGORITHM",
                "translation_confidence": "0.910",
                "comment": "proposed by labels",
            },
        ),
        (
            fever(state=UnitState.ACCEPTED, author="https://orcid.org/0000-0002-1825-0097"),
            {
                "translation_status": "OFFICIAL",
                "translator": "https://orcid.org/0000-0002-1825-0097",
                "translator_expertise": "",
                "translation_date": "2026-11-01",
                "translation_confidence": "",
            },
        ),
        (
            fever(state=UnitState.ACCEPTED, author="policy: over 0.95, by Ada"),
            {"translation_status": "UNDER_REVIEW", "translator_expertise": "ALGORITHM"},
        ),
        (
            fever(state=UnitState.REJECTED, author="Ada", reason="style", comment="too long"),
            {
                "translation_status": "NOT_TRANSLATED",
                "translation_value": "",
                "comment": "rejected: style; too long",
            },
        ),
        (fever(kind=TermKind.DEFINITION), {"predicate_id": "IAO:0000115"}),
    ],
)
def test_a_unit_is_a_row_of_the_schema(
    tmp_path: Path, given: Unit, expected: dict[str, str]
) -> None:
    (row,) = table(saved(tmp_path / "t.tsv", given))
    assert tuple(row) == COLUMNS
    common = {
        "subject_id": "HP:0001945",
        "predicate_id": "rdfs:label",
        "source_value": "Fever",
        "source_language": "en",
        "translation_language": "fr",
        "translation_type": "TRANSLATION",
        "source": HEADER.source,
        "source_version": HEADER.version,
    }
    assert row.items() >= (common | expected).items()


@settings(max_examples=60, deadline=None)
@given(given=st.lists(units, max_size=6))
def test_rows_come_back_as_the_units_that_they_were(
    tmp_path_factory: pytest.TempPathFactory, given: list[Unit]
) -> None:
    path = saved(tmp_path_factory.mktemp("t") / "t.tsv", *given)
    found = list(babelon.read(str(path)))
    assert len(found) == len(given)
    rows = [translation(one, HEADER) for one in given]
    by_row = dict(zip(rows, given, strict=True))
    for (_, row), answer in zip(read_table(str(path)), found, strict=True):
        if row not in by_row:
            # Cells are trimmed.
            continue
        sent = by_row[row]
        assert not answer.problem
        assert answer.kind is sent.kind
        assert answer.language == sent.language
        by_person = not sent.author.startswith("policy")
        decided = sent.state in (UnitState.ACCEPTED, UnitState.EDITED) and by_person
        if sent.state is UnitState.REJECTED:
            assert (answer.state, answer.reason) == (UnitState.REJECTED, sent.reason)
        else:
            assert answer.state is (UnitState.ACCEPTED if decided else UnitState.OPEN)
            assert answer.text == " ".join(sent.target.split())


@pytest.mark.parametrize("name", ["NA", "None", "null", "nan", "NULL", "N/A"])
def test_a_term_may_be_called_like_nothing(tmp_path: Path, name: str) -> None:
    given = (fever(name), fever(name, state=UnitState.ACCEPTED, author="Ada"))
    for one in given:
        (answer,) = babelon.read(str(saved(tmp_path / "t.tsv", one)))
        assert answer.text == name


def test_southern_min_is_written_so_that_pandas_keeps_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.tsv", unit("Hoat-sio", entity=FEVER, language="nan"))
    (row,) = table(path)
    assert row["translation_language"] == "zh-min-nan"
    (answer,) = babelon.read(str(path))
    assert answer.language == "nan"


def test_rows_are_sorted_and_trimmed(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "t.tsv",
        unit("b ", entity="http://purl.obolibrary.org/obo/HP_2", source_text=" x  y"),
        unit("a", entity="http://purl.obolibrary.org/obo/HP_1", kind=TermKind.DEFINITION),
        unit("c", entity="http://purl.obolibrary.org/obo/HP_1"),
    )
    rows = table(path)
    assert [(row["subject_id"], row["predicate_id"]) for row in rows] == [
        *(("HP:1", "IAO:0000115"), ("HP:1", "rdfs:label"), ("HP:2", "rdfs:label")),
    ]
    assert (rows[2]["source_value"], rows[2]["translation_value"]) == ("x y", "b")


HEAD = "subject_id\tpredicate_id\tsource_value\tsource_language\ttranslation_language\t"


def answers(tmp_path: Path, head: str, *lines: str) -> list[object]:
    path = tmp_path / "t.tsv"
    path.write_text("\n".join((HEAD + head, *lines)) + "\n", "utf-8")
    return list(babelon.read(str(path)))


def test_what_people_write_is_read(tmp_path: Path) -> None:
    """Columns in another order and further ones, statuses in small letters, NA for nothing."""
    (one,) = answers(
        tmp_path,
        "Line number\ttranslator\ttranslation_status\ttranslation_value\ttranslation_date\tcomment",
        "HP:0001945\trdfs:label\tFever\ten\tfr\t17\tAda\tofficial\t Fièvre \t2026-02-03\tNA",
    )
    assert (one.state, one.text, one.author, one.at) == (
        *(UnitState.ACCEPTED, "Fièvre", "Ada", "2026-02-03"),
    )
    assert (one.comment, one.entity, one.source_text) == ("", "HP:0001945", "Fever")


@pytest.mark.parametrize(
    ("status", "value", "comment", "state", "reason"),
    [
        ("NOT_TRANSLATED", "", "", UnitState.OPEN, ""),
        ("NOT_TRANSLATED", "NA", "", UnitState.OPEN, ""),
        ("CANDIDATE", "Fièvre", "rejected: wrong; no", UnitState.REJECTED, RejectReason.WRONG),
        ("CANDIDATE", "", "", UnitState.OPEN, ""),
        ("UNDER_REVIEW", "Fièvre", "", UnitState.OPEN, ""),
        ("OFFICIAL", "Fièvre", "rejected: wrong", UnitState.ACCEPTED, ""),
        ("CANDIDATE", "x", "rejected by mistake", UnitState.OPEN, ""),
        ("CANDIDATE", "x", "rejected: so nicht", UnitState.REJECTED, ""),
    ],
)
def test_a_status_is_what_was_decided(
    tmp_path: Path, status: str, value: str, comment: str, state: UnitState, reason: str
) -> None:
    (one,) = answers(
        tmp_path,
        "translation_status\ttranslation_value\tcomment",
        f"HP:1\trdfs:label\tFever\ten\tfr\t{status}\t{value}\t{comment}",
    )
    assert (one.state, one.reason, one.problem) == (state, reason, "")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("HP:1\trdfs:seeAlso\tFever\ten\tfr\tCANDIDATE\tx", "'rdfs:seeAlso' is no predicate"),
        ("HP:1\trdfs:label\tFever\ten\tfr\tDONE\tx", "there is no status 'DONE'"),
        ("HP:1\trdfs:label\tFever\ten\tfr\tOFFICIAL\t", "official, but has no translation"),
        ("HP:1\trdfs:label\tFever\ten\t\tOFFICIAL\tx", "it has no language"),
    ],
)
def test_what_nobody_understands_is_told(tmp_path: Path, line: str, why: str) -> None:
    (one,) = answers(tmp_path, "translation_status\ttranslation_value", line)
    assert why in one.problem
    assert one.position == 2


def test_what_is_no_babelon_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("a\tb\n")
    with pytest.raises(InputError, match="no Babelon table: it has no subject_id"):
        list(babelon.read(str(tmp_path / "t.tsv")))


@settings(max_examples=40, deadline=None)
@given(text=texts)
def test_a_candidate_is_an_axiom_and_no_label(text: str) -> None:
    candidate, official = (
        fever(text, state=state, author=author)
        for state, author in ((UnitState.OPEN, ""), (UnitState.ACCEPTED, "Ada"))
    )
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    target = Literal(" ".join(text.split()), language="fr")
    for one, labels in ((candidate, 0), (official, 1)):
        graph = Store()
        graph.load(b"".join(babelon_owl.write([one], HEADER)), RdfFormat.TURTLE)
        assert len(list(graph.quads_for_pattern(NamedNode(FEVER), label, target))) == labels
        annotated = NamedNode("http://www.w3.org/2002/07/owl#annotatedTarget")
        assert [quad.object for quad in graph.quads_for_pattern(None, annotated, None)] == [target]


def test_owl_is_only_written() -> None:
    with pytest.raises(UsageError, match="import the Babelon table"):
        babelon_owl.read("x.owl")


def test_a_template_has_candidates_where_robot_does_not_look(tmp_path: Path) -> None:
    given = [
        fever("Pyrexie", kind=TermKind.ALIAS),
        fever("Température élevée", kind=TermKind.ALIAS, state=UnitState.ACCEPTED, author="Ada"),
        fever("Chaud", kind=TermKind.ALIAS, state=UnitState.REJECTED, reason="wrong", author="Ada"),
    ]
    path = tmp_path / "hp-fr.synonyms.tsv"
    path.write_bytes(b"".join(robot.write(given, HEADER)))
    template, *rows = table(path)
    assert {name: cell for name, cell in template.items() if cell} == {
        "subject_id": "ID",
        "translation_value": "AL oboInOwl:hasExactSynonym@fr",
    }
    assert [row["translation_value"] for row in rows if row["translation_value"]] == [
        "Température élevée"
    ]
    found = {one.id: one for one in robot.read(str(path))}
    for sent in given:
        answer = found[sent.id]
        assert (answer.state, answer.text, answer.sent) == (sent.state, sent.target, sent.sent)
    lines = path.read_text("utf-8").replace("\tPyrexie\tCANDIDATE", "Pyrexie\t\tCANDIDATE")
    path.write_text(lines, "utf-8")
    moved = next(one for one in robot.read(str(path)) if one.text == "Pyrexie")
    assert moved.state is UnitState.ACCEPTED


def test_templates_of_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(
        "ID\tLABEL\tEN\tDE\n"
        "ID\tLABEL\tAL oboInOwl:hasExactSynonym@fr SPLIT=|\tAL rdfs:label@de\n"
        "HP:0001945\tFever\tPyrexie|Fièvre\tFieber\n",
        "utf-8",
    )
    assert [
        (one.state, one.kind, one.language, one.text, one.entity) for one in robot.read(str(path))
    ] == [
        (UnitState.ACCEPTED, kind, language, text, "HP:0001945")
        for kind, language, text in (
            (TermKind.ALIAS, "fr", "Pyrexie"),
            (TermKind.ALIAS, "fr", "Fièvre"),
            (TermKind.LABEL, "de", "Fieber"),
        )
    ]


def row(source: str, value: str, status: str, **fields: str) -> Translation:
    return Translation("en", "fr", "HP:1", "rdfs:label", source, value, status, **fields)


def test_a_changed_source_is_a_candidate_again_until_it_is_confirmed() -> None:
    place = ("HP:1", "rdfs:label")
    old = row("Fever", "Fièvre", "OFFICIAL", translator="Ada")
    made = working_set([old], {place: "Elevated body temperature"}, [], [])
    assert made.profile == [row("Fever", "Fièvre", "CANDIDATE", translator="Ada")]
    (told,) = made.changed
    assert (told.source_value, told.translation_value, told.comment) == (
        *("Elevated body temperature", "Fièvre", "was translated from: Fever"),
    )
    confirmed = row("Elevated body temperature", "Fièvre", "OFFICIAL")
    again = working_set([confirmed], {place: "Elevated body temperature"}, [], [])
    assert (again.profile, again.changed, again.not_translated) == ([confirmed], [], [])
    spelled = working_set([old], {place: "fever."}, [], [])
    assert (spelled.profile[0].source_value, spelled.changed) == ("fever.", [])
    assert spelled.profile[0].translation_status == Status.OFFICIAL


def test_what_is_there_stays_and_what_is_missing_is_listed() -> None:
    missing = row("Fever", "", "NOT_TRANSLATED")
    place = ("HP:1", "rdfs:label")
    assert working_set([missing], {place: "Fever"}, [], [missing]).not_translated == [missing]
    theirs, ours = row("Fever", "Fièvre", "OFFICIAL"), row("Fever", "Pyrexie", "OFFICIAL")
    assert working_set([theirs], {place: "Fever"}, [ours], [missing]).profile == [theirs]
    candidate = row("Fever", "Pyrexie", "CANDIDATE")
    assert working_set([candidate], {place: "Fever"}, [theirs], [missing]).profile == [theirs]
    made = working_set([], {place: "Fever"}, [candidate], [missing])
    assert (made.profile, made.not_translated) == ([candidate], [])
    gone = working_set([theirs], {}, [], [])
    assert gone.profile == [theirs]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("hp-fr.babelon.tsv", "babelon"),
        ("hp-fr.babelon.tsv.gz", "babelon"),
        ("hp-fr.synonyms.tsv", "robot"),
        ("a.tsv", "tsv"),
        ("hp-fr.owl", "babelon-owl"),
    ],
)
def test_a_name_says_the_format(name: str, form: str) -> None:
    assert format_of(name).name == form


def test_what_the_package_babelon_writes_says_the_same() -> None:
    """`babelon merge` reads our table and writes it: only names that pandas takes for nothing are
    lost, and those decide nothing."""
    sent = list(babelon.read(str(TABLES / "written.babelon.tsv")))
    back = list(babelon.read(str(TABLES / "merged-0.3.6.babelon.tsv")))
    assert len(sent) == len(back) == 28
    lost = [one for one in back if one.problem]
    kept = {(one.entity, one.kind, one.text, one.state, one.language) for one in back}
    missed = [
        one.text
        for one in sent
        if (one.entity, one.kind, one.text, one.state, one.language) not in kept
    ]
    assert sorted(missed) == ["#N/A", "NA", "None", "nan", "null"]
    assert {one.problem for one in lost} == {"it is official, but has no translation"}
    assert len(lost) == len(missed)
    assert [one.text for one in back if one.language == "nan"] == ["Hoat-sio"]


def test_the_changes_of_the_package_babelon_are_read() -> None:
    found = list(babelon.read(str(TABLES / "changed-0.3.6.babelon.tsv")))
    assert {(one.entity, one.source_text) for one in found} == {("HP:0001945", "Fever")}
    assert not [one.problem for one in found if one.problem]
