"""The targets that are wikis: one face for both APIs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Protocol, Self
from urllib.parse import urlsplit

from kgenrich.errors import UsageError
from kgenrich.export.edits import TermChange
from kgenrich.export.wbeditentity import data_of
from kgenrich.export.wikibase_patch import patch_of
from kgenrich.net.credentials import WIKI, read_credentials
from kgenrich.net.wiki_edits import Account, WikiTerms, check_wiki
from kgenrich.net.wikibase_rest import RestApi
from kgenrich.settings import Settings


class Wiki(Protocol):
    """What edits are sent to. `edit` raises as `kgenrich.net.wiki_edits.Account.edit` does."""

    def terms(self, entity: str, wanted: Sequence[TermChange]) -> WikiTerms:
        """The terms of an entity as they are now, at least in the places of those ``wanted``."""
        ...

    def edit(self, entity: str, changes: Sequence[TermChange], now: WikiTerms, summary: str) -> int:
        """Change an entity that was as ``now`` when it was read; the revision that this makes."""
        ...

    def own_revision(self, entity: str, mark: str, changes: Sequence[TermChange]) -> int:
        """The latest revision by us whose summary holds the mark, which made the changes; 0 where
        there is none."""
        ...


class _Signed:
    """An account, for as long as the block lasts."""

    def __init__(self, settings: Settings) -> None:
        publish = settings.publish
        check_wiki(publish.api)
        credentials = read_credentials(WIKI, publish.api, publish.rest)
        self._tags = publish.tags
        self._open = ExitStack()
        account = Account(settings.network, publish.api, credentials, publish.bot)
        self._account = self._open.enter_context(account)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def own_revision(self, entity: str, mark: str, changes: Sequence[TermChange]) -> int:
        return self._account.own_revision(entity, mark)


class ActionWiki(_Signed):
    """A wiki through ``action=wbeditentity``."""

    def terms(self, entity: str, wanted: Sequence[TermChange]) -> WikiTerms:
        return self._account.terms(entity)

    def edit(self, entity: str, changes: Sequence[TermChange], now: WikiTerms, summary: str) -> int:
        return self._account.edit(entity, data_of(changes), now.revision, summary, self._tags)


class RestWiki(_Signed):
    """A wiki through its REST API; the history of an entity comes from ``api.php``."""

    def __init__(self, settings: Settings) -> None:
        publish = settings.publish
        if urlsplit(publish.rest).netloc != urlsplit(publish.api).netloc:
            raise UsageError(f"{publish.rest} and {publish.api} are not of one wiki.")
        credentials = read_credentials(WIKI, publish.api, publish.rest)
        if not credentials.token:
            raise UsageError(
                f"The REST API takes no password: set {WIKI}_TOKEN, or take `rest` out of the "
                "settings."
            )
        super().__init__(settings)
        rest = RestApi(settings.network, publish.rest, credentials, publish.bot)
        self._rest = self._open.enter_context(rest)

    def terms(self, entity: str, wanted: Sequence[TermChange]) -> WikiTerms:
        return self._rest.terms(entity)

    def edit(self, entity: str, changes: Sequence[TermChange], now: WikiTerms, summary: str) -> int:
        patch = patch_of(changes, now.aliases)
        return self._rest.edit(entity, patch, now.revision, summary, self._tags)
