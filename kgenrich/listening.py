"""Sockets that programs on this machine reach."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from kgenrich.errors import UsageError


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket at an address; ``port`` 0: any that is free. Raises `UsageError` where it cannot be
    had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP asyncio sends at once; otherwise each page waits 40 ms for the one before.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Whoever comes before it is served waits instead of being sent away.
        listener.listen(100)
    except OSError as error:
        listener.close()
        raise UsageError(f"{host}:{port} cannot be had: {error.strerror}.") from error
    return listener
