"""Publishing: planned, sent and undone through both APIs of a wiki that keeps its history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kgenrich import trust
from kgenrich.cli.main import cli
from kgenrich.errors import UsageError
from kgenrich.jobs.reading import read_job
from kgenrich.jobs.steps import steps_of
from kgenrich.model import Entity, SourceKind, Verdict
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import decisions, save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.publishing import batches, edits_of
from kgenrich.store.story.reviewers import add_reviewer, revoke
from kgenrich.store.tables import metadata
from kgenrich.verbs import publish
from kgenrich.verbs.publish import BatchOptions, PlanOptions, StatusOptions
from kgenrich.verbs.workspace import Workspace
from tests.publish.edited_wiki import PASSWORD, TOKEN, US, EditedWiki, places
from tests.publish.world import (
    ALIAS,
    DESCRIPTION,
    LABEL,
    TERMS,
    accepted,
    fill,
    proposed,
    settings_for,
    wiki_of,
    workspace_on,
)
from tests.server import Server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    yield opened
    opened.close()


@pytest.fixture
def wiki() -> EditedWiki:
    return wiki_of()


@pytest.fixture
def server(wiki: EditedWiki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("KGENRICH_WIKI_TOKEN", TOKEN)
    with Server(wiki.answer) as server:
        yield server


@pytest.fixture(params=["action", "rest"])
def interface(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def workspace(store: Store, server: Server, interface: str) -> Iterator[Workspace]:
    fill(store)
    with workspace_on(store, settings_for(server, interface=interface)) as workspace:
        yield workspace


def planned(workspace: Workspace, **options: Any) -> str:
    return publish.plan(workspace, PlanOptions(author="owner", **options)).batch


def sent(workspace: Workspace, batch: str, **options: Any) -> publish.SentReport:
    return publish.run(workspace, BatchOptions(batch=batch, **options))


def undone(workspace: Workspace, batch: str, **options: Any) -> publish.SentReport:
    return publish.revert(workspace, BatchOptions(batch=batch, **options))


def states(workspace: Workspace, batch: str) -> dict[tuple[str, str, str], str]:
    rows = publish.status(workspace, StatusOptions(batch=batch))
    return {(row["entity"], row["language"], row["kind"]): row["state"] for row in rows}


def edits_asked(server: Server) -> int:
    return sum(
        one.method == "PATCH" or one.parameters.get("action") == "wbeditentity"
        for one in server.asked
    )


def terms_of(wiki: EditedWiki) -> dict[str, dict[Any, str]]:
    return {id: places(entity) for id, entity in wiki.entities.items()}


def test_what_people_decided_is_one_edit_an_entity(
    workspace: Workspace, wiki: EditedWiki, server: Server
) -> None:
    report = publish.plan(workspace, PlanOptions(author="owner"))
    assert (report.edits, report.terms, report.refused) == (3, len(TERMS), {})
    assert not server.asked, "a plan sends nothing"
    assert {row["decided_by"] for row in report.rows} == {"bea"}
    done = sent(workspace, report.batch[:5])
    assert done.terms == {"written": len(TERMS)} and done.left == 0 and not done.stopped
    assert edits_asked(server) == 3
    for entity, language, kind, text in TERMS:
        place = (str(kind), language, text if kind is ALIAS else "")
        assert places(wiki.entities[entity])[place] == text
        assert wiki.entities[entity].labels["en"] == f"thing {entity}"
    for id in ("Q1", "Q2", "P31"):
        [revision] = wiki.ours(id)
        assert revision.comment == (
            "kgenrich: from machine translation; checked by a person "
            f"([[:toolforge:editgroups/b/CB/{report.batch}|details]])"
        )
        [edit] = [e for e in edits_of(workspace.store, report.batch) if e.entity == id]
        assert (edit.base, edit.revision) == (wiki.history[id][0].number, revision.number)
    assert sent(workspace, report.batch).terms == done.terms, "the same again sends nothing"
    assert edits_asked(server) == 3
    again = publish.plan(workspace, PlanOptions(author="owner"))
    assert (again.edits, again.batch) == (0, "")
    assert again.refused == {"in a batch already": len(TERMS)}


def test_on_both_databases(store_url: str, server: Server, wiki: EditedWiki) -> None:
    store = open_store(store_url, create=True)
    fill(store)
    with workspace_on(store, settings_for(server)) as workspace:
        before = terms_of(wiki)
        batch = planned(workspace)
        wiki.label("Q1", "it", "Universo di Ann")
        wiki.faults.append("unanswered")
        assert sent(workspace, batch, limit=2).terms == {"planned": 1, "written": 6, "taken": 1}
        assert undone(workspace, batch).left == 0
        assert set(states(workspace, batch).values()) == {"written", "taken", "withdrawn"}
        wiki.label("Q1", "it", "")
        assert terms_of(wiki) == before and not wiki.repeated
        assert publish.plan(workspace, PlanOptions(author="owner")).edits == 1
    store.close()


def test_nothing_is_sent_unless_the_settings_name_a_target(store: Store) -> None:
    fill(store)
    with workspace_on(store, Settings()) as workspace:
        batch = planned(workspace)
        with pytest.raises(UsageError, match="no target is set"):
            sent(workspace, batch)
    other = Settings(publish={"api": "https://other.example/w/api.php"})
    with workspace_on(store, other) as workspace:
        publish.plan(workspace, PlanOptions(author="owner"))


def test_a_batch_goes_nowhere_but_where_it_was_planned_for(
    workspace: Workspace, store: Store
) -> None:
    batch = planned(workspace)
    other = Settings(publish={"api": "https://other.example/w/api.php"})
    with workspace_on(store, other) as elsewhere, pytest.raises(UsageError, match="planned for"):
        sent(elsewhere, batch)


def test_only_people_whose_languages_cover_source_and_target(store: Store) -> None:
    made = {
        "policy: over 0.9, by bea": proposed(("Q1", "it", LABEL, "a")),
        "nobody knows": proposed(("Q2", "it", LABEL, "b")),
        "all languages": proposed(("Q3", "it", LABEL, "c")),
        "writes french": proposed(("Q4", "it", LABEL, "d")),
        "reads german": proposed(("Q5", "it", LABEL, "e")),
        "revoked": proposed(("Q6", "it", LABEL, "f")),
        "bea": proposed(("Q7", "it", LABEL, "g"), "en-gb"),
        "invited anew": proposed(("Q8", "it", LABEL, "h")),
        "from a page": proposed(("Q9", "it", LABEL, "i"), "it"),
    }
    load_entities(store, [Entity(one.candidate.entity) for one in made.values()])
    save_proposals(store, 1, list(made.values()), {})
    save_decisions(store, [accepted(one, author) for author, one in made.items()])
    for name, reads, writes in (
        ("all languages", "en", ""),
        ("writes french", "en", "fr"),
        ("reads german", "de", "it"),
        ("revoked", "en", "it"),
        ("bea", "en", "it"),
        ("invited anew", "en", "it"),
        ("from a page", "de", "it"),
    ):
        add_reviewer(store, name, f"token of {name}", reads, writes)
    for name in ("revoked", "invited anew"):
        revoke(store, name)
    add_reviewer(store, "invited anew", "another token", "en", "it")
    with workspace_on(store, Settings()) as workspace:
        report = publish.plan(workspace, PlanOptions(author="owner", dry_run=True))
        assert {row["entity"] for row in report.rows} == {"Q7", "Q8", "Q9"}
        assert report.refused == {
            "a policy decided, and no person": 1,
            "decided by somebody whose languages are not recorded": 2,
            "decided by somebody who is not recorded to write the language": 1,
            "decided by somebody who is not recorded to read what it was made from": 1,
            "decided by somebody who may review no longer": 1,
        }
        assert report.batch == "" and not publish.status(workspace, StatusOptions())
    allowed = Settings(publish={"policies": True})
    with workspace_on(store, allowed) as workspace:
        batch = planned(workspace)
        [edit] = [e for e in edits_of(store, batch) if e.entity == "Q1"]
        assert "not checked by a person" in edit.summary


def test_what_the_target_has_no_place_for_is_left_out(store: Store) -> None:
    terms = (
        ("Q1", "it", LABEL, "x" * 251),
        ("Q2", "x-own", LABEL, "a"),
        ("Q3", "mul", DESCRIPTION, "b"),
        ("http://example.org/a", "it", LABEL, "c"),
        ("Q4", "it", LABEL, "x" * 250),
    )
    store.number_languages(["x-own"])
    made = [proposed(term) for term in terms]
    load_entities(store, [Entity(term[0]) for term in terms])
    save_proposals(store, 1, made, {})
    save_decisions(store, [accepted(one) for one in made])
    add_reviewer(store, "bea", "t", "en", "it,mul,x-own")
    with workspace_on(store, Settings()) as workspace:
        report = publish.plan(workspace, PlanOptions(author="owner", dry_run=True))
    assert [row["entity"] for row in report.rows] == ["Q4"]
    assert report.refused == {
        "longer than the target takes": 1,
        "a language that is none of Wikimedia's": 1,
        "a description for all languages": 1,
        "neither an item nor a property": 1,
    }


def test_what_others_did_meanwhile_stays(workspace: Workspace, wiki: EditedWiki) -> None:
    batch = planned(workspace)
    wiki.label("Q1", "it", "Universo di Ann")
    wiki.label("Q2", "it", "Terra")
    wiki.edit("Q1", lambda entity: entity.aliases.update(it=["cosmo"]))
    del wiki.entities["P31"]
    report = sent(workspace, batch)
    assert report.left == 0
    assert wiki.entities["Q1"].labels["it"] == "Universo di Ann"
    found = states(workspace, batch)
    assert found["Q1", "it", "label"] == "taken" and found["Q1", "it", "alias"] == "there"
    assert found["Q2", "it", "label"] == "there" and found["P31", "it", "label"] == "taken"
    assert found["Q1", "fr", "label"] == "written"
    # What was taken goes back to the queue, with the reason.
    taken = proposed(("Q1", "it", LABEL, "universo")).candidate.id
    last = decisions(workspace.store, taken)[-1]
    assert last.verdict is Verdict.REOPEN
    assert last.comment == "the label has “Universo di Ann” by now"
    assert publish.plan(workspace, PlanOptions(author="owner")).edits == 0


def test_a_conflict_is_read_again(workspace: Workspace, wiki: EditedWiki, server: Server) -> None:
    batch = planned(workspace)
    # After the entity was read, and before the edit arrives.
    wiki.meanwhile.append(lambda id: wiki.label("Q1", "it", "Universo di Ann"))
    wiki.meanwhile.append(lambda id: wiki.label("Q1", "de", "Universum"))
    report = sent(workspace, batch)
    found = states(workspace, batch)
    assert found["Q1", "it", "label"] == "taken" and found["Q1", "fr", "label"] == "written"
    assert wiki.entities["Q1"].labels["it"] == "Universo di Ann"
    assert wiki.entities["Q1"].labels["de"] == "Universum"
    assert report.left == 0 and len(wiki.ours("Q1")) == 1


def test_what_was_decided_otherwise_since_is_not_sent(
    workspace: Workspace, wiki: EditedWiki
) -> None:
    batch = planned(workspace)
    made = proposed(("Q1", "it", LABEL, "universo"))
    save_decisions(workspace.store, [accepted(made, "dan", verdict=Verdict.REJECT)])
    sent(workspace, batch)
    assert states(workspace, batch)["Q1", "it", "label"] == "withdrawn"
    assert "it" not in wiki.entities["Q1"].labels


@pytest.mark.parametrize("fault", ["lost", "unanswered", "500", "garbled", "a page"])
def test_an_edit_without_an_answer_is_looked_up(
    workspace: Workspace, wiki: EditedWiki, fault: str
) -> None:
    batch = planned(workspace)
    wiki.faults.append(fault)
    report = sent(workspace, batch)
    assert report.terms == {"written": len(TERMS)} and not report.stopped
    assert all(len(wiki.ours(id)) == 1 for id in wiki.entities)


@pytest.mark.parametrize("fault", ["429", "maxlag", "ratelimited", "throttled", "readonly"])
def test_what_passes_is_waited_for(
    workspace: Workspace, wiki: EditedWiki, fault: str, interface: str
) -> None:
    if interface == "rest" and fault in ("maxlag", "readonly"):
        fault = "429"
    batch = planned(workspace)
    wiki.faults.extend([fault, fault])
    report = sent(workspace, batch)
    assert report.terms == {"written": len(TERMS)} and not report.stopped
    assert all(len(wiki.ours(id)) == 1 for id in wiki.entities)


def test_what_does_not_pass_stops_the_run(workspace: Workspace, wiki: EditedWiki) -> None:
    batch = planned(workspace)
    wiki.faults.extend(["ratelimited"] * 3)
    report = sent(workspace, batch)
    assert "in 3 tries" in report.stopped and report.left == 3
    assert sent(workspace, batch).terms == {"written": len(TERMS)}


@pytest.mark.parametrize(
    ("fault", "here"),
    [("blocked", False), ("protectedpage", True), ("abusefilter", True), ("spam", True)],
)
def test_the_wikis_no_stops_the_run(
    workspace: Workspace, wiki: EditedWiki, server: Server, fault: str, here: bool
) -> None:
    batch = planned(workspace)
    wiki.faults.append(fault)
    report = sent(workspace, batch)
    assert f"It was refused: {fault}" in report.stopped
    assert edits_asked(server) == 1, "nothing else is tried"
    assert report.left == (2 if here else 3)
    rows = publish.status(workspace, StatusOptions(batch=batch))
    assert any(f"It was refused: {fault}" in row["reason"] for row in rows) or not here
    assert sent(workspace, batch).left == 0
    written = len(TERMS) - (4 if here else 0)
    assert sent(workspace, batch).terms["written"] == written


def test_what_the_wiki_finds_wrong_goes_back_to_the_queue(
    workspace: Workspace, wiki: EditedWiki
) -> None:
    wiki.add("Q9", labels={"it": "universo"}, descriptions={"it": "tutto ciò che esiste"})
    batch = planned(workspace)
    report = sent(workspace, batch)
    assert not report.stopped and report.terms == {"written": 4, "refused": 4}
    last = decisions(
        workspace.store, proposed(("Q1", "it", DESCRIPTION, "tutto ciò che esiste")).candidate.id
    )[-1]
    assert last.verdict is Verdict.REOPEN and "label-with-description-conflict" in last.comment


def test_a_token_that_grew_old_is_renewed(
    workspace: Workspace, wiki: EditedWiki, interface: str
) -> None:
    if interface == "rest":
        return
    batch = planned(workspace)
    wiki.faults.extend(["badtoken", "", "signed out"])
    assert sent(workspace, batch).terms == {"written": len(TERMS)}


def test_undoing_takes_back_what_is_as_it_was_written(
    workspace: Workspace, wiki: EditedWiki
) -> None:
    before = terms_of(wiki)
    batch = planned(workspace)
    sent(workspace, batch)
    wiki.label("Q1", "it", "Universo di Ann")
    wiki.edit("Q2", lambda entity: entity.aliases["it"].append("il mondo"))
    seen = undone(workspace, batch, dry_run=True)
    assert len(seen.rows) == len(TERMS) and wiki.entities["Q2"].labels["it"] == "Terra"
    report = undone(workspace, batch)
    assert report.terms == {"written": len(TERMS) - 1, "taken": 1} and report.left == 0
    after = terms_of(wiki)
    assert after.pop("Q1") == before.pop("Q1") | {("label", "it", ""): "Universo di Ann"}
    assert after.pop("Q2") == before.pop("Q2") | {("alias", "it", "il mondo"): "il mondo"}
    assert after == before
    again = undone(workspace, batch)
    assert again.terms.get("written", 0) == 0 and terms_of(wiki)["P31"] == before["P31"]
    with pytest.raises(UsageError, match="itself undoes"):
        undone(workspace, report.batch)


def test_undoing_withdraws_what_was_not_sent(workspace: Workspace, wiki: EditedWiki) -> None:
    before = terms_of(wiki)
    batch = planned(workspace)
    sent(workspace, batch, limit=1)
    report = undone(workspace, batch)
    assert terms_of(wiki) == before and report.left == 0
    assert set(states(workspace, batch).values()) == {"written", "withdrawn"}
    # What never was sent may be planned anew.
    assert publish.plan(workspace, PlanOptions(author="owner")).edits == 2


def test_a_label_that_replaced_another_gives_way_to_it(
    store: Store, server: Server, wiki: EditedWiki, interface: str
) -> None:
    wiki.add("Q7", labels={"it": "Vecchio"})
    load_entities(store, [Entity("Q7", labels={"it": "Vecchio", "en": "New"})])
    made = proposed(("Q7", "it", LABEL, "Nuovo"), replaces="Vecchio")
    save_proposals(store, 1, [made], {"Q7": 1})
    save_decisions(store, [accepted(made)])
    add_reviewer(store, "bea", "t", "en", "it")
    with workspace_on(store, settings_for(server, interface=interface)) as workspace:
        batch = planned(workspace)
        assert sent(workspace, batch).terms == {"written": 1}
        assert wiki.entities["Q7"].labels["it"] == "Nuovo"
        undone(workspace, batch)
        assert wiki.entities["Q7"].labels["it"] == "Vecchio"


def test_a_label_that_repeats_the_one_for_all_languages_is_not_written(
    workspace: Workspace, wiki: EditedWiki
) -> None:
    batch = planned(workspace)
    wiki.label("P31", "mul", "istanza di")
    sent(workspace, batch)
    assert states(workspace, batch)["P31", "it", "label"] == "there"
    assert "it" not in wiki.entities["P31"].labels


def test_a_bot_password_signs_in(
    store: Store, server: Server, wiki: EditedWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.delenv("KGENRICH_WIKI_TOKEN")
    with workspace_on(store, settings_for(server)) as workspace:
        batch = planned(workspace)
        with pytest.raises(UsageError, match="KGENRICH_WIKI_TOKEN"):
            sent(workspace, batch)
        monkeypatch.setenv("KGENRICH_WIKI_USER", f"{US}@bot")
        monkeypatch.setenv("KGENRICH_WIKI_PASSWORD", "wrong-password")
        with pytest.raises(Exception, match="does not let Kgenrich@bot in: Incorrect username"):
            sent(workspace, batch)
        monkeypatch.setenv("KGENRICH_WIKI_PASSWORD", PASSWORD)
        assert sent(workspace, batch).terms == {"written": len(TERMS)}
    with workspace_on(store, settings_for(server, interface="rest")) as workspace:
        other = publish.target_of(workspace.settings)[1]
        assert other.endswith("/v1")


def test_secrets_are_sent_to_nobody_in_the_open_and_kept_nowhere(
    workspace: Workspace, store: Store, server: Server
) -> None:
    sent(workspace, planned(workspace))
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert TOKEN not in str(tuple(row))
    open_ones = Settings(publish={"api": "http://wiki.example.org/w/api.php"})
    with workspace_on(store, open_ones) as workspace:
        made = proposed(("Q1", "fr", ALIAS, "cosmos"))
        save_proposals(store, 1, [made], {})
        save_decisions(store, [accepted(made)])
        with pytest.raises(UsageError, match="unencrypted"):
            sent(workspace, planned(workspace))


def test_at_most_so_many_edits_a_minute(
    store: Store, server: Server, wiki: EditedWiki, interface: str
) -> None:
    fill(store)
    settings = settings_for(server, interface=interface, edits_per_minute=300)
    with workspace_on(store, settings) as workspace:
        batch = planned(workspace)
        # Each run counts with those before it.
        for _ in range(3):
            sent(workspace, batch, limit=1)
    at = [
        one.at
        for one in server.asked
        if one.method == "PATCH" or one.parameters.get("action") == "wbeditentity"
    ]
    assert len(at) == 3
    assert all(later - earlier > 0.15 for earlier, later in pairwise(at))


def test_a_plan_as_a_file(
    workspace: Workspace, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = publish.plan(
        workspace, PlanOptions(author="owner", output=str(tmp_path / "edits.jsonl"))
    )
    lines = [json.loads(line) for line in (tmp_path / "edits.jsonl").read_text().splitlines()]
    assert {line["id"] for line in lines} == {"Q1", "Q2", "P31"}
    assert all(report.batch in line["summary"] for line in lines)
    undone(workspace, report.batch)
    publish.plan(workspace, PlanOptions(author="owner", output=str(tmp_path / "edits.tsv")))
    text = (tmp_path / "edits.tsv").read_text()
    assert 'Q1\tLit\t"universo" /* kgenrich: from machine translation' in text
    with pytest.raises(UsageError, match="What format"):
        publish.plan(workspace, PlanOptions(author="owner", output=str(tmp_path / "edits.doc")))


def test_the_kinds_of_source_are_named(store: Store) -> None:
    load_entities(store, [Entity("Q1")])
    made = [
        proposed(("Q1", "it", LABEL, "a"), kind=SourceKind.LLM),
        proposed(("Q1", "it", ALIAS, "b"), kind=SourceKind.DICTIONARY),
    ]
    save_proposals(store, 1, made, {})
    save_decisions(store, [accepted(one) for one in made])
    add_reviewer(store, "bea", "t", "en", "it")
    with workspace_on(store, Settings()) as workspace:
        batch = planned(workspace, summary="Italian names")
        [edit] = edits_of(store, batch)
    assert edit.summary.startswith(
        "Italian names (kgenrich: from a dictionary, a language model; checked by a person) ([["
    )


def test_a_folder_names_no_target() -> None:
    given = {"publish": {"api": "https://evil.example/w/api.php", "policies": True}}
    withheld = trust.orders(given, Path())
    assert {".".join(names) for names in withheld} == {"publish.api", "publish.policies"}


def test_a_job_plans_and_sends_only_when_it_says_so(
    workspace: Workspace, wiki: EditedWiki, server: Server, tmp_path: Path
) -> None:
    steps = {}
    for name, text in (("plans", ""), ("sends", "send = true")):
        (tmp_path / f"{name}.toml").write_text(f"[publish]\n{text}", encoding="utf-8")
        [steps[name]] = steps_of(read_job(tmp_path / f"{name}.toml"))
    outcome = steps["plans"].act(workspace, "2026-01-02")
    assert outcome.counts == {"planned": len(TERMS), "refused": {}}
    assert not server.asked
    [batch] = batches(workspace.store)
    undone(workspace, batch.id)
    wiki.faults.append("blocked")
    outcome = steps["sends"].act(workspace, "2026-01-02")
    assert "refused: blocked" in outcome.failed
    # The next run goes on with what is left.
    outcome = steps["sends"].act(workspace, "2026-01-03")
    assert not outcome.failed and outcome.counts["written"] == len(TERMS)


def test_the_command_line(
    store: Store, server: Server, wiki: EditedWiki, interface: str, tmp_path: Path
) -> None:
    fill(store)
    url = store.engine.url.render_as_string(hide_password=False)
    rest = f'rest = "{server.url}/w/rest.php/wikibase/v1"' if interface == "rest" else ""
    (tmp_path / "kgenrich.toml").write_text(
        f'[network]\ncontact = "t@example.org"\nrequests_per_minute = 1e6\n[publish]\n'
        f'api = "{server.url}/w/api.php"\n{rest}\nedits_per_minute = 1e6\nsettle = 0',
        encoding="utf-8",
    )

    def ask(*words: str) -> tuple[int, str]:
        given = ["--config", str(tmp_path / "kgenrich.toml"), "--store", url, "publish", *words]
        done = CliRunner().invoke(cli, given)
        return done.exit_code, done.output

    code, text = ask("plan", "--author", "owner", "--dry-run")
    assert code == 0 and f"would plan {len(TERMS)} terms in 3 edits" in text
    code, text = ask("plan", "--author", "owner")
    [batch] = batches(store)
    assert f"kgenrich publish run {batch.id} sends it to {server.url}" in text
    wiki.faults.append("blocked")
    code, text = ask("run", batch.id)
    assert code == 1 and "Stopped: " in text and "edits left 3" in text
    code, text = ask("run", batch.id)
    assert code == 0 and f"terms {len(TERMS)} written; edits left 0" in text
    code, text = ask("status")
    assert code == 0 and batch.id in text
    code, text = ask("status", batch.id)
    assert code == 0 and text.count("written") >= len(TERMS)
    code, text = ask("revert", batch.id)
    assert code == 0 and f"undoing {batch.id}" in text
    assert all("it" not in entity.labels for entity in wiki.entities.values())
