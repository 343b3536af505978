"""Who else can read or write what is ours, and how much room there is."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from kgenrich.errors import KgenrichError
from kgenrich.masking import mask
from kgenrich.settings import Settings, secrets_file
from kgenrich.store.engine import file_of, parse
from kgenrich.verbs.doctor.finding import Finding, State
from kgenrich.verbs.workspace import Workspace

_LITTLE, _NONE = 1 << 30, 64 << 20
"""Bytes: what is little for a store that grows, and what is as good as none."""


def check_rights(workspace: Workspace) -> Iterator[Finding]:
    """Whether other users of this machine can read secrets and the store, or write settings."""
    if os.name != "posix":
        return
    settings = workspace.settings
    found = list(_rights(settings))
    yield from found or [Finding("rights", "ok", "nobody else writes settings or reads secrets")]


def _rights(settings: Settings) -> Iterator[Finding]:
    if settings.file is not None:
        path = settings.file.path
        if _others_may(path, stat.S_IWOTH) or path.stat().st_mode & stat.S_IWGRP:
            told = f"{path} can be written by others, who so give orders to kgenrich"
            yield Finding("rights", "fail", told, f"chmod go-w {path}")
        text = path.read_text("utf-8", "replace")
        if mask(text) != text and _others_may(path, stat.S_IROTH):
            told = f"{path} holds a password and can be read by others"
            yield Finding("rights", "fail", told, f"chmod 600 {path}")
    secrets = secrets_file()
    if secrets.is_file() and secrets.stat().st_mode & 0o077:
        told = f"{secrets} holds keys and is not for you alone"
        yield Finding("rights", "fail", told, f"chmod 600 {secrets}")
    store = _store_file(settings)
    if store is not None and store.is_file():
        if _others_may(store, stat.S_IWOTH):
            told = f"{store} can be written by others"
            yield Finding("rights", "fail", told, f"chmod o-w {store}")
        elif _others_may(store, stat.S_IROTH):
            told = f"{store} can be read by everybody on this machine"
            yield Finding("rights", "warn", told, f"If that is not meant: chmod o-r {store}")


def check_space(workspace: Workspace) -> Iterator[Finding]:
    """How much is free where the store, what sources learned and temporary files go."""
    store = _store_file(workspace.settings)
    size = store.stat().st_size if store is not None and store.is_file() else 0
    places = {
        "the store": store and store.absolute().parent,
        "what sources learned": user_cache_path("kgenrich"),
        "temporary files": Path(tempfile.gettempdir()),
    }
    told: dict[int, list[str]] = {}
    folders: dict[int, Path] = {}
    for what, place in places.items():
        if place is not None:
            folder = next(one for one in (place, *place.parents) if one.is_dir())
            device = folder.stat().st_dev
            folders.setdefault(device, folder)
            told.setdefault(device, []).append(what)
    for device, folder in folders.items():
        free = shutil.disk_usage(folder).free
        state: State = "fail" if free < _NONE else "warn" if free < _LITTLE + size else "ok"
        words = f"{free / 2**30:,.1f} GiB free in {folder} for {', '.join(told[device])}"
        advice = (
            "" if state == "ok" else "Make room: a migration or a restore needs the store twice."
        )
        yield Finding("disk", state, words, advice)


def _others_may(path: Path, right: int) -> bool:
    """Whether everybody has a right to a file and reaches it."""
    path = path.absolute()
    folders = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    return bool(path.stat().st_mode & right) and folders


def _store_file(settings: Settings) -> Path | None:
    try:
        return file_of(parse(settings.store_url()))
    except KgenrichError:
        return None
