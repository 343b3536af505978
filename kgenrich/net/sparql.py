"""SELECT queries to a SPARQL endpoint, through SPARQLWrapper."""

from __future__ import annotations

import urllib.error
import warnings
from ast import literal_eval
from http.client import HTTPException
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from SPARQLWrapper import GET, JSON, POST, SPARQLExceptions, SPARQLWrapper

from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.pacing import Later, Rate, persist
from kgenrich.net.session import AGAIN, check_url, user_agent
from kgenrich.settings import Network

LONGEST_GET = 2_000
"""Bytes of a query; a longer one is posted, for proxies cut long addresses off."""

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


class Endpoint:
    """One SPARQL endpoint, asked one question at a time.

    Raises `UsageError` when no contact is set.
    """

    def __init__(self, network: Network, url: str) -> None:
        self.url = check_url(url)
        self._host = urlsplit(url).netloc
        self._network = network
        self._agent = user_agent(network)
        self._rate = Rate(network.requests_per_minute)

    def select(self, query: str) -> Table:
        """Ask. Raises `UsageError` for a query that the server does not understand and
        `NetworkError` for everything else that goes wrong."""
        wrapper = SPARQLWrapper(self.url, agent=self._agent, returnFormat=JSON)
        with warnings.catch_warnings():
            # It warns of queries it cannot classify; the server will say what is wrong with them.
            warnings.simplefilter("ignore")
            wrapper.setQuery(query)
        if wrapper.queryType != "SELECT":
            raise UsageError(f"The query is no SELECT query but {wrapper.queryType}.")
        wrapper.setMethod(POST if len(query.encode()) > LONGEST_GET else GET)
        wrapper.setOnlyConneg(True)
        wrapper.setTimeout(max(1, round(self._network.timeout)))
        return persist(lambda: self._once(wrapper), self._host, self._network.retries, self._rate)

    def _once(self, wrapper: SPARQLWrapper) -> Table:
        self._rate.wait()
        try:
            return self._read(wrapper)
        except SPARQLExceptions.QueryBadFormed as error:
            raise UsageError(f"{self._host} rejects the query{_reason(error)}.") from error
        except SPARQLExceptions.EndPointInternalError as error:
            # The query service says so when a query runs out of time; it would do so again.
            raise NetworkError(f"{self._host} failed{_reason(error)}{_LESS}.") from error
        except SPARQLExceptions.SPARQLWrapperException as error:
            raise NetworkError(f"{self._host}: {error.msg.rstrip('.')}.") from error
        except urllib.error.HTTPError as error:
            if error.code not in AGAIN:
                raise NetworkError(f"{self._host} answered {error.code}.") from error
            raise Later(f"it answered {error.code}", error.headers.get("Retry-After")) from error
        except TimeoutError as error:
            seconds = f"{self._network.timeout:g} seconds"
            raise NetworkError(f"{self._host} was silent for {seconds}{_LESS}.") from error
        except (OSError, HTTPException) as error:
            raise Later(f"it could not be reached ({getattr(error, 'reason', error)})") from error

    def _read(self, wrapper: SPARQLWrapper) -> Table:
        most = self._network.max_answer_bytes
        response = wrapper.query().response
        with response:
            body = response.read(most + 1)
        if len(body) > most:
            raise NetworkError(f"{self._host} sent more than {most:,} bytes{_LESS}.")
        try:
            return _table.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            what = "an answer that is cut off or no SPARQL JSON"
            raise NetworkError(f"{self._host} sent {what}{_LESS}.") from error


def _reason(error: Exception) -> str:
    """The first line of what the server said with an error, of which SPARQLWrapper keeps only the
    printed form."""
    try:
        body = literal_eval(str(error).partition("Response:\n")[2])
        text = body.decode("utf-8", "replace")
    except (ValueError, SyntaxError, AttributeError):
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = "".join(c for c in lines[0] if c.isprintable()) if lines else ""
    return f": {first[:160].rstrip('.')}" if first and not first.startswith("<") else ""
