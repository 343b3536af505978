"""Deciding as a person does it: what counts is the graph as it is now."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from kgenrich.cli.main import main
from kgenrich.model import Entity, TermKind, Value
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import save_proposals
from tests.enrich.test_enrich import Service, run
from tests.store.test_proposals import proposal

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS
CITY = Entity("Q64", labels={"en": "Berlin", "de": "Berlin"}, classes=("Q515",), revision=8)
WRITER = Entity(
    "Q42",
    labels=dict.fromkeys(("en", "de", "fr", "es"), "Douglas Adams"),
    classes=("Q5",),
    claims={"P31": (Value("entity", "Q5"),)},
    revision=7,
)
MERGED = Entity("Q9", labels={"en": "one"}, revision=3)
GONE = Entity("Q10", labels={"en": "two"}, revision=3)
PROPOSALS = {
    "city": proposal("Q64", "Berlino"),
    "second": proposal("Q64", "Berlin", rank=2, probability=0.4),
    "bracket": proposal("Q64", "Berlim (cidade)", "pt"),
    "writer": proposal("Q42", "Douglas Adams"),
    "alias": proposal("Q42", "DNA", kind=ALIAS),
    "merged": proposal("Q9", "uno"),
    "gone": proposal("Q10", "due"),
}
IDS = {name: one.candidate.id for name, one in PROPOSALS.items()}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Proposals made for the graph as it was."""
    path = tmp_path / "graph.db"
    store = open_store(f"sqlite:///{path}", create=True)
    load_entities(store, [CITY, WRITER, MERGED, GONE])
    save_proposals(store, 1, list(PROPOSALS.values()), {"Q64": 8, "Q42": 7, "Q9": 3, "Q10": 3})
    store.close()
    return path


@pytest.fixture
def kgenrich(
    database: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command line on that store; gives code, output, errors."""
    monkeypatch.chdir(database.parent)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("LC_ALL", "LC_MESSAGES", "KGENRICH_CONFIG", "KGENRICH_STORE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["--store", str(database), *arguments])
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return call


def change(database: Path, *entities: Entity) -> None:
    store = open_store(f"sqlite:///{database}")
    load_entities(store, entities)
    store.close()


def moved_on(database: Path) -> None:
    """Somebody edited one entity, merged one and deleted one."""
    change(
        database,
        replace(CITY, revision=9),
        replace(MERGED, redirect="Q42", revision=4),
        replace(GONE, deleted=True),
    )


@pytest.mark.parametrize(
    ("name", "code"), [("city", "E-stale"), ("merged", "E-redirect"), ("gone", "E-deleted")]
)
@pytest.mark.parametrize("verb", ["accept", "edit"])
def test_what_changed_since_cannot_be_accepted(
    kgenrich: Command, database: Path, name: str, code: str, verb: str
) -> None:
    moved_on(database)
    wording = ["other"] if verb == "edit" else []
    left, out, err = kgenrich("decide", verb, IDS[name], *wording)
    assert (left, out) == (2, "") and code in err and "the entity was" in err
    left, _, _ = kgenrich("decide", verb, IDS[name], *wording, "--anyway")
    assert left == (0 if code == "E-stale" else 2), "only a change can be waived"
    assert kgenrich("decide", "reject", IDS[name])[0] == 0


def test_one_that_cannot_be_accepted_stops_all_that_are_named(
    kgenrich: Command, database: Path
) -> None:
    moved_on(database)
    assert kgenrich("decide", "accept", IDS["writer"], IDS["city"])[0] == 2
    listed = json.loads(kgenrich("decide", "list", "--json")[1])
    assert IDS["writer"] in {row["candidate"] for row in listed}


def test_a_policy_leaves_what_should_be_looked_at_to_people(
    kgenrich: Command, database: Path
) -> None:
    asked = ("decide", "accept", "-l", "pt", "--over", "0.5", "--json", "--dry-run")
    told = json.loads(kgenrich(*asked)[1])
    assert (told["decided"], told["left_out"]) == (0, {"W-qualifier": 1})
    assert json.loads(kgenrich(*asked, "--despite", "W-qualifier")[1])["decided"] == 1


def test_a_policy_leaves_out_and_counts(kgenrich: Command, database: Path) -> None:
    moved_on(database)
    policy = ("decide", "accept", "--over", "0.5", "-l", "it,pt", "-k", "label")
    told = json.loads(kgenrich(*policy, "--dry-run", "--json")[1])
    assert told["left_out"] == {"E-stale": 2, "E-redirect": 1, "E-deleted": 1}
    assert (told["decided"], told["new"]) == (1, 0)
    _, out, _ = kgenrich(*policy)
    assert "2 left out: E-stale the entity was changed since" in out
    assert "1 decided, 1 of them anew." in out
    assert kgenrich(*policy, "--anyway")[0] == 2


def test_list_and_show_tell_what_speaks_against_now(kgenrich: Command, database: Path) -> None:
    def codes() -> dict[str, list[str]]:
        listed = json.loads(kgenrich("decide", "list", "--json", "--all")[1])
        return {row["candidate"]: row["codes"] for row in listed}

    assert codes()[IDS["city"]] == []
    moved_on(database)
    assert codes()[IDS["city"]] == ["E-stale"]
    assert codes()[IDS["merged"]] == ["E-redirect", "E-stale"]
    assert codes()[IDS["gone"]][:1] == ["E-deleted"]
    assert "E-stale" in kgenrich("decide", "list")[1]
    assert "objections: E-stale" in kgenrich("show", "Q64", "-l", "it")[1]


def test_enriching_again_makes_a_stale_proposal_fresh(kgenrich: Command, database: Path) -> None:
    def enrich() -> int:
        store = open_store(f"sqlite:///{database}")
        tally = run(store, Service())
        store.close()
        return tally.new

    assert enrich() > 0 and enrich() == 0
    listed = json.loads(kgenrich("decide", "list", "-l", "ja", "--json")[1])
    mine = next(row["candidate"] for row in listed if row["entity"] == "Q42")
    change(database, replace(WRITER, revision=70))
    assert kgenrich("decide", "accept", mine)[0] == 2
    assert enrich() > 0
    assert kgenrich("decide", "accept", mine)[0] == 0


def test_a_second_label_supersedes_the_first(
    kgenrich: Command, database: Path, tmp_path: Path
) -> None:
    _, out, _ = kgenrich("decide", "accept", IDS["city"], IDS["alias"], "--author", "ann")
    assert "accept Q64 it label: Berlino\n" in out and "accept Q42 it alias: DNA\n" in out
    _, out, _ = kgenrich("decide", "edit", IDS["second"], "Berlin (Germania)")
    assert "edit Q64 it label: Berlin (Germania) (W-qualifier)" in out
    assert "supersedes Berlino (accept by ann)" in out
    path = tmp_path / "out.nt"
    assert kgenrich("export", "rdf", "-o", str(path), "-l", "it")[0] == 0
    labels = [line for line in path.read_text().splitlines() if "rdf-schema#label" in line]
    assert len(labels) == 1 and "Germania" in labels[0]
    _, out, _ = kgenrich("show", "Q64", "-l", "it")
    assert out.count("superseded") == 1


def test_edits_leave_out_what_the_graph_has_overtaken(
    kgenrich: Command, database: Path, tmp_path: Path
) -> None:
    named = [IDS[name] for name in ("city", "alias", "merged", "gone")]
    assert kgenrich("decide", "accept", *named)[0] == 0
    moved_on(database)
    change(database, replace(CITY, labels={**CITY.labels, "it": "Berlino"}, revision=9))
    path = str(tmp_path / "edits.qs")
    told = kgenrich("export", "quickstatements", "-o", path, "--allow-licence", "unknown", "--json")
    assert json.loads(told[1])["refused"] == {
        "the entity was merged into another": 1,
        "the entity was deleted": 1,
        "the graph has the term by now": 1,
    }
    assert Path(path).read_text() == 'Q42\tAit\t"DNA"\n'


def test_soft_codes_are_told(kgenrich: Command) -> None:
    _, out, _ = kgenrich("decide", "accept", IDS["bracket"])
    assert "accept Q64 pt label: Berlim (cidade) (W-qualifier)" in out


def test_the_list_names_entities_and_says_what_it_cut(kgenrich: Command) -> None:
    _, out, err = kgenrich("decide", "list", "--limit", "4", "-l", "it")
    assert ("Q42 Douglas Adams" in out, "4 of 5 shown: --limit" in err) == (True, True)
    _, out, err = kgenrich("decide", "list", "-l", "pt", "--class", "q515")
    assert "Q64 Berlin" in out and "shown" not in err


def test_the_list_fits_a_terminal_of_80_columns(
    kgenrich: Command, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "Stadt an der Spree im Nordosten des Landes, Sitz der Regierung"
    store = open_store(f"sqlite:///{database}")
    save_proposals(store, 1, [proposal("Q64", long, "de", kind=DESCRIPTION)], {"Q64": 8})
    store.close()
    wide = kgenrich("decide", "list")[1]
    assert "votes" in wide and "graph 1" in wide
    monkeypatch.setenv("COLUMNS", "80")
    _, out, err = kgenrich("decide", "list", "--all")
    lines = out.splitlines()
    rows = json.loads(kgenrich("decide", "list", "--all", "--json")[1])
    assert len(rows) == len(IDS) + 1
    assert lines[0].split()[:5] == ["candidate", "entity", "term", "text", "p"]
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 2 + 2 * len(rows), "a line or two each, for a block took eight"
    starts = [line.split()[0] for line in lines[2:] if not line.startswith(" ")]
    assert starts == [row["candidate"][:10] for row in rows]
    assert set(long.split()) <= set(out.split()), "nothing is cut"
    assert "120 columns" in err


def test_the_unlikely_is_shown_on_request(kgenrich: Command, database: Path) -> None:
    def listed(*filters: str) -> set[str]:
        return {
            row["candidate"]
            for row in json.loads(kgenrich("decide", "list", "--json", *filters)[1])
        }

    kgenrich("decide", "reject", IDS["city"])
    assert IDS["second"] not in listed()
    unlikely = proposal("Q42", "D. A.", "fr", probability=0.3)
    assert listed("--over", "0.1") >= listed()
    assert unlikely.candidate.id not in listed("--over", "0.1")


def test_the_list_page_by_page_and_whole_as_json(kgenrich: Command) -> None:
    whole = json.loads(kgenrich("decide", "list", "--json", "--all")[1])
    assert len(whole) == len(IDS)
    pages = [
        json.loads(
            kgenrich("decide", "list", "--json", "--all", *f"--limit 3 --offset {n}".split())[1]
        )
        for n in (0, 3, 6, 9)
    ]
    assert [row for page in pages for row in page] == whole and pages[3] == []


def test_an_entity_is_described_beside(kgenrich: Command, database: Path) -> None:
    change(database, replace(CITY, descriptions={"de": "Stadt an der Spree"}, revision=8))
    assert "Stadt an der Spree" in kgenrich("decide", "list")[1]


def test_a_mass_acceptance_is_taken_back_as_one(kgenrich: Command) -> None:
    before = json.loads(kgenrich("decide", "list", "--json", "--all")[1])
    report = json.loads(
        kgenrich("decide", "accept", "--over", "0.5", "--author", "ann", "--json")[1]
    )
    assert report["new"] == 5 and report["action"]
    (line,) = json.loads(kgenrich("decide", "log", "--json")[1])
    assert (line["author"], line["decisions"]) == ("policy: over 0.5, by ann", 5)
    rows = json.loads(kgenrich("decide", "list", "--all", "--json")[1])
    assert sum(row["decision"] is not None for row in rows) == 5
    assert "accept by policy: over 0.5, by ann" in kgenrich("decide", "list", "--all")[1]
    _, out, _ = kgenrich("decide", "undo", report["action"][:6], "--author", "ben")
    assert "5 taken back, 0 earlier ones hold again" in out
    after = json.loads(kgenrich("decide", "list", "--all", "--json")[1])
    assert [row | {"decision": None} for row in after] == before
    assert {row["decision"]["verdict"] for row in after if row["decision"]} == {"reopen"}
    assert {row["candidate"] for row in json.loads(kgenrich("decide", "list", "--json")[1])} == {
        row["candidate"] for row in before if row["probability"] >= 0.5
    }


def test_undo_goes_back_step_by_step(kgenrich: Command) -> None:
    def verdict() -> str:
        rows = json.loads(kgenrich("decide", "list", "--all", "--json")[1])
        held = next(row["decision"] for row in rows if row["candidate"] == IDS["city"])
        return held["verdict"] if held else ""

    kgenrich("decide", "reject", IDS["city"][:10], "--author", "ann", "--reason", "spelling")
    kgenrich("decide", "accept", IDS["city"][:10], "--author", "ann")
    steps = []
    for _ in range(2):
        code, out, _ = kgenrich("decide", "undo", "--author", "ann")
        steps.append((code, verdict()))
        assert "1 taken back" in out
    assert steps == [(0, "reject"), (0, "reopen")]
    code, _, err = kgenrich("decide", "undo", "--author", "ann")
    assert code == 2 and "nothing of ann to take back" in err
    assert kgenrich("decide", "undo", "zz")[0] == 2 and kgenrich("decide", "undo", "0" * 16)[0] == 2
    _, out, _ = kgenrich("show", "Q64", "-l", "it")
    assert out.count("(superseded)") == 3


def test_undo_takes_back_the_policy_that_one_ran_last(kgenrich: Command) -> None:
    kgenrich("decide", "reject", IDS["writer"], "--author", "ann")
    kgenrich("decide", "accept", "--over", "0.9", "-l", "it", "--author", "ann")
    kgenrich("decide", "accept", "--over", "0.9", "-k", "alias", "--author", "joann")
    kgenrich("decide", "undo", "--author", "ann")
    _, log, _ = kgenrich("decide", "log")
    assert "policy: languages it, over 0.9, by ann" in log
    rows = json.loads(kgenrich("decide", "log", "--json")[1])
    assert rows[0]["undoes"] == next(r["action"] for r in rows if r["author"].endswith("by ann"))
    kgenrich("decide", "undo", "--author", "ann")
    assert json.loads(kgenrich("decide", "log", "--json")[1])[0]["undoes"] == rows[-1]["action"]


def test_reopening(kgenrich: Command) -> None:
    kgenrich("decide", "accept", IDS["city"])
    _, out, _ = kgenrich("decide", "reopen", IDS["city"], "--comment", "look again")
    assert "1 reopened, 1 of them anew." in out
    assert "reopen Q64 it label: Berlino" in out
    rows = json.loads(kgenrich("decide", "list", "--json")[1])
    assert IDS["city"] in {row["candidate"] for row in rows}
    assert kgenrich("decide", "reopen", "--comment", "all")[0] == 2


def test_reasons_are_codes(kgenrich: Command) -> None:
    listed = kgenrich("decide", "reasons")[1]
    assert "spelling" in listed
    code, _, err = kgenrich("decide", "reject", IDS["city"], "--reason", "dunno")
    assert code == 2 and "'dunno'" in err and "spelling" in err
    kgenrich("decide", "reject", IDS["city"], "--reason", "spelling")
    rows = json.loads(kgenrich("decide", "list", "--all", "--json")[1])
    told = next(row["decision"] for row in rows if row["candidate"] == IDS["city"])
    assert told["reason"] == "spelling"


def test_filters_narrow_the_queue(kgenrich: Command) -> None:
    def listed(*filters: str) -> set[str]:
        rows = json.loads(kgenrich("decide", "list", "--json", *filters)[1])
        return {row["candidate"] for row in rows}

    every = set(IDS.values())
    assert listed() == every - {IDS["second"]}
    assert listed("--all") == every
    assert listed("--all", "--under", "0.9") == {IDS["second"]}
    assert listed("--from-kinds", "2") == listed() and listed("--from-kinds", "3") == set()


def test_show_marks_what_became_explicit(kgenrich: Command, database: Path) -> None:
    said = "the graph has the term by now"
    assert said not in kgenrich("show", "Q64", "-l", "it")[1]
    change(database, replace(CITY, labels={**CITY.labels, "it": "Berlino"}, revision=9))
    _, out, _ = kgenrich("show", "Q64", "-l", "it")
    assert said in out and "E-known" in out
    assert json.loads(kgenrich("show", "Q64", "--json")[1])["proposals"][0]["explicit"]
