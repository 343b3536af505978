"""Reading and editing the terms of one entity of a Wikibase through ``api.php``, signed in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.credentials import Credentials
from kgenrich.net.mediawiki import ApiError, MediaWiki
from kgenrich.net.session import Session, Unanswered
from kgenrich.settings import Network

MOST_REVISIONS = 50
"""Revisions of ours that are looked through for an edit."""

_CONFLICT = frozenset({"editconflict", "edit-conflict"})
_TOKEN = frozenset({"badtoken", "notoken"})
_SIGNED_OUT = frozenset({"assertuserfailed", "assertbotfailed", "assertnameduserfailed"})
_THIS_EDIT = re.compile(
    r"modification-failed|failed-modify|failed-save|no-such-entity|unresolved-redirect"
    r"|(?:unknown|not-recognized)[-_]language|wikibase-.*|edit-gone-missing|entity-too-big"
)
"""Codes and messages that are about what is edited, where all of them are such."""
_THIS_PAGE = re.compile(r"abusefilter-.*|spam.*|.*protected.*|titleblacklist-.*|hookaborted")
"""What others have forbidden for this edit: nobody should go on before somebody has looked."""


class EditConflict(NetworkError):
    """Somebody else edited the entity since it was read. Nothing was written."""


class EditRefused(NetworkError):
    """The wiki does not take this edit. Nothing was written; others may go on."""


class EditingStopped(NetworkError):
    """The wiki said something after which a polite client stops; ``here`` whether it is about this
    edit, and not about the account."""

    def __init__(self, sentence: str, *, here: bool = False) -> None:
        super().__init__(sentence)
        self.here = here


class WikiTerms(Struct, frozen=True):
    """The terms of an entity as the wiki has them. ``target`` is the entity that took its place,
    ``exists`` whether there is any."""

    revision: int = 0
    labels: Mapping[str, str] = {}
    descriptions: Mapping[str, str] = {}
    aliases: Mapping[str, Sequence[str]] = {}
    target: str = ""
    exists: bool = True


class _Term(Struct):
    value: str


class _Redirect(Struct):
    to: str


class _Entity(Struct):
    id: str = ""
    missing: Any = None
    pageid: int = 0
    lastrevid: int = 0
    # Format version 1 gives an empty list for an empty object.
    labels: dict[str, _Term] | list[Any] = {}
    descriptions: dict[str, _Term] | list[Any] = {}
    aliases: dict[str, list[_Term]] | list[Any] = {}
    redirects: _Redirect | None = None


class _Entities(Struct):
    entities: dict[str, _Entity] = {}


class _Edited(Struct):
    entity: _Entity


class Account:
    """An account of a wiki, signed in with a token or a (bot) password; ``bot`` says that it edits
    as a bot. Raises `EditingStopped` where the wiki does not let it in or has blocked it."""

    def __init__(self, network: Network, api: str, credentials: Credentials, bot: bool) -> None:
        self.host = urlsplit(api).netloc
        self._credentials = credentials
        self._bot = bot
        self._session = Session(network, secret=credentials.secret)
        self._wiki = MediaWiki(self._session, api, credentials.bearer)
        self._csrf = ""
        self.user = ""
        self._sign_in()

    def __enter__(self) -> Account:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.__exit__(*error)

    def terms(self, entity: str) -> WikiTerms:
        """The terms of an entity as they are now."""
        found = self._entity(entity, "labels|descriptions|aliases|info")
        if found is None:
            return WikiTerms(exists=False)
        if found.redirects is not None or found.id != entity:
            return WikiTerms(target=found.redirects.to if found.redirects else found.id)
        aliases = found.aliases if isinstance(found.aliases, dict) else {}
        return WikiTerms(
            found.lastrevid,
            _texts(found.labels),
            _texts(found.descriptions),
            {code: [term.value for term in terms] for code, terms in aliases.items()},
        )

    def edit(
        self, entity: str, data: Mapping[str, Any], base: int, summary: str, tags: Sequence[str]
    ) -> int:
        """Change an entity (``action=wbeditentity``) as it was in the revision ``base``; the
        revision that this makes.

        Raises `EditConflict`, `EditRefused`, `EditingStopped`, `Unanswered` where nobody knows
        whether it was done, and another `NetworkError` where it was not.
        """
        parameters = {
            "action": "wbeditentity",
            "id": entity,
            "data": msgspec.json.encode(data).decode(),
            "baserevid": str(base),
            "summary": summary,
            **({"tags": "|".join(tags)} if tags else {}),
            **({"bot": "1", "assert": "bot"} if self._bot else {"assert": "user"}),
            "assertuser": self.user,
        }
        for again in (True, False):
            try:
                body = self._wiki.post({**parameters, "token": self._token()})
            except ApiError as error:
                if again and error.code in _TOKEN | _SIGNED_OUT:
                    # The session came to its end: nothing was done.
                    self._csrf = ""
                    if error.code in _SIGNED_OUT:
                        self._sign_in()
                    continue
                raise fault_of(error) from error
            try:
                edited: _Edited = _decoded(self.host, body, _Edited)
            except NetworkError as error:
                raise Unanswered(str(error)) from error
            return edited.entity.lastrevid
        raise AssertionError

    def own_revision(self, entity: str, mark: str) -> int:
        """The latest revision of an entity by this account whose summary holds the mark; 0 where
        there is none."""
        found = self._entity(entity, "info")
        if found is None or not found.pageid:
            return 0
        body = self._wiki.get(
            {
                "action": "query",
                "prop": "revisions",
                "pageids": str(found.pageid),
                "rvprop": "ids|comment|user",
                "rvuser": self.user,
                "rvlimit": str(MOST_REVISIONS),
            }
        )
        told = _decoded(self.host, body, dict[str, Any])
        pages = told.get("query", {}).get("pages", [])
        for revision in pages[0].get("revisions", []) if pages else []:
            if revision.get("user") == self.user and mark in revision.get("comment", ""):
                return int(revision["revid"])
        return 0

    def _entity(self, entity: str, parts: str) -> _Entity | None:
        try:
            body = self._wiki.get({"action": "wbgetentities", "ids": entity, "props": parts})
        except ApiError as error:
            if error.code == "no-such-entity":
                return None
            raise EditingStopped(str(error)) from error
        entities = _decoded(self.host, body, _Entities).entities
        found = next(iter(entities.values()), None)
        return None if found is None or found.missing is not None else found

    def _sign_in(self) -> None:
        try:
            if not self._credentials.token:
                token = self._tokens("login")
                parameters = {"action": "login", "lgtoken": token}
                parameters |= {"lgname": self._credentials.user}
                body = self._wiki.post(parameters | {"lgpassword": self._credentials.password})
                login = _decoded(self.host, body, dict[str, Any]).get("login", {})
                if login.get("result") != "Success":
                    reason = " ".join(str(login.get("reason") or login.get("result")).split())
                    raise EditingStopped(
                        f"{self.host} does not let {self._credentials.user} in: {reason[:200]}"
                    )
            body = self._wiki.get({"action": "query", "meta": "userinfo", "uiprop": "blockinfo"})
        except ApiError as error:
            raise EditingStopped(str(error)) from error
        info = _decoded(self.host, body, dict[str, Any]).get("query", {}).get("userinfo", {})
        if "anon" in info and info["anon"] is not False:
            raise EditingStopped(f"{self.host} takes the token for nobody's: is it still valid?")
        if info.get("blockid") and not info.get("blockpartial"):
            reason = " ".join(str(info.get("blockreason", "")).split())[:200]
            raise EditingStopped(f"{self.host} has blocked {info.get('name')}: {reason}.")
        self.user = str(info.get("name", ""))

    def _token(self) -> str:
        if not self._csrf:
            try:
                self._csrf = self._tokens("csrf")
            except ApiError as error:
                raise EditingStopped(str(error)) from error
        return self._csrf

    def _tokens(self, kind: str) -> str:
        body = self._wiki.get({"action": "query", "meta": "tokens", "type": kind})
        tokens = _decoded(self.host, body, dict[str, Any]).get("query", {}).get("tokens", {})
        return str(tokens.get(f"{kind}token", ""))


def fault_of(error: ApiError) -> NetworkError:
    """What an error of the API means for whoever edits."""
    names = {error.code, *error.messages}
    if names & _CONFLICT:
        return EditConflict(str(error))
    if any(map(_THIS_PAGE.fullmatch, names)):
        return EditingStopped(str(error), here=True)
    if all(map(_THIS_EDIT.fullmatch, names)) and names != {"failed-save"}:
        return EditRefused(str(error))
    return EditingStopped(str(error))


def _texts(terms: dict[str, _Term] | list[Any]) -> dict[str, str]:
    return {code: t.value for code, t in terms.items()} if isinstance(terms, dict) else {}


def _decoded(host: str, body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NetworkError(f"{host} sent an answer that is not what was asked for.") from error


def check_wiki(api: str) -> None:
    """Raises `UsageError` for an address that cannot be that of ``api.php``."""
    if not urlsplit(api).path.endswith(".php"):
        raise UsageError(f"{api!r} is no address of an API: it ends in api.php.")
