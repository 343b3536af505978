"""SELECT queries to a SPARQL endpoint, through SPARQLWrapper."""

from __future__ import annotations

import re
import warnings
from http.client import BAD_REQUEST
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw, Struct
from SPARQLWrapper import GET, JSON, POST, SELECT, SPARQLWrapper

from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.session import AGAIN, LATE, Refused, Session, check_url
from kgenrich.settings import Network

LONGEST_GET = 2_000
"""Bytes of a query; a longer one is posted, for proxies cut long addresses off."""

_TOOK_LONG = {LATE, 500}
# A query that runs out of time would do so again; query services say so with a 500.
_AGAIN = AGAIN - _TOOK_LONG
_LESS = "; if the query takes long, ask for less at once (see --help on $after)"


_NO_WORDS = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|#[^\n\r]*|\"{3}.*?\"{3}|'{3}.*?'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[\w.-]*:""",
    re.DOTALL,
)
"""Where no word of the language stands: IRIs, comments, strings, prefixes."""

_FORM = re.compile(
    r"(?<![\w?$])(?:SELECT|ASK|CONSTRUCT|DESCRIBE|INSERT|DELETE|LOAD|CLEAR|DROP|CREATE)\b", re.I
)
T = TypeVar("T")


class Node(Struct):
    """A value of a variable: ``type`` is uri, literal or bnode."""

    type: str
    value: str


class _Head(Struct):
    vars: list[str] | None = None


class _Results(Struct):
    bindings: list[Raw]


class _Answer(Struct):
    results: _Results
    head: _Head | None = None


_answer = msgspec.json.Decoder(_Answer)
_row = msgspec.json.Decoder(dict[str, Raw])
_node = msgspec.json.Decoder(Node)


class Table:
    """The answer to a SELECT query. Only the columns that are asked for are looked at."""

    def __init__(self, answer: _Answer) -> None:
        self._rows = [_decoded(_row, row) or {} for row in answer.results.bindings]
        named = answer.head.vars if answer.head else None
        self.variables = named or list(dict.fromkeys(name for row in self._rows for name in row))

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, variable: str) -> list[Node | None]:
        """The values of a variable where it has one, None for what is no value."""
        return [_decoded(_node, row[variable]) for row in self._rows if variable in row]


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
        if (form := query_form(query)) not in ("SELECT", ""):
            raise UsageError(f"The query is no SELECT query but {form}.")
        client = _Client(self._session, self.url)
        with warnings.catch_warnings():
            # It takes words in comments for the form of a query, and warns where it finds none.
            warnings.simplefilter("ignore")
            client.setQuery(query)
        client.queryType = SELECT
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
            return Table(_answer.decode(body))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NetworkError(f"{self._host} sent {_fault(body, error)}.") from error


def query_form(query: str) -> str:
    """The first word of a query that says what it asks for, empty where there is none.

    >>> query_form("# described\\nPREFIX ask: <http://e.x/#ASK> SELECT ?x { ?x ask:a 'ASK' }")
    'SELECT'
    """
    match = _FORM.search(_NO_WORDS.sub(" ", query))
    return match[0].upper() if match else ""


def _decoded(decoder: msgspec.json.Decoder[T], data: Raw) -> T | None:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _fault(body: bytes, error: Exception) -> str:
    """What an answer is that is no table."""
    if isinstance(error, msgspec.ValidationError):
        return "JSON without results: an answer to another query than SELECT, or to none"
    # Servers that run out of time in the middle write what went wrong behind what they have.
    if body.lstrip().startswith(b"{"):
        return f"an answer that is cut off{_LESS}"
    return "something else than JSON" if body.strip() else "an empty answer"
