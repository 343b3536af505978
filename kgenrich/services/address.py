"""Where a service is, and the names by which it may be asked for."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.listening import is_loopback
from kgenrich.verbs.workspace import Options


class ServiceOptions(Options, frozen=True, kw_only=True):
    """Where the service listens (``port`` 0: any that is free), and the ``address`` at which a
    proxy in front of it is asked, if there is one."""

    port: int = 8766
    host: str = "127.0.0.1"
    address: str = ""


class ServiceAddress(Struct, frozen=True):
    """Where the service is, without a slash at the end, and the hosts by which it may be asked
    for."""

    url: str
    hosts: tuple[str, ...]


def read_address(options: ServiceOptions, port: int) -> ServiceAddress:
    """Where the service is. Raises `UsageError` where others would reach it without a proxy."""
    if not is_loopback(options.host):
        raise UsageError(
            f"At {options.host} everybody could ask: keep it at this machine, put a proxy that "
            "speaks HTTPS in front, and give its address with --public https://HOST."
        )
    named = f"[{options.host}]" if ":" in options.host else options.host
    names = dict.fromkeys((named, "127.0.0.1", "localhost", "[::1]"))
    hosts = tuple(f"{name}:{port}" for name in names)
    if not options.address:
        return ServiceAddress(f"http://{named}:{port}", hosts)
    public = urlsplit(options.address)
    if public.scheme != "https" or not public.netloc or public.query or public.fragment:
        raise UsageError("--public is the address of the proxy, as https://names.example.org.")
    return ServiceAddress(options.address.rstrip("/"), (*hosts, public.netloc))
