"""The feed for the Distributed Game: tiles of open proposals, and decisions that come back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import requests

from kgenrich.services.game.app import Game, make_app
from kgenrich.settings import Settings
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import decisions
from kgenrich.verbs.workspace import Workspace
from tests.review.site import HOSTILE, fill
from tests.services.site import served
from tests.stores import THING

SECRET = "a-secret"


@pytest.fixture
def world(store_url: str) -> Iterator[tuple[str, Workspace]]:
    """The address of a game over places without Italian names, and its workspace."""
    store = open_store(store_url, create=True)
    fill(store)
    load_entities(store, [THING])
    store.close()
    with Workspace(Settings(store=store_url)) as workspace:  # type: ignore[call-arg]
        game = Game(workspace, ("it", "de"))
        with served(partial(make_app, game, SECRET)) as url:
            yield f"{url}/{SECRET}", workspace


def ask(url: str, status: int = 200, **params: Any) -> Any:
    answer = requests.get(url, params, timeout=30)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_game_says_what_it_is(world: tuple[str, Workspace]) -> None:
    told = ask(world[0], action="desc")
    assert told["label"]["en"] and told["description"]["en"]
    assert told["options"][0]["values"] == {"it": "Italian", "de": "German"}


def test_tiles_are_open_proposals_with_the_edit_that_a_yes_makes(
    world: tuple[str, Workspace],
) -> None:
    url, _ = world
    first, second = ask(url, action="tiles", num=2, language="it")
    assert first["sections"][0] == {"type": "item", "q": "Q1"}
    assert first["sections"][1]["title"] == "luogo 1"
    green, white, blue = first["controls"][0]["entries"]
    assert [one["decision"] for one in (green, white, blue)] == ["yes", "skip", "no"]
    assert green["api_action"] == {
        "action": "wbsetlabel",
        "id": "Q1",
        "language": "it",
        "value": "luogo 1",
    }
    others = ask(url, action="tiles", num=50, language="it", in_cache=f"{first['id']},x")
    assert first["id"] not in [one["id"] for one in others]
    assert second["id"] in [one["id"] for one in others]
    assert len(ask(url, action="tiles", num="many")) == 1
    alias = next(one for one in ask(url, action="tiles", num=50) if "Q900" in str(one["sections"]))
    assert alias["controls"][0]["entries"][0]["api_action"]["add"] == HOSTILE


def test_what_players_say_is_decided_in_their_name(world: tuple[str, Workspace]) -> None:
    url, workspace = world
    yes, no, skip = (one["id"] for one in ask(url, action="tiles", num=3, language="it"))
    assert ask(url, action="log_action", user="Ann", tile=yes, decision="yes")["status"] == "OK"
    ask(url, action="log_action", user="Bob", tile=no, decision="no")
    ask(url, action="log_action", user="Bob", tile=skip, decision="skip")

    def decided(candidate: str) -> list[tuple[str, str, str]]:
        found = decisions(workspace.store, candidate)
        return [(str(one.verdict), one.author, one.reason) for one in found]

    assert decided(yes) == [("accept", "Ann (Distributed Game)", "")]
    assert decided(no) == [("reject", "Bob (Distributed Game)", "wrong")]
    assert decided(skip) == []
    left = [one["id"] for one in ask(url, action="tiles", num=50, language="it")]
    assert yes not in left and no not in left and skip in left
    # Who comes later changes nothing, and a tile that was sent twice is decided once.
    for user, said in (("Eve", "no"), ("Ann", "yes")):
        late = ask(url, 409, action="log_action", user=user, tile=yes, decision=said)
        assert "has decided on this term" in late["message"]
    assert [author for _, author, _ in decided(yes)] == ["Ann (Distributed Game)"]


def test_nothing_is_answered_or_decided_without_the_secret(world: tuple[str, Workspace]) -> None:
    url, _ = world
    (tile,) = ask(url, action="tiles", num=1)
    for wrong in (url[:-1], url + "x", url.rsplit("/", 1)[0]):
        params = {"action": "log_action", "user": "Eve", "tile": tile["id"], "decision": "yes"}
        assert requests.get(wrong, params, timeout=30).status_code == 404
    assert ask(url, action="tiles", num=1) == [tile]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"action": "drop"},
        {"action": "log_action", "tile": "0" * 32, "decision": "yes"},
        {"action": "log_action", "user": "Ann", "tile": "%", "decision": "yes"},
        {"action": "log_action", "user": "Ann", "tile": "0" * 32, "decision": "maybe"},
        {"action": "log_action", "user": "Ann", "tile": "0" * 32, "decision": "yes"},
        {"action": "desc", "callback": "alert(1)"},
    ],
)
def test_what_is_no_question_is_refused(
    world: tuple[str, Workspace], params: dict[str, str]
) -> None:
    assert ask(world[0], 400, **params)["status"] == "error"


def test_the_site_may_ask_for_a_call_of_its_function(world: tuple[str, Workspace]) -> None:
    answer = requests.get(world[0], {"action": "tiles", "num": 50, "callback": "f"}, timeout=30)
    assert answer.text.startswith("/**/f([{") and "</script>" not in answer.text
