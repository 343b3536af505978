"""``kgenrich evaluate names``: names held out of a file of terms, and what the figures count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgenrich.cli.main import main
from kgenrich.evaluate.names.held_out_names import hold_out, read_entities
from kgenrich.evaluate.names.name_outcomes import ALL, NameOutcome, slices_of
from kgenrich.evaluate.names.name_report import figures
from kgenrich.model import Entity, TermKind, TermRequest

FIRST = ["Ada", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Gino", "Irene", "Lucia", "Marco"]
LAST = ["Bassi", "Conti", "Ferri", "Gallo", "Leone", "Monti", "Neri", "Riva", "Testa", "Villa"]


def terms(path: Path) -> Path:
    """People whose names are kept, and rivers whose names are translated."""
    lines = ["qid\tlang\tkind\ttext\tsource"]
    number = 0
    for first in FIRST:
        for last in LAST:
            number += 1
            for language in ("en", "fr"):
                lines.append(f"Q{number}\t{language}\tlabel\t{first} {last}\tx")
            number += 1
            lines.append(f"Q{number}\ten\tlabel\t{first}{last.lower()} River\tx")
            lines.append(f"Q{number}\tfr\talias\trivière {first}{last.lower()}\tx")
            lines.append(f"Q{number}\ten\tdescription\triver in Italy\tx")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(("evaluate", "names", *arguments))
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.out, printed.err


def test_names_that_others_teach_are_found_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, details = str(terms(tmp_path / "terms.tsv")), tmp_path / "details.jsonl"
    status, out, err = run(
        capsys, file, "--from", "en", "--to", "fr", "--fold", "3", "--json",
        "--details", str(details), "-s", "names",
    )  # fmt: skip
    assert status == 0, err
    report = json.loads(out)
    french = report["languages"]["fr"]
    assert french["asked"] > 5 and french["top1"] > 0.8 > report["systems"]["copy"]["fr"]["top1"]
    assert report["mean"]["top1"] == french["top1"] and "many words" in report["slices"]
    outcomes = [json.loads(line) for line in details.read_text(encoding="utf-8").splitlines()]
    assert len(outcomes) == french["asked"]
    assert all(outcome["gold"] and "phrases" in outcome["answers"] for outcome in outcomes)


def test_tables_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(
        capsys, str(terms(tmp_path / "terms.tsv")), "--to", "fr", "--items", "5", "-s", "names"
    )
    assert status == 0 and "phrases" in out and "many words" in out


def test_what_cannot_be_asked_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(terms(tmp_path / "terms.tsv"))
    for arguments in ((file,), (file, "--to", "ja")):
        status, _, err = run(capsys, *arguments)
        assert status == 2 and len(err.splitlines()) <= 3
    broken = tmp_path / "broken.tsv"
    broken.write_text("qid\tlang\nQ1\n", encoding="utf-8")
    status, _, err = run(capsys, str(broken), "--to", "fr")
    assert status and "is no term" in err


def test_held_out_entities_show_what_they_are_asked_from_alone(tmp_path: Path) -> None:
    entities = read_entities(terms(tmp_path / "terms.tsv"))
    held = hold_out(entities, ("en",), ("fr",), 400, 3)
    hidden = {request.entity.id for request in held.requests}
    for request, gold in zip(held.requests, held.gold, strict=True):
        assert set(request.entity.labels) == {"en"} and gold
        assert request.kind is TermKind.LABEL
    for entity in held.graph.entities():
        assert ("fr" in entity.labels) is (entity.id not in hidden)
    again = hold_out(entities, ("en",), ("fr",), 2, 3)
    assert again.requests == held.requests[:2]


def outcome(*answers: tuple[str, float]) -> NameOutcome:
    return NameOutcome("Q1", "fr", ("Rome", "Roma"), {ALL: answers}, ("fr",))


def test_a_right_name_is_any_of_the_entity_in_normal_form() -> None:
    assert outcome(("ROMA!", 0.9)).rank(ALL) == 1
    assert outcome(("Rom", 0.9), ("Rome", 0.5)).rank(ALL) == 2
    assert outcome(("Rom", 0.9)).rank(ALL) == outcome().rank(ALL) == 0


def test_figures_count_all_that_was_asked_and_what_was_answered() -> None:
    found = figures(
        [outcome(("Rome", 0.95)), outcome(("Rom", 0.9), ("Rome", 0.1)), outcome(("Rom", 0.3)),
         outcome()]
    )  # fmt: skip
    assert (found["asked"], found["top1"], found["top3"]) == (4, 0.25, 0.5)
    at = {of["threshold"]: (of["answered"], of["right"]) for of in found["thresholds"]}
    assert at == {0.5: (0.5, 0.5), 0.9: (0.5, 0.5), 0.95: (0.25, 1.0)}


def test_slices_tell_classes_cases_words_and_scripts() -> None:
    request = TermRequest(Entity("Q5", labels={"en": "human"}), "ru", TermKind.LABEL)
    assert slices_of(request, frozenset({"Q5"}), frozenset({"ru"})) == (
        "ru", "Cyrl", "other scripts", "one word", "lower case", "class items", "few data",
    )  # fmt: skip
