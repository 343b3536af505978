"""Harvested files as origins: which one a file is, and whether it was read otherwise before."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kgenrich.errors import UsageError
from kgenrich.inputs import Input
from kgenrich.model import Origin
from kgenrich.store.facts.origins import find_origin
from kgenrich.store.story.exports import was_exported
from kgenrich.store.story.runs import now
from kgenrich.verbs.workspace import Workspace

_DIGESTED = 1 << 30
"""The bytes of the largest file whose digest is noted."""


def origin_of(
    workspace: Workspace, source: Input, name: str, licence: str, *, dry_run: bool
) -> Origin:
    """Who says what is in a file. Raises `UsageError` where another file of the name is known,
    and nobody said that this is a newer one of it."""
    place = "" if source.size is None else str(Path(source.name).resolve())
    origin = Origin(
        name or (Path(place).name if place else "standard input"),
        place=place,
        licence=licence,
        retrieved=now(),
        digest=_digest(place, source.size),
    )
    if name or dry_run:
        return origin
    known = find_origin(workspace.make_store(), origin.name)
    if known is not None and known.place not in ("", place):
        raise UsageError(
            f"{origin.name} was harvested from {known.place}: if {place} is a newer version of "
            f"it, give --origin {origin.name}; else give it another name with --origin."
        )
    return origin


def is_own(workspace: Workspace, origin: Origin) -> bool:
    """Whether the file of an origin was exported from this store. One that is where the origin is
    was not: a copy with new terms that took the place of its source is a newer version of it."""
    if not origin.digest:
        return False
    store = workspace.make_store()
    known = find_origin(store, origin.name)
    is_source = known is not None and known.place == origin.place
    return not is_source and was_exported(store, origin.digest)


def compare(workspace: Workspace, told: Origin) -> None:
    """Say where an origin was read in another way before: what only that way reads is gone."""
    before = find_origin(workspace.make_store(), told.name)
    for what, option in (("profile", "--profile"), ("language", "--untagged")):
        was = getattr(before, what, "")
        if was and was != getattr(told, what):
            workspace.progress.remark(
                f"{told.name} was read with the {what} {was} before, and with "
                f"{getattr(told, what) or 'none'} now: what only that reads is not there any "
                f"more. {option} names it.",
                grave=True,
            )


def _digest(path: str, size: int | None) -> str:
    """SHA-256 of a file, where that does not take long."""
    if size is None or size > _DIGESTED:
        return ""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
