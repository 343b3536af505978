"""Which settings files are orders. One that merely lies in the working directory may have come with
somebody's data: it sets what is `HARMLESS`, and all else when the user has trusted what it says,
as direnv does. The record is kept in the user's data folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from platformdirs import user_data_path

from kgenrich.errors import UsageError
from kgenrich.property_roles import WIKIDATA

Names = tuple[str, ...]
"""Of a setting, from the outermost table on."""

HARMLESS = """
base languages properties roles disabled store refit_after
network.contact network.timeout network.retries
target.profile target.max_length target.licence
consensus.ranker consensus.coverage_votes consensus.precision_votes
consensus.minimum_probability consensus.agreement
sources.names sources.names.entities sources.names.labels sources.names.sample sources.names.terms
sources.names.candidates sources.names.minimum sources.names.alias_minimum
sources.names.all_languages
sources.description-composer
sources.description-composer.minimum sources.description-composer.entities
sources.description-memory
sources.description-memory.minimum sources.description-memory.entities
sources.local-search
sources.local-search.corpus sources.local-search.licence sources.local-search.candidates
sources.local-search.minimum sources.local-search.alias_minimum sources.local-search.terms
"""
"""What runs nothing, asks no host, spends nothing and reads and writes nothing outside of the
folder. Everything else is an order, whatever a later version makes of it."""

_HARMLESS = frozenset(tuple(name.split(".")) for name in HARMLESS.split()) | {
    ("roles", role) for role in WIKIDATA
}
_PATHS = frozenset({("store",), ("sources", "local-search", "corpus")})
"""Harmless where they lead nowhere outside of the folder."""


def orders(values: Mapping[str, Any], folder: Path) -> dict[Names, Any]:
    """Those of the settings that are orders, for a file in this folder."""
    return {
        names: value
        for names, value in _leaves(values)
        if names not in _HARMLESS or (names in _PATHS and not _is_inside(value, folder))
    }


def without(values: Mapping[str, Any], names: Iterable[Names]) -> dict[str, Any]:
    """The settings without these. A source loses its whole table: half of one would be another
    source, with the address or the model that is the default."""
    whole = {one[:2] if one[0] == "sources" else one for one in names}

    def kept(table: Mapping[str, Any], above: Names) -> dict[str, Any]:
        return {
            name: kept(value, (*above, name)) if isinstance(value, dict) else value
            for name, value in table.items()
            if (*above, name) not in whole
        }

    return kept(values, ())


def state(path: Path, text: str) -> str:
    """``trusted`` where the user has trusted this very text of the file, ``changed`` where it was
    another one, else ``unknown``."""
    try:
        known = _record(path).read_text("utf-8").split(" ")[0]
    except (OSError, UnicodeDecodeError):
        return "unknown"
    return "trusted" if known == _digest(text) else "changed"


def trust(path: Path, text: str) -> None:
    """Take this text of a file for the user's own word. Raises `UsageError` where that cannot be
    noted."""
    record = _record(path)
    try:
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=record.parent, delete=False, encoding="utf-8") as beside:
            beside.write(f"{_digest(text)} {_absolute(path)}\n")
        Path(beside.name).replace(record)
    except OSError as error:
        raise UsageError(f"That cannot be noted in {record.parent}: {error.strerror}.") from error


def untrust(path: Path) -> bool:
    """Take it back; False where the file was not trusted."""
    record = _record(path)
    known = record.is_file()
    record.unlink(missing_ok=True)
    return known


def _record(path: Path) -> Path:
    name = sha256(os.fsencode(_absolute(path))).hexdigest()
    return user_data_path("kgenrich") / "trusted" / name


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _absolute(path: Path) -> Path:
    # The file itself may be a link: what it says of paths holds for the folder that it lies in.
    return path.parent.resolve() / path.name


def _leaves(table: Mapping[str, Any], above: Names = ()) -> Iterator[tuple[Names, Any]]:
    """Every setting; a table without any stands for itself, for it can turn a source on."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _is_inside(value: Any, folder: Path) -> bool:
    """Whether it is a path, or several, to a file in the folder."""
    paths = value if isinstance(value, list) else [value]
    return all(isinstance(path, str) and _leads_inside(path, folder) for path in paths)


def _leads_inside(path: str, folder: Path) -> bool:
    path = path.removeprefix("sqlite:///")
    # What is left of a URL has more in it than a path.
    if set(path) & set(":?\0"):
        return False
    try:
        return (folder / Path(path).expanduser()).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False
