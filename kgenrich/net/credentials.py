"""Who signs in where: from the environment alone, and never kept, shown or sent unencrypted."""

from __future__ import annotations

import os
from base64 import b64encode
from urllib.parse import urlsplit

from msgspec import Struct

from kgenrich.errors import UsageError

WIKI, SPARQL = "KGENRICH_WIKI", "KGENRICH_SPARQL"
"""How the names of the variables begin; ``_TOKEN``, or ``_USER`` and ``_PASSWORD`` follow."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Credentials(Struct, frozen=True):
    """A bearer token (OAuth 2), or a user with a password (of a bot)."""

    token: str = ""
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Credentials({'a token' if self.token else self.user!r})"

    @property
    def secret(self) -> str:
        """What must not come back."""
        return self.token or self.password

    @property
    def bearer(self) -> dict[str, str]:
        """The header with the token, if there is one."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    @property
    def header(self) -> dict[str, str]:
        """The header with the token, or with the user and the password (RFC 7617)."""
        if self.token or not self.user:
            return self.bearer
        pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


def read_credentials(prefix: str, *urls: str, needed: bool = True) -> Credentials:
    """What the environment says, for servers at these addresses. Raises `UsageError` where it says
    nothing that is ``needed``, and for an address that would be sent secrets in the open."""
    found = Credentials(
        *(os.environ.get(f"{prefix}_{name}", "").strip() for name in ("TOKEN", "USER", "PASSWORD"))
    )
    if not found.token and not (found.user and found.password):
        if needed or found.user or found.password:
            raise UsageError(
                f"Who signs in? Set {prefix}_TOKEN (OAuth 2), or {prefix}_USER and "
                f"{prefix}_PASSWORD, in the environment."
            )
        return Credentials()
    for url in filter(None, urls):
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise UsageError(f"{url} would be sent a secret unencrypted: give its https address.")
    return found
