"""Following a wiki: reading anew what was changed since the last time."""

from __future__ import annotations

from typing import Any

from kgenrich.verbs.harvest_run import HarvestOptions
from kgenrich.verbs.workspace import Workspace


class ChangesOptions(HarvestOptions, frozen=True, kw_only=True):
    """Changes of a wiki, told by the event ``stream`` of Wikimedia, or by the list of recent
    changes of the wiki with this ``api`` (by default those of the settings: the stream for
    Wikidata, the list for any other). They are read ``since`` a time (ISO 8601) where no run did
    before, and ``until`` a time, ``now`` by default, or for a ``span`` (``2h``). Read are the
    entities that the store has; with ``new`` also others, with ``classes`` others of these."""

    since: str = ""
    until: str = ""
    span: str = ""
    stream: str | None = None
    api: str | None = None
    new: bool = False


def harvest_changes(workspace: Workspace, options: ChangesOptions) -> dict[str, Any]:
    """Read what was changed on a wiki since the last time.

    Counts are as of `harvest_dump`; besides, of what is told: ``events`` of entities, those
    ``concerning`` entities that are read, how many were ``compared`` with the wiki by revision,
    the time ``until`` which changes are read, and the seconds of ``lag`` behind it. Raises
    `UsageError` for what is no time, `NetworkError` for a server that does not answer.
    """
    from kgenrich.verbs.following import follow

    return follow(workspace, options)
