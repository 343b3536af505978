"""Alike proposals decided together: what is alike, on the page and on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from kgenrich.cli.main import cli
from kgenrich.errors import UsageError
from kgenrich.model import Entity, TermKind, Verdict
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.policies import Policy, set_policy
from kgenrich.store.story.proposals import proposals, save_proposals
from kgenrich.store.story.undoing import actions
from kgenrich.verbs.alike import CHANGED, AlikeOptions, Group, groups, sample
from kgenrich.verbs.alike import accept_alike as accept
from kgenrich.verbs.review import ReviewOptions
from kgenrich.verbs.workspace import Workspace
from tests.review.site import served, store_path
from tests.review.test_pages import Browser
from tests.store.test_proposals import decision, proposal

DESCRIPTION = TermKind.DESCRIPTION
COMMUNE = [proposal(f"Q{n}", "comune della Norvegia", kind=DESCRIPTION) for n in range(1, 43)]
OTHER = proposal("Q50", "comune della Svezia", kind=DESCRIPTION)
DOUBTED = proposal("Q51", "comune della Norvegia", kind=DESCRIPTION, codes=("W-case",))
ELSEWHERE = proposal("Q60", "comune della Norvegia", kind=DESCRIPTION)
FIRST = COMMUNE[0].candidate.id


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """42 communes of Norway, and what is not like them."""
    url = store_path(tmp_path)
    opened = open_store(url, create=True)
    every = [Entity(f"Q{n}", labels={"en": f"place {n}"}, classes=("Q515",)) for n in range(1, 52)]
    load_entities(opened, [*every, Entity("Q60", classes=("Q5",))])
    load_entities(opened, [Entity("Q515", labels={"en": "commune"})])
    made = [*COMMUNE, OTHER, DOUBTED, ELSEWHERE]
    save_proposals(opened, 1, made, {})
    opened.close()
    found = Workspace(Settings(store=url))  # type: ignore[call-arg]
    yield found
    found.close()


def chosen(**more: object) -> AlikeOptions:
    return AlikeOptions(candidate=FIRST, author="ann", **more)  # type: ignore[arg-type]


def decided(store: Store) -> dict[str, str]:
    return {
        one.proposal.candidate.entity: str(one.decision.verdict)
        for one in proposals(store, state="decided")
        if one.decision
    }


def test_what_is_alike_and_a_sample_of_it(workspace: Workspace) -> None:
    (group,) = groups(workspace, ReviewOptions(), ("en",), "ann")
    assert isinstance(group, Group) and group.number == 42
    assert ([one.text for one in group.classes], group.sources) == (["commune"], ("big", "names"))
    assert group.text == "comune della Norvegia"
    seen = sample(workspace, chosen(), ("en",))
    assert seen.group.number == 42 and len({one.entity for one in seen.shown}) == 5
    assert seen.shown[0].label.text.startswith("place")


def test_all_are_accepted_as_one_action_and_undone_as_one(workspace: Workspace) -> None:
    seen = sample(workspace, chosen(), ("en",))
    report = accept(workspace, chosen(stamp=seen.stamp))
    assert (report.decided, report.new) == (42, 42)
    assert decided(workspace.store) == {f"Q{n}": "accept" for n in range(1, 43)}
    (action,) = actions(workspace.store, "ann", 9)
    assert action.count == 42 and action.batch == report.action


def test_nothing_is_decided_that_was_not_seen(workspace: Workspace) -> None:
    stamp = sample(workspace, chosen(), ("en",)).stamp
    with pytest.raises(UsageError, match=CHANGED):
        accept(workspace, chosen())
    save_decisions(workspace.store, [decision(COMMUNE[7], Verdict.REJECT, author="ben")])
    with pytest.raises(UsageError, match=CHANGED):
        accept(workspace, chosen(stamp=stamp))
    assert accept(workspace, chosen(stamp=sample(workspace, chosen(), ()).stamp)).decided == 41


def test_what_something_speaks_against_by_now_is_left_out(workspace: Workspace) -> None:
    stamp = sample(workspace, chosen(), ("en",)).stamp
    moved = Entity("Q9", labels={"en": "place 9", "it": "posto"}, classes=("Q515",), revision=7)
    load_entities(workspace.store, [moved])
    report = accept(workspace, chosen(stamp=stamp))
    assert (report.decided, report.left_out) == (41, {"E-stale": 1})
    with pytest.raises(UsageError, match="speaks against"):
        sample(workspace, replace(chosen(), candidate=DOUBTED.candidate.id), ())


def test_where_two_decide_they_are_opinions(workspace: Workspace) -> None:
    set_policy(workspace.store, ("it",), Policy(2))
    stamp = sample(workspace, chosen(), ()).stamp
    assert accept(workspace, chosen(stamp=stamp)).waiting == 42
    assert decided(workspace.store) == {}
    ben = replace(chosen(stamp=stamp), author="ben")
    assert sample(workspace, ben, ()).stamp == stamp
    assert accept(workspace, ben).waiting == 0
    assert len(decided(workspace.store)) == 42


def test_on_the_page(workspace: Workspace) -> None:
    with served(workspace.settings.store) as site:
        browser = Browser(site)
        browser.get("/")
        assert 'href="/alike?' in browser.html
        assert "42 proposals" in browser.get("/alike?languages=it")
        html = browser.get(f"/alike/{FIRST}?languages=it")
        assert "Accept all 42" in html and html.count("comune della Norvegia") == 5
        stamp = html.partition('name="stamp" value="')[2][:32]
        assert "for a reason" in browser.send(browser.at, 400, action="reject", stamp=stamp)
        browser.get(f"/alike/{FIRST}?languages=it")
        assert "has changed" in browser.send(browser.at, 400, action="accept", stamp="0" * 32)
        browser.get(f"/alike/{FIRST}?languages=it")
        browser.send(browser.at, action="reject:style", stamp=stamp)
        assert "42 decided together" in browser.html
        assert set(decided(workspace.store).values()) == {"reject"}
        batch = browser.html.partition('name="batch" value="')[2][:16]
        browser.send("/undo", batch=batch)
        assert decided(workspace.store) == {}
        browser.session.cookies.clear()
        assert (
            browser.session.post(site + f"/alike/{FIRST}", {"action": "accept"}).status_code == 403
        )


def run(workspace: Workspace, *arguments: str, typed: str = "", code: int = 0) -> str:
    command = ["--store", workspace.settings.store, "decide", *arguments]
    result = CliRunner().invoke(cli, command, input=typed)
    assert result.exit_code == code, result.output
    return result.output


def test_on_the_terminal(workspace: Workspace) -> None:
    (group,) = msgspec.json.decode(run(workspace, "alike", "-l", "it", "--json"))
    assert group["number"] == 42
    assert "42" in run(workspace, "alike")
    told = run(workspace, "alike", FIRST, "--author", "ann", typed="x")
    assert "42 it description proposals of commune" in told and decided(workspace.store) == {}
    run(workspace, "alike", FIRST, "--author", "ann", typed="r1")
    assert set(decided(workspace.store).values()) == {"reject"}
    run(workspace, "undo", "--author", "ann")
    told = run(workspace, "alike", FIRST, "--accept", "--yes", "--author", "ann")
    assert "42 decided" in told and len(decided(workspace.store)) == 42
