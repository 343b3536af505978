"""Whether a server is there, and what time it has: one question without a key or a body."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import requests
from msgspec import Struct
from urllib3.exceptions import HTTPError

from kgenrich.errors import NetworkError
from kgenrich.net.liveness import CONNECT
from kgenrich.net.session import check_url, reason, user_agent
from kgenrich.net.transport import Adapter, Late
from kgenrich.settings import Network

_SECONDS = 10.0


class Heard(Struct, frozen=True):
    """What a server answered: its ``status``, after how many ``seconds``, and by how many its clock
    is ``ahead`` of ours, to about one; None where it does not tell the time."""

    status: int
    seconds: float
    ahead: float | None


def probe(network: Network, url: str) -> Heard:
    """Ask a server for the headers of an address; whatever it answers, it is there.

    Nothing is asked twice, no redirect is followed, and it takes `CONNECT` seconds to reach and ten
    to answer at most. Raises `NetworkError` where there is no answer, and `UsageError` without a
    contact or for an address that is none.
    """
    check_url(url)
    headers = {"User-Agent": user_agent(network)}
    limit = min(_SECONDS, network.timeout)
    begun = time.monotonic()
    with requests.Session() as session:
        # An entry of ~/.netrc is a password.
        session.auth = _unchanged
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter())
        try:
            answer = session.head(
                url, headers=headers, timeout=(CONNECT, limit), allow_redirects=False
            )
        except (requests.RequestException, HTTPError, Late) as error:
            raise NetworkError(f"{reason(error, limit)}") from error
    seconds = time.monotonic() - begun
    # It looked at its clock on the way.
    return Heard(answer.status_code, seconds, _ahead(answer.headers.get("date"), seconds / 2))


def _ahead(date: str | None, ago: float) -> float | None:
    try:
        # The header has whole seconds, cut off.
        return parsedate_to_datetime(date or "").timestamp() + 0.5 - (time.time() - ago)
    except ValueError:
        return None


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
