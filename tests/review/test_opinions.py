"""Two people on one term, on the page: blind, in disagreement, and agreed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.story.policies import Policy, set_policy
from kgenrich.verbs.reviewers import InviteOptions, invite
from kgenrich.verbs.workspace import Workspace
from tests.review.site import fill, proof_in, served
from tests.review.test_pages import FIRST, RIVAL, Browser, held

People = dict[str, Browser]


@pytest.fixture
def people(store: Store, store_url: str) -> Iterator[People]:
    """Three who have signed in, where two decide."""
    fill(store)
    set_policy(store, ("it",), Policy(2))
    workspace = Workspace(Settings(store=store_url))  # type: ignore[call-arg]
    with served(store_url, local=None) as site:
        found = {}
        for name in ("ann", "ben", "eve"):
            token = invite(workspace, InviteOptions(name=name, languages=("it",)))
            found[name] = Browser(site)
            found[name].get("/sign-in")
            found[name].send("/sign-in", token=token, to="/", proof="")
        yield found
    workspace.close()


def test_the_second_opinion_is_blind(people: People, store: Store) -> None:
    ann, ben = people["ann"], people["ben"]
    ann.get("/next")
    assert ann.at.startswith(f"/item/{FIRST}")
    ann.send(ann.at, action="accept")
    assert "luogo 2" in ann.html and held(store, FIRST) == ""
    assert "accept: <bdi" in ann.get("/log"), "one's own is told"
    plain = ben.get("/next")
    assert ben.at.startswith(f"/item/{FIRST}")
    for told in (">ann<", "What people say", "What was decided"):
        assert told not in plain
    log = ben.get("/log")
    assert "you see once it is decided" in log and "luogo 1" not in log
    ben.get(f"/item/{FIRST}")
    ben.send(f"/item/{FIRST}", action="accept")
    assert held(store, FIRST) == "accept luogo 1 by ben"
    assert "luogo 1" in ben.get("/log") and "you see once" not in ben.html
    assert ">ann<" in people["eve"].get(f"/item/{FIRST}")


def test_a_disagreement_is_shown_and_settled(people: People, store: Store) -> None:
    ann, ben, eve = people.values()
    ann.get("/next")
    ann.send(ann.at, action="accept")
    ben.get(f"/item/{FIRST}")
    ben.send(f"/item/{FIRST}", action=f"accept:{RIVAL}")
    assert (held(store, FIRST), held(store, RIVAL)) == ("", "")
    assert "states=disagreement" in eve.get("/?languages=it")
    html = eve.get("/next?states=disagreement")
    assert ">ann<" in html and ">ben<" in html and "luoghi 1" in html
    eve.send(eve.at, action=f"accept:{RIVAL}")
    assert held(store, RIVAL) == "accept luoghi 1 by eve"
    assert "Nothing is left" in eve.html


def test_undo_takes_an_opinion_back(people: People, store: Store) -> None:
    ann, ben = people["ann"], people["ben"]
    ann.get("/next")
    ann.send(ann.at, action="accept")
    ann.send("/undo", proof=proof_in(ann.html))
    assert ann.at.startswith(f"/item/{FIRST}")
    ben.get(f"/item/{FIRST}")
    ben.send(f"/item/{FIRST}", action="accept")
    assert held(store, FIRST) == "", "ann has said nothing"
