"""The Wikibase REST API (version 1): terms of one entity with their ETag, and patches to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field

from kgenrich.errors import NetworkError
from kgenrich.net.credentials import Credentials
from kgenrich.net.session import Answer, Refused, Session, Unanswered, check_url
from kgenrich.net.wiki_edits import EditConflict, EditingStopped, EditRefused, WikiTerms
from kgenrich.settings import Network

_PATHS = {"Q": "items", "P": "properties"}
_CONFLICTS = frozenset({"patch-test-failed", "patch-target-not-found"})
_FORBIDDEN_HERE = frozenset({"abuse-filter", "spam-blacklist", "page-protected"})


class _Terms(Struct):
    labels: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}


class _Fault(Struct):
    code: str = ""
    message: str = ""
    context: dict[str, Any] = {}
    # Errors of MediaWiki's own REST framework.
    error_key: str = field(default="", name="errorKey")


class RestApi:
    """One wiki's REST API; ``bot`` says that edits are those of a bot."""

    def __init__(self, network: Network, url: str, credentials: Credentials, bot: bool) -> None:
        self.url = check_url(url).rstrip("/")
        self.host = urlsplit(url).netloc
        self._bot = bot
        self._session = Session(network, secret=credentials.secret)
        self._keys = credentials.bearer

    def __enter__(self) -> RestApi:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.__exit__(*error)

    def terms(self, entity: str) -> WikiTerms:
        """The terms of an entity as they are now."""
        try:
            answer = self._session.request(
                "GET",
                self._address(entity),
                params={"_fields": "labels,descriptions,aliases"},
                keys=self._keys,
            )
        except Refused as error:
            if error.status == 404:
                return WikiTerms(exists=False)
            if error.status in (301, 307, 308):
                return WikiTerms(target="another")
            raise self._fault_of(error) from error
        terms = msgspec.json.decode(answer.body, type=_Terms)
        return WikiTerms(_revision(answer), terms.labels, terms.descriptions, terms.aliases)

    def edit(
        self,
        entity: str,
        patch: Sequence[Mapping[str, Any]],
        base: int,
        comment: str,
        tags: Sequence[str],
    ) -> int:
        """Change an entity, if its revision still is ``base``; the revision that this makes.
        Raises as `kgenrich.net.wiki_edits.Account.edit` does."""
        body = {"patch": patch, "tags": list(tags), "bot": self._bot, "comment": comment}
        try:
            answer = self._session.request(
                "PATCH",
                self._address(entity),
                data=msgspec.json.encode(body),
                headers={"Content-Type": "application/json", "If-Match": f'"{base}"'},
                keys=self._keys,
                again=frozenset({429}),
                once=True,
            )
        except Refused as error:
            raise self._fault_of(error) from error
        if not (revision := _revision(answer)):
            raise Unanswered(f"{self.host} gave no ETag.")
        return revision

    def _address(self, entity: str) -> str:
        return f"{self.url}/entities/{_PATHS[entity[:1]]}/{entity}"

    def _fault_of(self, error: Refused) -> NetworkError:
        try:
            fault = msgspec.json.decode(error.body, type=_Fault)
        except (msgspec.MsgspecError, ValueError):
            fault = _Fault()
        denied = str(fault.context.get("denial_reason", ""))
        said = " ".join(f"{fault.message}{f' ({denied})' if denied else ''}".split())[:200]
        code = fault.code or fault.error_key or f"{error.status}"
        sentence = f"{self.host} refused ({code}): {said.rstrip('.')}." if said else str(error)
        if error.status == 412 or fault.code in _CONFLICTS:
            return EditConflict(sentence)
        if error.status in (401, 403):
            return EditingStopped(sentence, here=denied in _FORBIDDEN_HERE)
        # A fault without a code is not about what is edited.
        if fault.code and error.status in (400, 404, 409, 422):
            return EditRefused(sentence)
        return EditingStopped(sentence)


def _revision(answer: Answer) -> int:
    """The revision that an ETag names (``"123"``, ``W/"123"``); 0 where it names none."""
    tag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
    return int(tag) if tag.isdecimal() and tag.isascii() else 0
