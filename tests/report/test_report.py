"""`kgenrich report`: what it says is so, the page is always the same, and nothing in it is code."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kgenrich.errors import StoreError, UsageError
from kgenrich.masking import mask
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.job_runs import note_run, take_job
from kgenrich.store.story.job_schedules import NotedSchedule, note_schedule
from kgenrich.verbs.report import ReportOptions, report
from kgenrich.verbs.workspace import Workspace
from tests.cli.test_event_log import log
from tests.report.happened import BAD_GATEWAY, EVIL_IRI, FEED, STOPPED, much_happens


@pytest.fixture
def workspace(store: Store, store_url: str) -> Iterator[Workspace]:
    much_happens(store)
    with Workspace(Settings(store=store_url)) as workspace:
        yield workspace


def test_it_says_what_became_of_the_run(workspace: Workspace) -> None:
    told = report(workspace, ReportOptions(reader="en"))
    assert (told.run.of, told.run.name, told.run.status) == ("job", "nightly", "partly")
    assert [step.name for step in told.steps] == ["harvest", "enrich", "decide"]
    labels = {row.language: row for row in told.coverage}
    assert labels.keys() == {"it", "ar", "zh"}
    assert (labels["it"].entities, labels["it"].explicit, labels["it"].accepted) == (10, 3, 2)
    assert (labels["it"].share_before, labels["it"].share) == (0.2, 0.5)
    assert (labels["zh"].share_before, labels["zh"].share) == (0.0, 0.0)
    by_language = {row.language: row for row in told.outcomes}
    assert (by_language["it"].proposed, by_language["ar"].proposed) == (5, 1)
    assert (by_language["it"].accepted, by_language["it"].edited) == (1, 1)
    assert (by_language["it"].rejected, by_language["it"].by_policy) == (1, 1)

    sources = {row.name: row for row in told.sources}
    deepl = sources["deepl"]
    assert (deepl.asked, deepl.remembered, deepl.failed, deepl.calls) == (9, 1, 1, 5)
    assert (deepl.proposals, deepl.accepted, deepl.rejected, deepl.waiting) == (4, 3, 1, 0)
    assert (deepl.cost, deepl.seconds, told.cost) == (1.0, 3.0, 2.0)
    assert [(pair.both, pair.same) for pair in told.agreement] == [(2, 1)]
    faults = {(fault.what, fault.reason) for fault in told.faults}
    assert faults == {("deepl", mask(BAD_GATEWAY)), ("apertium", STOPPED)}
    assert "sesame" not in str(told.as_json())
    assert told.reviewed and told.reviewed.terms == 2
    assert [(one.feed, one.known_until) for one in told.streams] == [
        (FEED, "2023-11-14T22:13:20+00:00")
    ]
    assert told.held_out and (told.held_out.run, told.held_out.entities) == (3, 9)
    (line,) = told.held_out.reliability
    assert (line.name, line.terms, line.error) == ("labels, items hidden", 40, 0.05)
    assert told.waiting.count == 2
    assert told.waiting.entity in ("Q3", "Q4")


def test_what_is_wanted_has_no_accepted_terms_and_no_odd_links(workspace: Workspace) -> None:
    told = report(workspace, ReportOptions(reader="en"))
    assert len(told.wanted) == 10
    assert [row.links for row in told.wanted] == sorted(
        (r.links for r in told.wanted), reverse=True
    )
    named = {(row.entity, term.language) for row in told.wanted for term in row.terms}
    assert named >= {("Q1", "zh"), ("Q4", "zh"), ("Q2", "it")}
    assert not named & {("Q1", "it"), ("Q1", "ar"), ("Q4", "it")}
    assert all(
        row.url == f"http://www.wikidata.org/entity/{row.entity}" for row in told.wanted if row.url
    )
    assert all(not row.url for row in told.wanted if row.entity == EVIL_IRI)


class Tags(HTMLParser):
    """Which elements there are, and where they lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def test_the_page_is_one_file_of_the_same_bytes_without_code(
    workspace: Workspace, tmp_path: Path
) -> None:
    pages = []
    for name in ("one.html", "two.html"):
        report(workspace, ReportOptions(output=str(tmp_path / name), reader="en"))
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    assert [path.name for path in sorted(tmp_path.glob("*.html*"))] == ["one.html", "two.html"]
    page = pages[0].decode()
    tags = Tags(page)
    assert not tags.tags & {"script", "img", "iframe", "object", "embed", "base", "form"}
    assert "svg" in tags.tags
    leads = [value or "" for name, value in tags.attributes if name.endswith(("href", "src"))]
    assert all(to == "data:," or to.startswith("http://www.wikidata.org/entity/Q") for to in leads)
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    assert "sesame" not in page
    for steering in ("\u202e", "\u2066", "\x1b"):
        assert steering not in page
    assert "&lt;script&gt;" in page


def test_a_run_is_named_by_its_number_its_job_or_its_verb(workspace: Workspace) -> None:
    for name in ("", "1", "job:1", "nightly"):
        assert report(workspace, ReportOptions(run=name)).run.of == "job"
    of_verb = report(workspace, ReportOptions(run="verb:1"))
    assert (of_verb.run.of, of_verb.run.name) == ("verb", "enrich")
    assert {row.language: row.share_before for row in of_verb.coverage} == dict.fromkeys(
        ("it", "ar", "zh")
    )
    assert [row.proposed for row in of_verb.outcomes] == [1, 5, 1]
    for absent in ("7", "job:2", "verb:7", "weekly"):
        with pytest.raises(StoreError, match="no run"):
            report(workspace, ReportOptions(run=absent))
    for odd in ("verb:x", "thing:1"):
        with pytest.raises(UsageError, match="no run"):
            report(workspace, ReportOptions(run=odd))


def test_the_next_run_is_told_where_somebody_keeps_the_clock(workspace: Workspace) -> None:
    assert report(workspace, ReportOptions()).next_run == ""
    times = ("2026-03-01T02:00:00+01:00", "2026-03-02T02:00:00+01:00")
    note_schedule(workspace.store, NotedSchedule("nightly", "0 2 * * *", "Europe/Rome", *times))
    assert report(workspace, ReportOptions()).next_run == "2026-03-02T01:00:00+00:00"


def test_who_has_the_run_is_told_while_somebody_has_it(workspace: Workspace) -> None:
    store = workspace.store
    run, release = take_job(store, "weekly", "weekly.toml")
    note_run(store, run.id, holder="process 1 on elsewhere")
    held = report(workspace, ReportOptions(run="weekly")).run
    assert (held.status, held.holder) == ("running", "process 1 on elsewhere")
    release()
    left = report(workspace, ReportOptions(run="weekly")).run
    assert (left.status, left.holder) == ("stopped", "")
    assert "was killed" in left.error


@pytest.mark.slow
def test_an_evaluation_can_be_made_for_the_report(workspace: Workspace) -> None:
    told = report(workspace, ReportOptions(held_out=8, reader="en"))
    assert told.held_out is not None
    assert (told.held_out.run, told.held_out.entities) == (4, 8)
    again = report(workspace, ReportOptions(reader="en"))
    assert again.held_out == told.held_out


@pytest.mark.slow
def test_the_command_writes_the_page_or_the_facts(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'graph.db'}", create=True)
    much_happens(store)
    store.close()
    commands = [
        ["report", "nightly", "-o", "page.html"],
        ["report", "--json"],
        ["report"],
        ["report", "weekly", "--json"],
        ["report", "-o", "absent/page.html"],
    ]
    ends = [code for _, code in log("json", commands, tmp_path)]
    assert ends == [0, 0, 2, 1, 1]
    assert (tmp_path / "page.html").stat().st_size > 10_000
