"""WikiKGE-10: the two official scorers, the loader, and what the ranker reaches."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.cli.main import cli
from kgenrich.consensus.candidate_groups import ForeignName
from kgenrich.consensus.decision_trees import fit
from kgenrich.consensus.learned_ranker import FILE, FOLDS_FILE, JudgedName, Model, read_models
from kgenrich.consensus.ranker_training import COVERAGE, fold
from kgenrich.errors import InputError
from kgenrich.evaluate.wikikge.benchmark import Item, coverage, errors, normal, precision
from kgenrich.evaluate.wikikge.benchmark_folder import load
from kgenrich.evaluate.wikikge.other_names import OtherNames, other_names
from kgenrich.evaluate.wikikge.report import calibration, half
from kgenrich.evaluate.wikikge.systems import Judgement, m_nta, oracle, systems, untrained
from kgenrich.model import SourceKind
from kgenrich.resources import resource

names = st.lists(st.text("abc é-", min_size=1, max_size=4), max_size=5)


def item(correct: list[str], incorrect: list[str], graph: list[str] | None = None) -> Item:
    listed = [*correct, *incorrect] if graph is None else graph
    return Item("Q1", "it", tuple(correct), tuple(incorrect), tuple(listed))


def test_coverage_is_micro_averaged_over_sets_of_normal_forms() -> None:
    items = [item(["Roma", "Urbe", "urbe!"], []), item(["Milano"], [])]
    found = coverage(items, [["ROMA", "roma", "Rom"], []])
    # Right: roma. Proposed: roma, rom. Gold: roma, urbe, milano.
    assert (found.p, found.r) == (50.0, pytest.approx(100 / 3))
    assert found.f1 == pytest.approx(2 * 100 / (2 + 3))


def test_precision_is_accuracy_and_the_share_of_wrong_names_found() -> None:
    items = [item(["Roma", "Urbe"], ["Rома", "Romma"])]
    found = precision(items, [["Roma", "Romma", "never judged"]])
    # Judged: 4. Roma stands and Rома does not: 2 right. Wrong ones found: 1 of 2.
    assert (found.p, found.r, found.f1) == (50.0, 50.0, 50.0)


def test_errors_are_counted_by_spelling_and_only_among_names_of_the_graph() -> None:
    items = [item(["Acte de foi", "Acte"], ["Acte De Foi"], ["Acte de foi", "Acte De Foi"])]
    found = errors(items, [["Acte De Foi", "not in the graph"]])
    assert (found.p, found.r, found.f1) == (100.0, 100.0, 100.0)


@pytest.mark.slow
@given(names, names)
def test_coverage_agrees_with_a_plain_count(gold: list[str], proposed: list[str]) -> None:
    def plain(text: str) -> str:
        return "".join(c for c in text.lower() if c.isalnum() or c == " ")

    a, b = set(map(plain, gold)), set(map(plain, proposed))
    found = coverage([item(gold, [])], [proposed])
    assert found.f1 == pytest.approx(200 * len(a & b) / (len(a) + len(b)) if a & b else 0)


@given(names, names, names)
def test_precision_agrees_with_a_plain_count(
    right: list[str], wrong: list[str], proposed: list[str]
) -> None:
    offered = {normal(name) for name in proposed}
    kept = [n for n in right if normal(n) in offered]
    dropped = [n for n in wrong if normal(n) not in offered]
    found = precision([item(right, wrong)], [proposed])
    judged = len(right) + len(wrong)
    assert found.p == pytest.approx(100 * (len(kept) + len(dropped)) / judged if judged else 0)
    assert found.r == pytest.approx(100 * len(dropped) / len(wrong) if wrong else 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three entities in Italian and one in English, laid out like the benchmark."""
    write(
        tmp_path / "gold/it.json",
        [
            {"wikidata_id": "Q1", "correct_values": ["Roma", "Urbe"], "incorrect_values": []},
            {"wikidata_id": "Q2", "correct_values": ["Mela"], "incorrect_values": ["Apple!"]},
            {"wikidata_id": "Q3", "correct_values": ["Nulla"], "incorrect_values": []},
        ],
    )
    write(
        tmp_path / "gold/en.json",
        [{"wikidata_id": "Q1", "correct_values": ["Rome"], "incorrect_values": []}],
    )
    write(
        tmp_path / "wikidata/it.json",
        [
            {"wikidata_id": "Q1", "values": ["Roma"], "primary": [True]},
            {"wikidata_id": "Q2", "values": ["Mela", "Apple!"], "primary": [True, False]},
        ],
    )
    write(
        tmp_path / "m-nta/with_gpt-4/it.m-nta.json",
        [
            {"wikidata_id": "Q1", "values": [[4, "Roma", True], [1, "Rom", False]]},
            {"wikidata_id": "Q2", "values": [[1, "Apple", True], [1, "Mela", False]]},
        ],
    )
    write(
        tmp_path / "gpt/it.gpt-4.json",
        [{"wikidata_id": "Q1", "values": [[1, "Roma", True], [1, "Urbe", False]]}],
    )
    return tmp_path


def write(path: Path, records: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_a_folder_becomes_items_with_evidence_by_kind(folder: Path) -> None:
    items = load(folder)
    assert {code: [i.id for i in found] for code, found in items.items()} == {
        "en": ["Q1"],
        "it": ["Q1", "Q2", "Q3"],
    }
    candidates = {c.text: c.evidence for c in items["it"][0].candidates()}
    kinds = [e.kind for e in candidates["Roma"]]
    # Four answers hold it, one of them GPT-4's.
    assert (kinds.count(SourceKind.MT), kinds.count(SourceKind.LLM)) == (3, 1)
    assert [(e.source, e.rank) for e in candidates["Urbe"]] == [("gpt-4", 2)]
    assert items["en"][0].candidates() == []


def test_names_of_the_graph_are_never_evidence(folder: Path) -> None:
    texts = {c.text for i in load(folder)["it"] for c in i.candidates()}
    assert texts == {"Roma", "Rom", "Urbe", "Apple", "Mela"}


def test_the_published_vote(folder: Path) -> None:
    found = m_nta(load(folder)["it"])
    assert found.coverage == [["Roma"], [], []]
    assert found.precision[1] == ["Apple", "Mela"]
    # "Apple!" equals "Apple" in normal form, which has a score of 1.
    assert found.error == [[], [], []]


def test_the_untrained_rule_falls_back_to_the_best_name(folder: Path) -> None:
    found = untrained(load(folder)["it"])
    assert found.coverage == [["Roma"], ["Apple"], []]
    assert found.error[1] == ["Apple!"], "an alias with a score under 3"


def test_the_oracle_takes_what_is_right(folder: Path) -> None:
    items = load(folder)["it"]
    assert oracle(items).coverage == [["Roma", "Urbe"], ["Mela"], []]
    assert errors(items, oracle(items).error).f1 == 100.0


@pytest.mark.parametrize("line", ["{", '{"values": []}', "[1]"])
def test_a_broken_record_is_named(folder: Path, line: str) -> None:
    (folder / "wikidata/it.json").write_text(line + "\n")
    with pytest.raises(InputError, match=r"it\.json, line 1"):
        load(folder)


def test_an_entity_that_the_graph_has_no_names_of_may_be_listed(folder: Path) -> None:
    with (folder / "wikidata/it.json").open("a") as file:
        file.write('{"wikidata_id": "Q3"}\n')
    assert load(folder)["it"][2].names == ()


def test_an_empty_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not hold WikiKGE-10"):
        load(tmp_path)


def test_folds_keep_an_entity_together_and_are_of_one_size() -> None:
    counts = [0] * 5
    for number in range(2000):
        counts[fold(f"Q{number}")] += 1
    assert min(counts) > 340


def test_the_report_has_the_promised_shape(folder: Path) -> None:
    ran = CliRunner().invoke(cli, ["evaluate", "wikikge", str(folder), "--json"])
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)
    assert list(result) == ["coverage", "precision", "error", "calibration", "other_names"]
    systems = ["m-nta", "untrained", "shipped", "cross-validated", "unseen-language", "oracle"]
    for task in ("coverage", "precision", "error"):
        assert list(result[task]) == systems
        for scores in result[task].values():
            assert list(scores) == ["en", "it", "mean"]
            assert all(list(score) == ["p", "r", "f1"] for score in scores.values())
    table = CliRunner().invoke(cli, ["evaluate", "wikikge", str(folder)])
    assert "unseen-language" in table.stdout


def test_reliability_is_told_by_language_and_by_kind(folder: Path) -> None:
    ran = CliRunner().invoke(cli, ["evaluate", "wikikge", str(folder), "--json"])
    found = json.loads(ran.stdout)["calibration"]["cross-validated"]
    assert list(found["by_language"]) == ["en", "it"]
    kinds = found["by_kind"]
    assert list(kinds) == ["proposed", "variant", "label", "alias"]
    assert kinds["proposed"]["names"] == 5, "Roma, Rom, Urbe, Apple, Mela"
    assert (kinds["label"]["names"], kinds["alias"]["names"]) == (2, 1)
    assert sum(row["count"] for row in kinds["proposed"]["table"]) == 5
    assert [cut["wanted"] for cut in found["cuts"]] == [0.9, 0.95, 0.99]
    assert 0 <= found["error_cut"]["cut"] <= 1


def test_cuts_are_chosen_on_one_half_and_told_of_the_other() -> None:
    sure = next(f"Q{n}" for n in range(99) if half(f"Q{n}") == 0)
    told = next(f"Q{n}" for n in range(99) if half(f"Q{n}") == 1)
    items = [
        Item(sure, "it", ("Roma",), (), ("Rom",), (True,)),
        Item(told, "it", ("Milano",), ("Milan",), ("Milan", "Milano"), (True, False)),
    ]
    judged = [
        [JudgedName("Roma", 0.8, "", 0), JudgedName("Rom", 0.3, "", 1)],
        [
            JudgedName("Milano", 0.85, "", 0),
            JudgedName("Milan", 0.82, "", 1),
            JudgedName("M", 0.1, "", 2),
        ],
    ]
    found = calibration({"it": items}, {"it": Judgement(judged, [[0.4], [0.9, 0.2]], 0.7)})
    # 0.8 is right on the first half; on the other, one of the two names over it is.
    assert found["cuts"][0] == {
        "wanted": 0.9,
        "cut": 0.8,
        "names": 2,
        "right": 0.5,
        "of_right": 1.0,
    }
    assert found["error_cut"] == {"cut": 0.4, "p": 100.0, "r": 100.0, "f1": 100.0}


def test_names_in_other_languages_come_from_the_folder_and_from_a_list(
    folder: Path, tmp_path: Path
) -> None:
    write(
        tmp_path / "wikidata/en.json",
        [{"wikidata_id": "Q1", "values": ["Rome"], "primary": [True]}],
    )
    terms = tmp_path / "terms.tsv"
    terms.write_text(
        "qid\tlang\tkind\ttext\nQ1\tde\tlabel\tRom\nQ1\tit\talias\tUrbe\n"
        "Q1\tit-x\tlabel\tRoma\nQ1\tde\tdescription\tStadt\nQ9\tde\tlabel\tx\n"
    )
    assert [f.text for f in load(folder)["it"][0].foreign] == ["Rome"]
    found = load(folder, terms)
    assert [(f.language, f.text) for f in found["it"][0].foreign] == [("en", "Rome"), ("de", "Rom")]
    assert "Roma" in {f.text for f in found["en"][0].foreign}, "no longer the answer there"
    assert found["it"][1].foreign == ()


def test_what_names_in_other_languages_could_add_is_counted() -> None:
    def item(id: str, language: str, right: str, given: str, *names: tuple[str, str]) -> Item:
        foreign = tuple(ForeignName(*name) for name in names)
        return Item(id, language, tuple(right.split()), (), scores={given: 1}, foreign=foreign)

    rome = item("Q1", "it", "Roma Rom", "Roma", ("de", "Rom"), ("en", "Rome"), ("fr", "Rome"))
    alike = item("Q2", "it", "Oslo", "Oslo", ("de", "oslo"))
    unknown = item("Q3", "it", "Parigi", "Lutezia")
    found = other_names([rome, alike, unknown])
    assert found == OtherNames(
        items=2, right=3, given=2, new=2, new_right=1, again=1, again_right=1
    )
    martin = item("Q4", "ru", "Мартин", "Мартин", ("en", "Martin"), ("fr", "1 2 3"))
    found = other_names([martin])
    assert found is not None and (found.again, found.again_right) == (1, 1)
    assert found.new > 0 == found.new_right, "other ways to write it"
    assert other_names([unknown]) is None


def test_what_a_folder_lacks_is_said(folder: Path) -> None:
    for path in (folder / "m-nta/with_gpt-4/it.m-nta.json", folder / "gpt/it.gpt-4.json"):
        path.unlink()
    ran = CliRunner().invoke(cli, ["evaluate", "wikikge", str(folder), "--json"])
    assert ran.exit_code == 0
    assert "m-nta/with_gpt-4/it.m-nta.json is not there" in ran.stderr
    assert "gpt/*.json is not there" in ran.stderr
    assert "wikidata/it.json" not in ran.stderr


def test_the_tables_fit_a_terminal(folder: Path) -> None:
    ran = CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["evaluate", "wikikge", str(folder)])
    lines = ran.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    heads = [line.split() for line in lines if line.startswith("language")]
    systems = ["m-nta", "untrained", "shipped", "cross-validated", "unseen-language", "oracle"]
    *of_systems, others = heads
    assert of_systems == [["language", *systems]] * 3
    assert others[:4] == ["language", "items", "right", "given"]


@pytest.mark.slow
def test_the_real_benchmark(shared_data: Path) -> None:
    """The published vote gives the published figures (on four fifths of the entities), and what
    the models reach on entities and languages that they have not seen."""
    ran = CliRunner().invoke(cli, ["evaluate", "wikikge", str(shared_data / "wikikge10"), "--json"])
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)

    def mean(task: str, system: str) -> float:
        return float(result[task][system]["mean"]["f1"])

    assert mean("coverage", "m-nta") == pytest.approx(48.5, abs=0.5)
    assert mean("precision", "m-nta") == pytest.approx(72.1, abs=0.5)
    assert mean("error", "m-nta") == pytest.approx(42.7, abs=0.7)
    assert mean("coverage", "oracle") == pytest.approx(76.7, abs=1.5)
    assert mean("coverage", "cross-validated") > 56.5
    assert mean("coverage", "unseen-language") > 55
    assert mean("precision", "cross-validated") > 80.5
    assert mean("error", "cross-validated") > 54
    assert result["calibration"]["cross-validated"]["ece"] < 0.02
    assert result["calibration"]["unseen-language"]["ece"] < 0.04


def test_a_language_with_nothing_to_find_has_no_part_in_the_mean(folder: Path) -> None:
    ran = CliRunner().invoke(cli, ["evaluate", "wikikge", str(folder), "--json"])
    errors_found = json.loads(ran.stdout)["error"]["oracle"]
    assert errors_found["en"] == {"p": None, "r": None, "f1": None}, "no name of it is wrong"
    assert errors_found["mean"]["f1"] == errors_found["it"]["f1"] == 100.0


def test_a_language_that_is_none_of_the_ten_gets_figures(folder: Path) -> None:
    for path in list(folder.rglob("it.*")):
        (path.parent / f"eo.{path.name.removeprefix('it.')}").write_bytes(path.read_bytes())
    ran = CliRunner().invoke(cli, ["evaluate", "wikikge", str(folder), "--json"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["coverage"]["unseen-language"]["eo"]["r"] is not None


def test_judgements_that_are_no_lists_are_named(folder: Path) -> None:
    record = {"wikidata_id": "Q1", "correct_values": None, "incorrect_values": []}
    write(folder / "gold/it.json", [record])
    with pytest.raises(InputError, match=r"it\.json, Q1: correct_values"):
        load(folder)


@pytest.mark.parametrize(
    ("file", "record"),
    [
        ("wikidata/it.json", {"values": ["Roma"]}),
        ("wikidata/it.json", {"values": ["Roma"], "primary": [True, False]}),
        ("gpt/it.gpt-4.json", {}),
        ("m-nta/with_gpt-4/it.m-nta.json", {"values": [[4, "Roma"]]}),
    ],
)
def test_answers_of_another_shape_are_named(
    folder: Path, file: str, record: dict[str, object]
) -> None:
    write(folder / file, [{"wikidata_id": "Q1"} | record])
    with pytest.raises(InputError, match=r"Q1: values"):
        load(folder)


def test_a_name_may_be_a_number_and_a_file_begin_with_a_mark(folder: Path) -> None:
    write(folder / "gpt/it.gpt-4.json", [{"wikidata_id": "Q1", "values": [[1, 1984, True]]}])
    path = folder / "gold/it.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(folder)["it"][0].models == {"gpt-4": ("1984",)}


def test_a_regional_language_is_unseen_where_its_base_is(folder: Path) -> None:
    for path in sorted(folder.rglob("it.*json")):
        path.rename(path.with_name(path.name.replace("it.", "it-ch.", 1)))
    models = {**read_models(resource(FILE)), **read_models(resource(FOLDS_FILE))}
    # A model that gives every name the same probability tells itself apart.
    level = fit(np.zeros((1, 1), np.float32), np.ones(1, np.bool_), **COVERAGE)
    models["without-it"] = Model(level, level, 1.0)
    _, judgements = systems(load(folder), models)
    for name, alike in (("unseen-language", True), ("shipped", False)):
        judged = [one.probability for of in judgements[name]["it-ch"].judged for one in of]
        assert (len(set(judged)) == 1) is alike


def test_training_on_a_few_entities_works_and_leaves_what_is_shipped(
    folder: Path, tmp_path: Path
) -> None:
    shipped = [resource(name).read_bytes() for name in (FILE, FOLDS_FILE)]
    for more in ([], ["--output", str(tmp_path / "made")]):
        ran = CliRunner().invoke(
            cli, ["evaluate", "wikikge", str(folder), "--train", "--json", *more]
        )
        assert ran.exit_code == 0, ran.output
    assert [resource(name).read_bytes() for name in (FILE, FOLDS_FILE)] == shipped
    assert "shipped" in read_models(tmp_path / "made" / Path(FILE).name)
