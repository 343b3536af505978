"""The application: ``action=desc`` says what the game is, ``tiles`` gives some, ``log_action``
takes what a player said.

The game's site asks all of it by GET, from anywhere, and nothing proves who plays. So the address
has a secret in it, which only that site is told, and authors are marked as players of the game.
"""

from __future__ import annotations

import re
from hmac import compare_digest
from threading import Lock
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kgenrich.errors import KgenrichError, UsageError
from kgenrich.languages import name as language_name
from kgenrich.languages import valid_codes, wikimedia
from kgenrich.model import RejectReason, TermKind
from kgenrich.services.address import ServiceAddress
from kgenrich.services.answers import answered
from kgenrich.services.guard import Guard, refused
from kgenrich.text import clean
from kgenrich.verbs.decide import DecideOptions, QueueOptions, accept, queue, reject
from kgenrich.verbs.workspace import Workspace

Json = dict[str, Any]

MOST_TILES = 50
_MOST_CACHED = 500
_LONGEST_NAME = 85
"""Characters of a user's name in MediaWiki."""
_KINDS = (TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS)
"""What a wiki has a place for."""
_CANDIDATE = re.compile(r"[0-9a-f]{8,64}")


class Game:
    """The open proposals of a store, as a game in some languages (none: in all)."""

    def __init__(
        self, workspace: Workspace, languages: tuple[str, ...] = (), kinds: tuple[str, ...] = ()
    ) -> None:
        self._workspace = workspace
        self.languages = languages
        self._kinds = kinds
        self._writing = Lock()

    def describe(self) -> Json:
        """What the game is."""
        codes = self.languages or ("en",)
        return {
            "label": {"en": "Names that Wikidata lacks"},
            "description": {
                "en": "Is this what the item is called in this language? Names were proposed by "
                "several sources, which are told."
            },
            "options": [
                {
                    "name": "Language",
                    "key": "language",
                    "values": {code: language_name(code) for code in codes},
                }
            ],
        }

    def tiles(self, number: int, seen: frozenset[str], languages: tuple[str, ...]) -> list[Json]:
        """Open proposals that the player has not seen."""
        wanted = min(max(number, 1), MOST_TILES)
        options = QueueOptions(
            languages=languages or self.languages, kinds=self._kinds, limit=wanted + len(seen)
        )
        rows = [
            row
            for row in queue(self._workspace, options)
            if row["candidate"] not in seen and row["entity"][:1] == "Q" and row["kind"] in _KINDS
        ]
        return [_tile(row) for row in rows[:wanted]]

    def log(self, user: str, candidate: str, decision: str) -> None:
        """Take what a player said of a proposal; where somebody has decided, that holds. Raises
        `UsageError` for what cannot be, and as `accept` does."""
        name = clean(user)[:_LONGEST_NAME]
        if not name or not _CANDIDATE.fullmatch(candidate):
            raise UsageError("There is no player or no tile to log.")
        options = DecideOptions(
            candidates=(candidate,),
            author=f"{name} (Distributed Game)",
            unless_decided=True,
        )
        with self._writing:
            if decision == "yes":
                accept(self._workspace, options)
            elif decision == "no":
                no = msgspec.structs.replace(options, reason=RejectReason.WRONG)
                reject(self._workspace, no)
            elif decision != "skip":
                raise UsageError(f"There is no decision {decision!r}.")


def make_app(game: Game, secret: str, address: ServiceAddress) -> Starlette:
    """The feed of a game at an address; ``secret`` is the path that it answers at."""

    def answer(request: Request) -> Response:
        query = request.query_params
        if not compare_digest(request.path_params["secret"].encode(), secret.encode()):
            return refused("There is nothing here.", 404)
        match query.get("action", ""):
            case "desc":
                told: Any = game.describe()
            case "tiles":
                seen = frozenset(query.get("in_cache", "").split(",")[:_MOST_CACHED]) - {""}
                asked = query.get("language", "") or query.get("lang", "")
                code = wikimedia(asked) if asked else None
                languages = _playable(code, game)
                told = game.tiles(_number(query.get("num", "")), seen, languages)
            case "log_action":
                texts = (query.get(name, "") for name in ("user", "tile", "decision"))
                game.log(*texts)
                told = {"status": "OK"}
            case other:
                raise UsageError(f"There is no action {other[:40]!r}.")
        return answered(told, query.get("callback"))

    return Starlette(
        routes=[Route("/{secret}", answer)],
        middleware=[Middleware(Guard, hosts=address.hosts)],
        exception_handlers={KgenrichError: _told},
    )


def _playable(code: str | None, game: Game) -> tuple[str, ...]:
    """The language that a player asks for, where the game has it."""
    if code is None:
        return ()
    try:
        valid_codes([code])
    except UsageError:
        return ()
    return (code,) if not game.languages or code in game.languages else ()


def _tile(row: Json) -> Json:
    entity, language, text = row["entity"], row["language"], row["text"]
    told = "; ".join([*row["reasons"]][:3])
    called = f"{row['kind']} in {language_name(language)}"
    if row["replaces"]:
        called += f", instead of {row['replaces']}"
    return {
        "id": row["candidate"],
        "sections": [
            {"type": "item", "q": entity},
            {"type": "text", "title": text, "text": f"{called}. {told}"[:1000]},
        ],
        "controls": [
            {
                "type": "buttons",
                "entries": [
                    {
                        "type": "green",
                        "decision": "yes",
                        "label": "Yes, it is called so",
                        "api_action": _edit(row),
                    },
                    {"type": "white", "decision": "skip", "label": "I do not know"},
                    {"type": "blue", "decision": "no", "label": "No"},
                ],
            }
        ],
    }


def _edit(row: Json) -> Json:
    """The request to the wiki that the game makes for the player who says yes."""
    place = {"id": row["entity"], "language": row["language"]}
    if row["kind"] == TermKind.ALIAS:
        return {"action": "wbsetaliases", **place, "add": row["text"]}
    return {"action": f"wbset{row['kind']}", **place, "value": row["text"]}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _told(request: Request, error: Exception) -> Response:
    return refused(str(error), 400 if isinstance(error, UsageError) else 409)
