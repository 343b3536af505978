"""The sources that the settings ask for, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator

from kgenrich.errors import KgenrichError
from kgenrich.verbs.doctor.finding import Finding
from kgenrich.verbs.sources import ListOptions, list_sources
from kgenrich.verbs.workspace import Workspace


def check_sources(workspace: Workspace) -> Iterator[Finding]:
    """Which are ready, and why those in the settings are not."""
    settings = workspace.settings
    try:
        rows = list_sources(workspace, ListOptions())
    except KgenrichError as error:
        yield Finding("sources", "fail", str(error))
        return
    ready = [row["name"] for row in rows if row["state"].startswith("ready")]
    if ready:
        yield Finding("sources", "ok", f"ready: {', '.join(ready)}")
    else:
        advice = "kgenrich sources list says what each lacks."
        yield Finding("sources", "fail", "none can be used", advice)
    for row in rows:
        name = row["name"]
        if name in settings.sources and name not in (*ready, *settings.disabled):
            told = f"{name} is in the settings and cannot be used: {row['state']}"
            yield Finding("sources", "warn", told, f"Mend [sources.{name}], or disable it.")
