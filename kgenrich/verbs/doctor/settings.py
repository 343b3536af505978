"""The settings that apply, and the contact that servers are told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgenrich.verbs.doctor.finding import Finding
from kgenrich.verbs.workspace import Workspace

# Wikimedia's User-Agent policy: an e-mail address, a page of a user or of the tool.
_REACHABLE = re.compile(r"\S@\S+\.\S|https?://\S+\.\S|\bUser:\S", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"@example\.|//example\.|://www\.example\.", re.IGNORECASE)
_SET = 'Set contact = "you@your.domain" under [network] of the settings.'


def check_settings(workspace: Workspace) -> Iterator[Finding]:
    """Which file applies, and whether all of it is taken."""
    file = workspace.settings.file
    if file is None:
        yield Finding("settings", "ok", "no file; defaults and the environment apply")
    elif file.withheld:
        left = ", ".join(file.withheld)
        yield Finding(
            "settings",
            "warn",
            f"{file.path} is not trusted, so not taken from it: {left}",
            "If they are yours: kgenrich config trust",
        )
    else:
        yield Finding("settings", "ok", str(file.path))


def check_contact(workspace: Workspace) -> Iterator[Finding]:
    """Whether the operators of servers can reach whoever runs this."""
    contact = workspace.settings.network.contact.strip()
    if not contact:
        yield Finding("contact", "warn", "none is set, so no server is asked anything", _SET)
    elif _PLACEHOLDER.search(contact):
        yield Finding("contact", "warn", f"{contact} is an example, not yours", _SET)
    elif not _REACHABLE.search(contact):
        told = f"{contact} is neither an e-mail address nor a page; Wikimedia blocks such clients"
        yield Finding("contact", "warn", told, _SET)
    else:
        yield Finding("contact", "ok", contact)
