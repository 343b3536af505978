"""Where the review page is, and for whom: for this machine alone, or behind a proxy that speaks
HTTPS."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.listening import is_loopback
from kgenrich.verbs.workspace import Options


class ServeOptions(Options, frozen=True, kw_only=True):
    """Where the page listens (``port`` 0: any that is free), the ``address`` at which people reach
    it where that is another, whether a proxy speaks HTTPS for it, whether tokens are demanded of
    this machine too, and what the user of this machine reads."""

    port: int = 8765
    host: str = "127.0.0.1"
    address: str = ""
    behind_proxy: bool = False
    tokens: bool = False
    readers: tuple[str, ...] = ()


class ReviewAddress(Struct, frozen=True):
    """Where the page is, and the names (with ports) by which a browser may ask for it."""

    url: str
    hosts: tuple[str, ...]
    secure: bool = False


def read_address(options: ServeOptions, port: int) -> ReviewAddress:
    """Where the page is. Raises `UsageError` where it would be open to others without HTTPS."""
    if options.behind_proxy:
        public = urlsplit(options.address)
        if public.scheme != "https" or not public.netloc or public.path not in ("", "/"):
            raise UsageError("--behind-proxy needs --public https://HOST, where people reach it.")
        return ReviewAddress(options.address, (public.netloc,), secure=True)
    if options.address:
        raise UsageError("--public is for a page --behind-proxy.")
    if not is_loopback(options.host):
        raise UsageError(
            f"At {options.host} others could read along: put a proxy that speaks HTTPS in front, "
            "and give --behind-proxy --public https://HOST."
        )
    named = f"[{options.host}]" if ":" in options.host else options.host
    names = dict.fromkeys((named, "127.0.0.1", "localhost", "[::1]"))
    return ReviewAddress(f"http://{named}:{port}/", tuple(f"{name}:{port}" for name in names))
