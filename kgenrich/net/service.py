"""A service that takes and gives JSON, perhaps with a key that nobody else may see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.net.faults import NO_MONEY, fault_in, told
from kgenrich.net.liveness import Dead, Liveness
from kgenrich.net.pacing import Later
from kgenrich.net.session import AGAIN, Answer, Refused, Session, check_url, is_page
from kgenrich.settings import Network

LARGEST = 4 * 2**20
"""Bytes of one answer; a name, a page of results or a chat message takes a thousandth of it."""

_NO_KEY = "Is the key valid, and may it do this?"
_NO_MONEY = "The account seems to be empty."
_NOT_HERE = (404, 405, 410, *range(300, 400))

T = TypeVar("T")


class Service:
    """One server, spoken to through `Session`; safe to use from several threads.

    ``headers`` are sent with every request, ``secret`` is blotted out of every answer and error,
    and ``hints`` say by status what to do when the service can be used no further. Raises
    `UsageError` when the URL is none or no contact is set.
    """

    def __init__(
        self,
        network: Network,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret: str = "",
        hints: Mapping[int, str] | None = None,
    ) -> None:
        self.url = check_url(url).rstrip("/")
        self.host = urlsplit(url).netloc.rpartition("@")[2]
        most = min(network.max_answer_bytes, LARGEST)
        self._session = Session(
            network.model_copy(update={"max_answer_bytes": most}),
            secret=secret,
            liveness=Liveness(),
        )
        self._headers = dict(headers or {})
        self._secret = secret
        elsewhere = f"Is {self.url} the right address, and the model's name right?"
        usual = {
            401: _NO_KEY,
            403: _NO_KEY,
            NO_MONEY: _NO_MONEY,
            **dict.fromkeys(_NOT_HERE, elsewhere),
        }
        self._hints = {**usual, **(hints or {})}

    def post(self, path: str, body: Any, kind: type[T]) -> T:
        """Post JSON. See `_ask` for what is raised."""
        return self._ask("POST", path, kind, json=body)

    def get(self, path: str, parameters: Mapping[str, str], kind: type[T]) -> T:
        """Ask with parameters in the address. See `_ask` for what is raised."""
        return self._ask("GET", path, kind, params=parameters)

    def _ask(self, method: str, path: str, kind: type[T], **more: Any) -> T:
        """The answer as ``kind``.

        Raises `SourceStopped` for what every further request would meet as well (no server, no
        valid key, no money, no such address), `Refused` for another status that says no to this
        request, and `NetworkError` for everything else.
        """
        try:
            url = self.url + path
            more |= {"keys": self._headers, "check": self._check}
            answer = self._session.request(method, url, **more)
        except Refused as error:
            refusal = self._blot(str(error))
            hint = self._hints.get(error.status)
            if hint is None and "insufficient_quota" in refusal:
                hint = _NO_MONEY
            if hint is None:
                raise Refused(refusal, error.status) from None
            raise SourceStopped(f"{refusal} {hint}") from None
        except Dead as error:
            raise SourceStopped(self._blot(str(error))) from None
        except NetworkError as error:
            raise NetworkError(self._blot(str(error))) from None
        if is_page(answer):
            raise NetworkError(f"{self.host} sent a web page instead of data.")
        try:
            return read_json(answer.body, kind)
        except ValueError:
            said = told(answer.body[:1000].decode("utf-8", "replace"))
            raise NetworkError(
                f"{self.host} sent an answer that is cut off or not what was agreed on: {said}."
            ) from None

    def _check(self, answer: Answer) -> None:
        """Raises for an error inside an answer as its status would."""
        try:
            fault = fault_in(read_json(answer.body, dict[str, Any]))
        except ValueError:
            return
        if fault is not None:
            if fault.status in AGAIN:
                raise Later(f"it {fault}", answer.headers.get("retry-after"))
            raise Refused(f"{self.host} {fault}.", fault.status)

    def _blot(self, sentence: str) -> str:
        return sentence.replace(self._secret, "[key]") if self._secret else sentence


def read_json(body: bytes, kind: type[T]) -> T:
    """JSON as ``kind``. A broken letter (half a pair of surrogates, a byte that is no UTF-8) costs
    itself alone. Raises ``ValueError`` for what is no JSON or of another kind."""
    try:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError):
            value = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
            whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
            return msgspec.json.decode(whole, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
