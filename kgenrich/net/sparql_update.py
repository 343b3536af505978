"""A SPARQL endpoint that is written to: updates that are sent once, and queries that see them."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from kgenrich.errors import NetworkError
from kgenrich.net.credentials import Credentials
from kgenrich.net.session import Refused, Session, check_url
from kgenrich.settings import Network


class _Value(Struct):
    value: str = ""


class _Results(Struct):
    bindings: list[dict[str, _Value]]


class _Answer(Struct):
    results: _Results


class UpdateEndpoint:
    """Where updates go, and where queries are answered, which may be two addresses of one store."""

    def __init__(self, network: Network, update: str, query: str, credentials: Credentials) -> None:
        self._update, self._query = check_url(update), check_url(query or update)
        self._keys = credentials.header
        self._session = Session(network, secret=credentials.secret)

    def __enter__(self) -> UpdateEndpoint:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.__exit__(*error)

    def update(self, text: str) -> None:
        """Do an update (SPARQL 1.1 Protocol, 2.2). Raises `Unanswered` where nobody knows whether
        it was done, and another `NetworkError` where it was not."""
        try:
            self._session.request(
                "POST",
                self._update,
                data=text.encode(),
                headers={"Content-Type": "application/sparql-update"},
                keys=self._keys,
                again=frozenset({429}),
                once=True,
            )
        except Refused as error:
            # Most stores have nothing to say to that.
            if not 200 <= error.status < 300:
                raise

    def rows(self, query: str) -> list[dict[str, str]]:
        """The answer to a SELECT query, a mapping from variables to values a row."""
        answer = self._session.request(
            "POST",
            self._query,
            data=query.encode(),
            headers={
                "Content-Type": "application/sparql-query",
                "Accept": "application/sparql-results+json",
            },
            keys=self._keys,
        )
        try:
            told = msgspec.json.decode(answer.body, type=_Answer)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            host = urlsplit(self._query).netloc
            raise NetworkError(f"{host} sent an answer that is no table of SPARQL.") from error
        return [{n: value.value for n, value in row.items()} for row in told.results.bindings]
