"""SELECT queries to a SPARQL endpoint, through SPARQLWrapper."""

from __future__ import annotations

import warnings
from http.client import BAD_REQUEST
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from SPARQLWrapper import GET, JSON, POST, SPARQLWrapper

from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.session import AGAIN, LATE, Refused, Session, check_url
from kgenrich.settings import Network

LONGEST_GET = 2_000
"""Bytes of a query; a longer one is posted, for proxies cut long addresses off."""

_TOOK_LONG = {LATE, 500}
# A query that runs out of time would do so again; query services say so with a 500.
_AGAIN = AGAIN - _TOOK_LONG
_LESS = "; if the query takes long, ask for less at once (see --help on $after)"


class Node(Struct):
    """A value of a variable: ``type`` is uri, literal or bnode."""

    type: str
    value: str


class _Head(Struct):
    vars: list[str] = []


class _Results(Struct):
    bindings: list[dict[str, Node]]


class Table(Struct):
    """The answer to a SELECT query."""

    head: _Head
    results: _Results


_table = msgspec.json.Decoder(Table)


class _Client(SPARQLWrapper):
    """SPARQLWrapper over a session of ours: with its manners, bounds and deadlines."""

    def __init__(self, session: Session, url: str) -> None:
        super().__init__(url, returnFormat=JSON)
        self._session = session

    def _query(self) -> tuple[Any, str]:
        request: Any = self._createRequest()
        answer = self._session.request(
            request.get_method(),
            request.full_url,
            data=request.data,
            headers={k: v for k, v in request.header_items() if k.lower() != "user-agent"},
            again=_AGAIN,
        )
        return BytesIO(answer.body), self.returnFormat


class Endpoint:
    """One SPARQL endpoint, asked one question at a time.

    Raises `UsageError` when no contact is set.
    """

    def __init__(self, network: Network, url: str) -> None:
        self.url = check_url(url)
        self._host = urlsplit(url).netloc
        self._session = Session(network)

    def select(self, query: str) -> Table:
        """Ask. Raises `UsageError` for a query that the server does not understand and
        `NetworkError` for everything else that goes wrong."""
        client = _Client(self._session, self.url)
        with warnings.catch_warnings():
            # It warns of queries it cannot classify; the server will say what is wrong with them.
            warnings.simplefilter("ignore")
            client.setQuery(query)
        if client.queryType != "SELECT":
            raise UsageError(f"The query is no SELECT query but {client.queryType}.")
        client.setMethod(POST if len(query.encode()) > LONGEST_GET else GET)
        client.setOnlyConneg(True)
        try:
            body = client.query().response.read()
        except Refused as error:
            if error.status == BAD_REQUEST:
                raise UsageError(f"The query was refused: {error}") from error
            if error.status in _TOOK_LONG:
                raise NetworkError(f"{str(error).rstrip('.')}{_LESS}.") from error
            raise
        try:
            return _table.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            what = "an answer that is cut off or no SPARQL JSON"
            raise NetworkError(f"{self._host} sent {what}{_LESS}.") from error
