"""How many decide: the verb, and what rules leave to people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from kgenrich.cli.main import cli
from kgenrich.settings import Settings
from kgenrich.verbs.decide import PEOPLE, DecideOptions, accept
from kgenrich.verbs.review_policies import review_policies
from kgenrich.verbs.workspace import Workspace
from tests.review.site import fill, store_path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A store of places, Italian and Arabic names proposed."""
    from kgenrich.store.opening import open_store

    url = store_path(tmp_path)
    opened = open_store(url, create=True)
    fill(opened)
    opened.close()
    found = Workspace(Settings(store=url))  # type: ignore[call-arg]
    yield found
    found.close()


def run(workspace: Workspace, *arguments: str) -> str:
    store = workspace.settings.store
    result = CliRunner().invoke(cli, ["--store", store, *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_policy_is_set_listed_and_removed(workspace: Workspace) -> None:
    run(workspace, "review", "policy", "-l", "it,ja", "--reviewers", "2", "--sampled", "0.2")
    run(workspace, "review", "policy", "--no-self-review")
    told = msgspec.json.decode(run(workspace, "review", "policy", "--json"))
    assert told == review_policies(workspace)
    assert [tuple(one.values()) for one in told] == [
        ("", 0, 1, False, 0.0),
        ("it", 2, 2, True, 0.2),
        ("ja", 2, 2, True, 0.2),
    ]
    assert "all others" in run(workspace, "review", "policy", "-l", "ja", "--remove")
    assert [one["language"] for one in review_policies(workspace)] == ["", "it"]


def test_rules_leave_what_people_decide(workspace: Workspace) -> None:
    run(workspace, "review", "policy", "-l", "it", "--reviewers", "1")
    report = accept(workspace, DecideOptions(over=0.5, author="ann"))
    assert report.left_out[PEOPLE] == 6 and report.decided == 1
    named = accept(workspace, DecideOptions(candidates=(_first(workspace),), author="ann"))
    assert (named.decided, named.waiting) == (1, 0)


def test_the_terminal_says_what_waits(workspace: Workspace) -> None:
    run(workspace, "review", "policy", "-l", "it", "--reviewers", "2")
    told = run(workspace, "decide", "accept", _first(workspace), "--author", "ann")
    assert "1 wait for what others say." in told
    assert "1 decided" in run(workspace, "decide", "accept", _first(workspace), "--author", "ben")


def _first(workspace: Workspace) -> str:
    from tests.review.test_pages import FIRST

    assert workspace.store is not None
    return FIRST
