"""What has a job run by systemd or cron, for the paths that one has."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from platformdirs import user_cache_path, user_config_path, user_data_path

from kgenrich.errors import UsageError
from kgenrich.export.writing import write
from kgenrich.jobs.calendar import calendar_events
from kgenrich.jobs.cron import cron_of
from kgenrich.jobs.deadline import read_length
from kgenrich.jobs.job_file import Job, Schedule
from kgenrich.masking import mask
from kgenrich.resources import resource
from kgenrich.settings import Settings, secrets_file

_OF_THE_SYSTEM = ("CapabilityBoundingSet", "Private", "Protect", "StateDirectory", "CacheDirectory")
"""How directives begin that the service manager of a user cannot follow."""
_SYSTEM_UNITS = Path("/etc/systemd/system")
_SQLITE = "sqlite:///"


class Installed(Struct, frozen=True):
    """Texts by the names of their ``files``, the ``folder`` where these belong, and what is to be
    done ``then``, line by line."""

    files: dict[str, str]
    folder: str
    then: tuple[str, ...]


def as_systemd(job: Job, settings: Settings, store: str | None) -> Installed:
    """A service and its timer, for the user's own service manager, or for root that of the system.

    ``store`` is the one that is named in place of that of the settings. Raises `UsageError` for a
    job without a schedule, or one that systemd has no words for.
    """
    rules = _schedule(job)
    is_root = os.geteuid() == 0
    name = f"kgenrich-{_unit_name(job.name)}"
    shipped = resource("config/systemd")
    service: dict[str, str | None] = {
        "Description": _plain(f"kgenrich job {job.name}"),
        "ExecStart": _exec_start(_command(job, settings, store)),
        "EnvironmentFile": "-" + _plain(str(secrets_file())),
        "Environment": None,
        "User": None,
        "WorkingDirectory": _plain(str(job.file.parent)),
    }
    text = _with(_read(shipped / "kgenrich@.service"), service, () if is_root else _OF_THE_SYSTEM)
    if is_root:
        # What lies in the home of root is written to as well.
        text = text.replace("ProtectHome=yes", "ProtectHome=no").replace(
            "ProtectSystem=strict\n",
            "ProtectSystem=strict\nReadWritePaths="
            + " ".join(quoted(f"-{path}") for path in _written(job, settings))
            + "\n",
        )
    spread = int(read_length(rules.spread).total_seconds()) if rules.spread else 0
    timer: dict[str, str | None] = {
        "Description": _plain(f"kgenrich job {job.name}"),
        "OnCalendar": "\nOnCalendar=".join(calendar_events(rules.cron, rules.timezone)),
        "Persistent": "true" if rules.missed == "run" else "false",
        "RandomizedDelaySec": f"{spread}s" if spread else None,
        "FixedRandomDelay": "true" if spread else None,
    }
    files = {
        f"{name}.service": text,
        f"{name}.timer": _with(_read(shipped / "kgenrich@.timer"), timer),
    }
    manager = "systemctl" if is_root else "systemctl --user"
    then = [f"{manager} daemon-reload", f"{manager} enable --now {shlex.quote(f'{name}.timer')}"]
    if not is_root:
        then.append("loginctl enable-linger  # it runs while you are not logged in")
    folder = _SYSTEM_UNITS if is_root else Path(user_config_path("systemd")) / "user"
    return Installed(files, str(folder), tuple(then))


def as_cron(job: Job, settings: Settings, store: str | None) -> Installed:
    """A line of a crontab. Raises `UsageError` as `as_systemd` does."""
    rules = _schedule(job)
    if len(rules.cron.split()) != 5:
        raise UsageError(f"cron has no seconds: {rules.cron!r} needs `jobs serve`.")
    secrets = shlex.quote(str(secrets_file()))
    log = user_data_path("kgenrich") / f"{job.name}.log"
    command = (
        f"cd {shlex.quote(str(job.file.parent))} && umask 077 && "
        f"mkdir -p {shlex.quote(str(log.parent))} && "
        f"{{ [ ! -r {secrets} ] || {{ set -a; . {secrets}; set +a; }}; }} && "
        f"{shlex.join(_command(job, settings, store))} >>{shlex.quote(str(log))} 2>&1"
    )
    # A bare % ends the command.
    lines = [f"{rules.cron} {_one_line(command)}".replace("%", "\\%")]
    if rules.timezone:
        lines.insert(0, f"CRON_TZ={rules.timezone}")
    then = ["crontab -e  # add what is above"]
    if rules.timezone:
        then.append("# CRON_TZ is read by cronie; other crons go by the time of the machine")
    return Installed({"crontab": "\n".join(lines) + "\n"}, "", tuple(then))


def put(installed: Installed, folder: Path) -> list[str]:
    """Write the files into a folder, each whole or not at all; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [str(folder / name) for name in installed.files]
    for path, text in zip(paths, installed.files.values(), strict=True):
        write(path, [text.encode()])
    return paths


def make_secrets_file(names: Sequence[str]) -> Path | None:
    """Make the file for keys, for its owner alone, with these variables to fill in; None where
    there is one."""
    path = secrets_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("# NAME=value, one a line: handed to jobs as environment variables.\n")
        file.writelines(f"# {name}=\n" for name in names)
    return path


def quoted(word: str) -> str:
    """A word of a command line in a unit.

    >>> print(quoted('/a b/100%'), quoted('say "x"'))
    "/a b/100%%" "say \\"x\\""
    """
    escaped = _plain(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _command(job: Job, settings: Settings, store: str | None) -> list[str]:
    """What runs the job, as it is run here."""
    script = Path(sys.executable).with_name("kgenrich")
    program = [str(script)] if script.is_file() else [sys.executable, "-m", "kgenrich.cli.main"]
    if settings.file is not None:
        if settings.file.withheld:
            raise UsageError(settings.file.remark())
        program += ["--config", str(settings.file.path.absolute())]
    store = store or os.environ.get("KGENRICH_STORE")
    if store and mask(store) != store:
        raise UsageError(
            "The address of the store has a password, which belongs into no unit: put "
            f"KGENRICH_STORE=... into {secrets_file()}, and say it neither by --store nor by the "
            "environment here."
        )
    if store:
        # A unit runs elsewhere.
        path = store.removeprefix(_SQLITE)
        is_path = "://" not in path
        program += ["--store", str(Path(path).expanduser().absolute()) if is_path else store]
    return [*program, "jobs", "run", str(job.file)]


def _exec_start(words: list[str]) -> str:
    if set(words[0]) & set("\"'\\"):
        # systemd takes no program whose path has these.
        words = ["/bin/sh", "-c", 'exec "$0" "$@"', *words]
    return ":" + " ".join(map(quoted, words))


def _written(job: Job, settings: Settings) -> list[str]:
    """The folders that a run writes to."""
    outputs = [job.output(one.output) for one in job.exports]
    outputs += [job.output(job.report.output)] if job.report else []
    folders = [Path(one).parent for one in outputs]
    if settings.store and "://" not in settings.store:
        folders.append(Path(settings.store).expanduser().absolute().parent)
    folders += [user_data_path("kgenrich"), user_cache_path("kgenrich")]
    return sorted({str(one) for one in folders})


def _schedule(job: Job) -> Schedule:
    if job.schedule is None:
        raise job.error('it has no [schedule]: add one, with cron = "0 2 * * *".')
    cron_of(job, job.schedule)
    return job.schedule


def _unit_name(name: str) -> str:
    """A name as units may have it: what they may not is written as its bytes (systemd.unit(5))."""
    kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_."
    return "".join(
        char if char in kept else "".join(f"\\x{byte:02x}" for byte in char.encode())
        for char in name
    )


def _plain(value: str) -> str:
    """A value in a unit: without specifiers."""
    return _one_line(value).replace("%", "%%")


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise UsageError(f"{text!r} has an end of line in it: rename it.")
    return text


def _read(path: Path) -> str:
    """A shipped unit without its comments, which speak of other paths."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


def _with(unit: str, values: Mapping[str, str | None], without: Sequence[str] = ()) -> str:
    """A unit with other values; None takes a directive away, as does a beginning of it."""
    lines, seen = [], set()
    for line in unit.splitlines():
        name, is_directive, _ = line.partition("=")
        if not is_directive:
            lines.append(line)
        elif name in values:
            if values[name] is not None and name not in seen:
                lines.append(f"{name}={values[name]}")
            seen.add(name)
        elif not name.startswith(tuple(without)):
            lines.append(line)
    return "\n".join(lines).rstrip() + "\n"
