"""How far the changes of wikis are known."""

from __future__ import annotations

import msgspec

from kgenrich.harvest.changes import Place
from kgenrich.harvest.run import place_of
from kgenrich.store.base import Store
from kgenrich.store.story.runs import latest_runs


def known_until(store: Store) -> dict[str, float]:
    """The time (Unix) of the last change that was read of each feed, by its address."""
    found: dict[str, float] = {}
    for run in latest_runs(store, "harvest changes"):
        if place := place_of(run):
            at = msgspec.json.decode(place, type=Place).at
            feed = str(run.scope.get("feed", ""))
            found[feed] = max(at, found.get(feed, 0.0))
    return {feed: at for feed, at in sorted(found.items()) if at}
