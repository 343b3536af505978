"""What comes back becomes decisions, once, and only where nothing changed meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kgenrich.errors import InputError, UsageError
from kgenrich.model import Entity, Verdict
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.decisions import decisions
from kgenrich.verbs.decide import DecideOptions, accept, edit, reject
from kgenrich.verbs.undoing import UndoOptions, undo
from tests.exchange.world import IDS, PROPOSALS, WRITER, Desk, edit_lines

Changes = dict[str, dict[str, Any]]
NAMES = {id: name for name, id in IDS.items()}


def changed(desk: Desk, changes: Changes, **options: Any) -> Any:
    """Write all, change some of it, read it."""
    path = edit_lines(
        desk.out("units.jsonl", **options), lambda unit: unit | changes.get(NAMES[unit["id"]], {})
    )
    return desk.back(path)


EVERYTHING: Changes = {
    "city": {"state": "accepted"},
    "told": {"target": "la capitale tedesca"},
    "writer": {"state": "rejected", "reason": "language", "comment": "so nicht"},
    "alias": {"state": "accepted", "target": "D. N. A."},
}
DECIDED = {
    "city": ("accept", "Berlino", "ann", ""),
    "told": ("edit", "la capitale tedesca", "ann", ""),
    "writer": ("reject", "Douglas Adams", "ann", "language"),
    "alias": ("edit", "D. N. A.", "ann", ""),
}


def test_every_answer_becomes_what_it_says(place: Desk) -> None:
    report = changed(place, EVERYTHING)
    assert place.decided() == DECIDED
    assert report.counts == {"accepted": 1, "edited": 2, "rejected": 1, "left": 1}
    assert (report.decided, report.new, report.rows) == (4, 4, [])


def test_twice_changes_nothing(place: Desk) -> None:
    changed(place, EVERYTHING)
    before = place.content()
    again = place.back(place.folder / "units.jsonl")
    assert place.content() == before
    assert (again.decided, again.counts["decided so before"], again.rows) == (0, 4, [])
    assert again.action == ""


def test_an_untouched_file_changes_nothing(place: Desk) -> None:
    path, before = place.out("units.jsonl", languages=()), place.content()
    assert place.back(path).counts["left"] == 6
    assert place.content() == before


def test_a_dry_run_tells_the_same_and_decides_nothing(lite: Desk) -> None:
    path = lite.out("units.jsonl")
    edit_lines(path, lambda unit: unit | EVERYTHING.get(NAMES[unit["id"]], {}))
    before = lite.content()
    told = lite.back(path, dry_run=True)
    assert lite.content() == before
    done = lite.back(path)
    assert (told.counts, told.decided) == (done.counts, done.decided)


def test_it_is_one_action_that_is_taken_back(place: Desk) -> None:
    report = changed(place, EVERYTHING)
    undone = undo(place.workspace, UndoOptions(action=report.action, author="ann"))
    assert undone.taken_back == 4
    assert place.decided() == {}


def test_the_text_of_a_rival_accepts_that(lite: Desk) -> None:
    changed(lite, {"city": {"target": "Berlin"}})
    assert lite.decided() == {"second": ("accept", "Berlin", "ann", "")}


def test_who_and_when_are_those_of_the_file(lite: Desk) -> None:
    told = {"state": "accepted", "author": "Ada\n", "at": "2026-11-02T10:00:00+02:00"}
    path = edit_lines(lite.out("units.jsonl"), lambda unit: unit | told)
    lite.back(path, author=None)
    [decision] = decisions(lite.store, IDS["city"])
    assert (decision.author, decision.at) == ("Ada", "2026-11-02T08:00:00+00:00")


@pytest.mark.parametrize("author", ["policy: over 0.5", "Policy", ""])
@pytest.mark.parametrize("at", ["3026-01-01", "yesterday", "9999-12-31T23:59:59-14:00"])
def test_a_file_is_no_policy_and_not_from_tomorrow(lite: Desk, author: str, at: str) -> None:
    told = {"state": "accepted", "author": author, "at": at}
    path = edit_lines(lite.out("units.jsonl"), lambda unit: unit | told)
    lite.back(path, author=None)
    [decision] = decisions(lite.store, IDS["city"])
    assert decision.author and not decision.author.lower().startswith("policy")
    assert decision.at < "3000"


def test_a_change_of_the_entity_is_told(lite: Desk) -> None:
    path = lite.out("units.jsonl")
    new = Entity("Q42", labels=WRITER.labels, classes=("Q5",), revision=9)
    load_entities(lite.store, [new])
    edit_lines(path, lambda unit: unit | {"state": "accepted"})
    report = lite.back(path)
    assert {row["entity"]: row["outcome"] for row in report.rows} == {"Q42": "changed meanwhile"}
    assert "writer" not in lite.decided() and "city" in lite.decided()
    named = lite.back(path, anyway=(IDS["writer"][:12],))
    assert named.counts["accepted"] == 1 and "writer" in lite.decided()


def test_a_change_of_the_source_text_is_told(lite: Desk) -> None:
    path = lite.out("units.jsonl")
    edit_lines(path, lambda u: u | {"state": "accepted", "basis": "", "source_text": "old"})
    assert {row["why"] for row in lite.back(path).rows} >= {"the source text is now: Berlin"}
    assert lite.decided() == {}


def test_what_somebody_decided_meanwhile_stays(place: Desk) -> None:
    path = place.out("units.jsonl")
    accept(place.workspace, DecideOptions(candidates=(IDS["second"],), author="bob"))
    reject(place.workspace, DecideOptions(candidates=(IDS["writer"],), author="bob"))
    held = place.decided()
    edit_lines(path, lambda unit: unit | {"state": "accepted"})
    report = place.back(path)
    told = {row["entity"] + row["kind"]: row["why"] for row in report.rows}
    assert told == {
        "Q64label": "bob: accept Berlin",
        "Q42label": "bob: reject Douglas Adams",
    }
    assert held.items() <= place.decided().items()
    place.back(path, anyway=(IDS["city"],))
    assert place.decided()["city"] == ("accept", "Berlino", "ann", "")


def test_what_was_decided_goes_out_and_can_be_corrected(lite: Desk) -> None:
    workspace = lite.workspace
    edit(workspace, DecideOptions(candidates=(IDS["city"],), text="Berlino!", author="bob"))
    reject(workspace, DecideOptions(candidates=(IDS["writer"],), reason="wrong", author="bob"))
    states = ("accepted", "rejected")
    path, before = lite.out("units.jsonl", states=states), lite.content()
    sent = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {(one["state"], one["target"], one["author"]) for one in sent} == {
        ("edited", "Berlino!", "bob"),
        ("rejected", "Douglas Adams", "bob"),
    }
    lite.back(path)
    assert lite.content() == before
    changes = {"city": {"target": "Berlino"}, "writer": {"state": "accepted"}}
    changed(lite, changes, states=states)
    assert lite.decided() == {
        "city": ("accept", "Berlino", "ann", ""),
        "writer": ("accept", "Douglas Adams", "ann", ""),
    }


def test_an_old_file_does_not_bring_back_what_was_taken_back(lite: Desk) -> None:
    accept(lite.workspace, DecideOptions(candidates=(IDS["city"],), author="bob"))
    path = lite.out("units.jsonl", states=("accepted",))
    undo(lite.workspace, UndoOptions(author="bob"))
    assert lite.back(path).counts["left"] == 1
    assert lite.decided() == {}


def test_what_the_target_forbids_is_told(lite: Desk) -> None:
    report = changed(lite, {"city": {"target": "[[Berlino]]"}, "told": {"target": "x" * 251}})
    whys = {row["kind"]: row["why"].partition(":")[0] for row in report.rows}
    assert whys == {"label": "E-markup", "description": "E-length"}
    assert lite.decided() == {}


def test_what_cannot_be_used_is_told_by_line_and_the_rest_goes_on(lite: Desk) -> None:
    path = edit_lines(lite.out("units.jsonl"), lambda unit: unit | {"state": "accepted"})
    lines = path.read_text("utf-8").splitlines()
    lines[1:1] = ['{"state": "perhaps"}', "[", '{"id": "ffff", "state": "accepted"}']
    path.write_text("\n".join(lines), "utf-8")
    report = lite.back(path)
    assert [(row["line"], row["outcome"]) for row in report.rows] == [
        (2, "damaged"),
        (3, "damaged"),
        (4, "unknown"),
    ]
    assert len(lite.decided()) == 5


def test_two_answers_on_one_unit_are_not_both_applied(lite: Desk) -> None:
    path = edit_lines(lite.out("units.jsonl", ids=("Q64",), kinds=("label",)), lambda u: u)
    unit = json.loads(path.read_text("utf-8"))
    told = [unit | {"target": "Berlinetto"}, unit | {"target": "Berlinone"}]
    path.write_text("\n".join(map(json.dumps, told)), "utf-8")
    report = lite.back(path)
    assert [(row["line"], row["outcome"]) for row in report.rows] == [(2, "twice")]
    assert lite.decided()["city"][1] == "Berlinetto"


def test_a_term_is_found_without_an_id(lite: Desk) -> None:
    unit = {"entity": "http://www.wikidata.org/entity/Q64", "language": "IT", "kind": "label"}
    path = lite.folder / "units.jsonl"
    path.write_text(json.dumps(unit | {"state": "accepted", "target": "Berlino"}), "utf-8")
    lite.back(path)
    assert lite.decided() == {"city": ("accept", "Berlino", "ann", "")}


def test_what_nobody_proposed_is_the_term_of_its_author(lite: Desk) -> None:
    unit = {"entity": "Q64", "language": "fr", "kind": "label", "author": "Ada"}
    path = lite.folder / "units.jsonl"
    path.write_text(json.dumps(unit | {"state": "accepted", "target": "Berlin"}), "utf-8")
    report = lite.back(path, author=None)
    assert (report.counts["accepted"], report.rows) == (1, [])
    content = lite.content()
    assert lite.back(path, author=None).counts["decided so before"] == 1
    assert lite.content() == content


def test_only_what_is_finished(lite: Desk) -> None:
    path = lite.out("units.jsonl")
    edit_lines(path, lambda unit: unit | {"target": unit["target"] + "o"})
    assert lite.back(path, approved_only=True).counts["left"] == 5
    assert lite.decided() == {}


def test_a_file_that_is_cut_off_is_not_applied(lite: Desk) -> None:
    path = edit_lines(lite.out("units.jsonl"), lambda unit: unit | {"state": "accepted"})
    packed = lite.out("packed.jsonl.gz")
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(InputError, match="cut off"):
        lite.back(packed)
    assert lite.decided() == {} and path.exists()


def test_somebody_who_decides_at_the_same_moment_is_not_overwritten(lite: Desk) -> None:
    from msgspec.structs import replace

    from kgenrich.errors import StoreError
    from kgenrich.store.story.decisions import save_decisions
    from kgenrich.verbs import exchange_import
    from tests.store.test_proposals import decision

    theirs = replace(decision(PROPOSALS["city"], Verdict.REJECT), author="bob")
    check = exchange_import._Unchanged({IDS["city"]: None}, [])
    save_decisions(lite.store, [theirs])
    mine = decision(PROPOSALS["city"], Verdict.ACCEPT)
    with pytest.raises(StoreError, match="bob"):
        save_decisions(lite.store, [mine], check)
    assert lite.decided()["city"][2] == "bob"


def test_nobody_can_be_named_who_is_not_there(lite: Desk) -> None:
    with pytest.raises(UsageError, match="--anyway"):
        lite.back(lite.out("units.jsonl"), anyway=("abc",))


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ({"kinds": ("label",)}, {"Berlino", "Douglas Adams", "un & 'c' %s < d"}),
        ({"ids": ("q64",)}, {"Berlino", "capitale della Germania"}),
        ({"class_id": "Q5"}, {"Douglas Adams", "DNA"}),
        ({"links": 2}, {"Berlino", "capitale della Germania"}),
        ({"limit": 1}, {"Berlino"}),
        ({"languages": ("ja",)}, {"ダグラス・アダムズ"}),
        ({"floor": 0.95}, set()),
        ({"source": "big", "kinds": ("alias",)}, {"DNA"}),
    ],
)
def test_what_goes_out_is_narrowed_as_the_queue_is(
    lite: Desk, options: dict[str, Any], texts: set[str]
) -> None:
    path = lite.out("units.jsonl", **options)
    sent = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {one["target"] for one in sent} == texts


def test_a_unit_tells_what_helps_to_decide(lite: Desk) -> None:
    path = lite.out("units.jsonl", ids=("Q64",), kinds=("label",), from_languages=("ja", "de"))
    unit = json.loads(path.read_text("utf-8"))
    assert (unit["source_language"], unit["source_text"]) == ("ja", "ベルリン")
    assert unit["context"][:3] == ["en: Berlin", "en: capital of Germany", "de: Berlin"]
    assert "is a: city" in unit["context"] and "two agree" in unit["context"]
    assert unit["maximum"] == 250
    first, second = unit["suggestions"]
    assert (first["text"], first["sources"]) == ("Berlino", ["names", "big"])
    assert (second["text"], second["probability"]) == ("Berlin", 0.4)


def test_a_term_without_any_source_text_is_not_lost(lite: Desk) -> None:
    path = lite.out("units.jsonl", ids=("Q64",), kinds=("label",), from_languages=("ru",))
    unit = json.loads(path.read_text("utf-8"))
    assert unit["source_text"] in ("Q64", "Berlin")
