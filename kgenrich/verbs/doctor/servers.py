"""The servers that the settings name: whether they are there, and what time they have."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from msgspec import Struct

from kgenrich.errors import KgenrichError, NetworkError
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext, build, configured
from kgenrich.verbs.assembly import lacking_table
from kgenrich.verbs.doctor.finding import Finding
from kgenrich.verbs.workspace import Workspace

_APART = 30.0
"""Seconds by which two clocks may differ before logs, deadlines and signatures suffer."""


class _Address(Struct, frozen=True):
    url: str
    said_by: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


def check_servers(workspace: Workspace) -> Iterator[Finding]:
    """Ask each of them once for the headers of its address. Without a contact nobody is asked."""
    from kgenrich.net.probe import probe

    settings = workspace.settings
    if not settings.network.contact.strip():
        return
    addresses = {one.host: one for one in _addresses(settings)}
    for host, one in addresses.items():
        workspace.announce(host, one.said_by)

    def ask(address: _Address) -> Finding:
        host = address.host
        try:
            heard = probe(settings.network, address.url)
        except NetworkError as error:
            return Finding("servers", "warn", f"{host}: {error}", "Is the address right?")
        except KgenrichError as error:
            return Finding("servers", "fail", f"{host}: {error}", "Mend the settings.")
        told = f"{host} answers {heard.status} in {heard.seconds:.1f} s"
        if heard.ahead is not None and abs(heard.ahead) > _APART:
            way = "behind" if heard.ahead > 0 else "ahead of"
            told += f"; this machine's clock is {abs(heard.ahead):,.0f} s {way} its own"
            return Finding("servers", "warn", told, "Set the clock, for example with NTP.")
        return Finding("servers", "ok", told)

    with ThreadPoolExecutor(settings.network.concurrency) as pool:
        yield from pool.map(ask, addresses.values())


def _addresses(settings: Settings) -> Iterator[_Address]:
    """Where harvests and sources that are on would ask."""
    for name in ("api", "endpoint"):
        yield _Address(getattr(settings.network, name), settings.said_by("network", name))
    for name in configured(settings):
        table = settings.sources.get(name, {})
        if name in settings.disabled:
            continue
        try:
            source = build(name, SourceContext(MemoryGraph([]), (), settings, table))
        except KgenrichError:
            continue
        host = getattr(source, "host", "")
        if host and not lacking_table(settings, name, source):
            language = next(iter(settings.languages), "en")
            url = str(table.get("url") or f"https://{host}").replace("{language}", language)
            yield _Address(url, settings.said_by("sources", name, "url"))
