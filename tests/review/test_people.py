"""What each person did, on the page; and asking the sources again for what is undecided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kgenrich.cli.main import cli
from kgenrich.model import Verdict
from kgenrich.resources import resource
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import find_proposal, proposals
from kgenrich.store.story.queue import QueueFilter, items
from kgenrich.store.tables import calls, runs
from kgenrich.verbs.ask_again import AskAgainOptions, ask_again
from kgenrich.verbs.workspace import Workspace
from tests.review.site import HOSTILE, fill, served, store_path
from tests.review.test_pages import Browser
from tests.store.test_proposals import decision, proposal


def test_activity_and_agreement(tmp_path: Path) -> None:
    opened = open_store(store_path(tmp_path), create=True)
    fill(opened)
    for n in range(1, 5):
        one = proposal(f"Q{n}", f"luogo {n}")
        save_decisions(opened, [decision(one)])
        save_decisions(
            opened, [decision(one, Verdict.REJECT if n == 1 else Verdict.ACCEPT, author="ben")]
        )
    save_decisions(opened, [decision(proposal("Q5", "luogo 5"), author=HOSTILE)])
    opened.close()
    with served(store_path(tmp_path)) as site:
        html = Browser(site).get("/people")
        assert html.count("3 of 4") == 3, "ann, ben, and the two"
        assert "Several people spoke of 4 terms" in html and "alpha: " in html
        assert HOSTILE not in html and "known" not in html
        assert "kgenrich decide ask-again -l it" in Browser(site).get("/?languages=it")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The demo items with Italian labels proposed."""
    url = store_path(tmp_path)
    dump = str(resource("config/demo/items.json.gz"))
    for command in (["harvest", "dump", dump], ["enrich", "-l", "it", "-k", "label"]):
        assert CliRunner().invoke(cli, ["--store", url, *command]).exit_code == 0
    found = Workspace(Settings(store=url))  # type: ignore[call-arg]
    yield found
    found.close()


def numbers(store: Store) -> tuple[int, int]:
    with store.read() as connection:
        made = connection.execute(select(func.count()).select_from(calls)).scalar_one()
        return made, connection.execute(select(func.count()).select_from(runs)).scalar_one()


def test_the_sources_are_asked_again_of_what_is_undecided_alone(workspace: Workspace) -> None:
    store = workspace.store
    every = items(store, QueueFilter(floor=0.0), limit=5000)
    assert len(every) > 3
    gone = find_proposal(store, every[0].candidate_id).proposal
    save_decisions(store, [decision(gone)])
    before, (made, done) = [*proposals(store)], numbers(store)
    report = ask_again(workspace, AskAgainOptions(languages=("it",), floor=0.0))
    assert report.items == len(every) - 1 and report.enriched
    assert report.enriched.new == 0 and [*proposals(store)] == before, "nothing has changed"
    assert numbers(store) == (made, done + 1), "no call is made twice"
    with store.read() as connection:
        scope = connection.execute(select(runs.c.scope).order_by(runs.c.id.desc())).scalar()
    assert scope and f'"{gone.candidate.entity}"' not in scope
    assert ask_again(workspace, AskAgainOptions(languages=("ja",))).items == 0
