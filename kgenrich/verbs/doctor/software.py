"""Python, SQLite and the libraries, as far as they are asked for."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version

from packaging.requirements import Requirement

from kgenrich import __version__
from kgenrich.verbs.doctor.finding import Finding

_FOR_DEVELOPERS = {"docs", "test"}


def check_software() -> Iterator[Finding]:
    """Whether every library is there in a version that is known to work, and which extras are."""
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    yield Finding("versions", "ok", f"kgenrich {__version__}, {python}")
    needed = [Requirement(one) for one in distribution("kgenrich").requires or ()]
    if wrong := [told for one in needed if _applies(one, "") and (told := _lacks(one))]:
        advice = "pip install --upgrade kgenrich"
        yield Finding("versions", "fail", "; ".join(wrong), advice)
    for extra in distribution("kgenrich").metadata.get_all("Provides-Extra") or ():
        parts = [one for one in needed if _applies(one, extra) and not _applies(one, "")]
        if not parts or extra in _FOR_DEVELOPERS:
            continue
        lacking = [told for one in parts if (told := _lacks(one))]
        advice = f"For it: pip install 'kgenrich[{extra}]'" if lacking else ""
        if not lacking:
            yield Finding("extras", "ok", f"{extra} is there")
        elif len(lacking) == len(parts) and all("is not" in told for told in lacking):
            yield Finding("extras", "ok", f"{extra} is not installed", advice)
        else:
            yield Finding("extras", "warn", f"{extra}: {'; '.join(lacking)}", advice)


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _lacks(requirement: Requirement) -> str:
    """What is wrong with a library; empty where it is as it is wanted."""
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if requirement.specifier.contains(found, prereleases=True):
        return ""
    return f"{requirement.name} is {found}, wanted is {requirement.specifier}"
