"""Where jobs are: in the user's folders, among those that are shipped, or anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from platformdirs import user_config_path

from kgenrich.errors import UsageError
from kgenrich.jobs.job_file import ENDING, Job
from kgenrich.jobs.reading import read_job
from kgenrich.resources import resource
from kgenrich.settings import Settings

FOLDER = "jobs"


def folders(settings: Settings) -> list[Path]:
    """The folders that jobs are looked for in by name, the first one first."""
    own = [Path(settings.jobs).expanduser()] if settings.jobs else []
    return [*own, user_config_path("kgenrich") / FOLDER, resource(f"config/{FOLDER}")]


def job_files(settings: Settings) -> Iterator[Path]:
    """The files of all jobs; of those of one name the first."""
    found: dict[str, Path] = {}
    for folder in folders(settings):
        for path in sorted(folder.glob(f"*{ENDING}")):
            found.setdefault(path.name, path)
    yield from found.values()


def find_job(settings: Settings, name: str) -> Job:
    """The job of that name, or in the file of that path. Raises `UsageError` where there is none,
    or one that makes no sense."""
    path = Path(name)
    if path.suffix == ENDING or path.name != name:
        return read_job(path)
    known = {path.name.removesuffix(ENDING): path for path in job_files(settings)}
    if name not in known:
        here = f"{name}{ENDING}"
        near = [here] if Path(here).is_file() else get_close_matches(name, known, 1)
        hint = f" Is it {near[0]}?" if near else ""
        places = ", ".join(str(folder) for folder in folders(settings)[:-1])
        raise UsageError(f"There is no job {name!r} in {places}.{hint}")
    return read_job(known[name])
