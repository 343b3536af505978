"""Known terms among the others: nobody can tell, nothing comes of them, and they measure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from kgenrich.cli.main import cli
from kgenrich.model import Verdict
from kgenrich.resources import resource
from kgenrich.settings import Settings
from kgenrich.store.facts.load import load_entities
from kgenrich.store.migrate import check
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import term_rows
from kgenrich.store.story.judgements import judgements
from kgenrich.store.story.known import KnownTerm, count_known, save_known, set_share
from kgenrich.store.story.policies import Policy, set_policy
from kgenrich.store.story.proposals import count_proposals
from kgenrich.store.story.queue import QueueFilter, count_items, progress
from kgenrich.verbs.evaluate_review import EvaluateReviewOptions, evaluate_review
from kgenrich.verbs.known_terms import MixOptions, mix_known
from kgenrich.verbs.workspace import Workspace
from tests.review.site import fill, places, served, store_path
from tests.review.test_pages import Browser
from tests.store.test_proposals import decision, proposal

HELD = "borgo vero"
KNOWN = proposal("Q20", HELD)
WRONG = proposal("Q20", "borgo falso", rank=2, probability=0.3)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Six places to name, and one that has an Italian name."""
    opened = open_store(store_path(tmp_path), create=True)
    fill(opened)
    named = replace(
        places(20)[19],
        labels={"en": "place 20", "de": "Ort 20", "it": HELD},
        sitelinks=dict.fromkeys(("enwiki", "itwiki", "dewiki"), "x"),
    )
    load_entities(opened, [named])
    assert save_known(opened, 1, [KnownTerm((KNOWN, WRONG), (HELD,))]) == 1
    set_share(opened, 0.999)
    opened.close()
    found = Workspace(Settings(store=store_path(tmp_path)))  # type: ignore[call-arg]
    yield found
    found.close()


def shape(html: str) -> str:
    """A page without what differs from proposal to proposal."""
    text = re.sub(r"<(bdi|kbd|span)[^>]*>.*?</\1>", "", html)
    text = re.sub(r"<title>.*?</title>|[0-9a-f]{32}|value=\"[^\"]*\"|\d+", "", text)
    return re.sub(r"\s+", " ", re.sub(r"<li>.*?</li>|aria-label=\"[^\"]*\"", "", text))


def test_nobody_can_tell_it_from_others(workspace: Workspace) -> None:
    with served(workspace.settings.store) as site:
        browser = Browser(site)
        listed = browser.get("/?languages=it")
        assert "6 proposals" in listed, "it is never counted"
        first = re.search(r'href="/item/([0-9a-f]{32})', listed)
        assert first and first[1] == KNOWN.candidate.id, "what comes next stands first"
        assert HELD in listed and "place 20" in listed
        shown = browser.get("/next?languages=it")
        assert browser.at == f"/item/{KNOWN.candidate.id}?languages=it"
        assert shown.count(HELD) == 4, "title, heading, edit and evidence: not as a name"
        browser.send(browser.at, action="accept")
        real = browser.html
        assert "luogo 1" in real
        assert shape(shown) == shape(real)
        after = browser.get(f"/item/{KNOWN.candidate.id}?languages=it")
        first_real = re.search(
            r"/item/([0-9a-f]{32})", browser.get("/next?languages=it") and browser.at
        )
        assert first_real
        browser.send(browser.at, action="accept")
        decided = browser.get(f"/item/{first_real[1]}?languages=it")
        assert shape(after) == shape(decided)
        log = browser.get("/log")
        assert HELD in log and log.count("<tr>") == 3
        browser.get(f"/alike/{KNOWN.candidate.id}")


def test_it_is_taken_back_and_reopened_as_others_are(workspace: Workspace) -> None:
    with served(workspace.settings.store) as site:
        browser = Browser(site)
        browser.get("/next?languages=it")
        browser.send(browser.at, action="reject:wrong")
        assert judgements(workspace.store)[0].verdict is Verdict.REJECT
        browser.send("/undo?languages=it")
        assert browser.at.startswith(f"/item/{KNOWN.candidate.id}")
        assert judgements(workspace.store) == []
        browser.send(browser.at, action=f"accept:{WRONG.candidate.id}")
        assert [one.text for one in judgements(workspace.store)] == ["borgo falso"]
        browser.get(f"/item/{WRONG.candidate.id}")
        browser.send(f"/reopen/{WRONG.candidate.id}")
        assert "Decided by" not in browser.html


def test_nothing_comes_of_it(workspace: Workspace) -> None:
    store = workspace.store
    before = count_proposals(store), count_items(store, QueueFilter()), progress(store)
    for author in ("ann", "ben"):
        saved = save_decisions(store, [decision(WRONG, author=author)])
        assert (saved.new, saved.waiting) == (1, 0)
    assert [*term_rows(store, states=("accepted",))] == []
    assert (count_proposals(store), count_items(store, QueueFilter()), progress(store)) == before
    assert "borgo falso" not in {row.text for row in term_rows(store, states=("proposed",))}
    assert check(workspace.settings.store) == []


def test_each_is_judged_by_as_many_as_others_are(workspace: Workspace) -> None:
    set_policy(workspace.store, ("it",), Policy(2))
    with served(workspace.settings.store, "ann") as site:
        ann = Browser(site)
        ann.get("/next?languages=it")
        assert ann.at.startswith(f"/item/{KNOWN.candidate.id}")
        ann.send(ann.at, action="accept")
    with served(workspace.settings.store, "ben") as site:
        ben = Browser(site)
        assert HELD in ben.get("/next?languages=it")
        assert ben.at.startswith(f"/item/{KNOWN.candidate.id}")
        assert ">ann<" not in ben.html and "Decided by" not in ben.html
        assert HELD not in ben.get("/log")
        ben.get("/next?languages=it")
        ben.send(ben.at, action="accept")
        assert "Decided by" in ben.get(f"/item/{KNOWN.candidate.id}") and ">ann<" in ben.html
    told = evaluate_review(workspace, EvaluateReviewOptions())
    assert told["known"] == {"judged": 2, "rightly": 2, "terms": 1, "right": 1}


def test_it_ends_where_its_term_is_missing(workspace: Workspace) -> None:
    from tests.store.test_proposals import save

    assert count_known(workspace.store) == 1
    assert save_known(workspace.store, 1, [KnownTerm((KNOWN,), (HELD,))]) == 0
    save(workspace.store, KNOWN)
    assert count_known(workspace.store) == 0


def test_they_are_made_of_what_the_graph_has(tmp_path: Path) -> None:
    url = store_path(tmp_path)
    items = str(resource("config/demo/items.json.gz"))
    assert CliRunner().invoke(cli, ["--store", url, "harvest", "dump", items]).exit_code == 0
    workspace = Workspace(Settings(store=url))  # type: ignore[call-arg]
    told = CliRunner().invoke(
        cli, ["--store", url, "review", "mix", "-l", "it", "-k", "label", "--limit", "5", "--json"]
    )
    assert json.loads(told.stdout) == {"share": 0.05, "added": 5, "known": 5}
    assert count_proposals(workspace.store) == 0
    report = mix_known(workspace, MixOptions(share=0))
    assert (report.share, report.known) == (0, 5)
    workspace.close()
