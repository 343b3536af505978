"""When a run must end: at a time of day, at a date, or after so long."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from kgenrich.errors import UsageError

_LENGTH = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?\s*(?:(\d+)s)?")
_LONGEST = timedelta(days=366)


def read_deadline(until: str, length: str, now: datetime) -> datetime | None:
    """The earlier one of ``06:00`` (the next one), or a date and time, and of ``2h30m`` from
    ``now`` on; None for neither. Raises `UsageError` for what is no time.

    >>> now = datetime.fromisoformat("2026-11-28T23:30:00+01:00")
    >>> str(read_deadline("06:00", "", now)), str(read_deadline("06:00", "2h", now))
    ('2026-11-29 06:00:00+01:00', '2026-11-29 01:30:00+01:00')
    """
    found = [read_until(until, now)] if until else []
    if length:
        found.append(now + read_length(length))
    return min(found, default=None)


def read_until(until: str, now: datetime) -> datetime:
    """A time of day as the next one after ``now``, in its zone; a date and time as it is. Raises
    `UsageError` for one that there is not, or that is over."""
    try:
        if "-" not in until:
            at = time.fromisoformat(until)
            today = now.replace(
                hour=at.hour, minute=at.minute, second=at.second, microsecond=0, fold=0
            )
            return today if today > now else today + timedelta(days=1)
        found = datetime.fromisoformat(until)
    except ValueError as error:
        raise UsageError(
            f"There is no time {until!r}: give one as 06:00, or as 2026-12-31T06:00."
        ) from error
    found = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    if found <= now:
        raise UsageError(f"{until} is over.")
    return found


def read_length(length: str) -> timedelta:
    """How long, as ``2h``, ``1h30m`` or ``45m``. Raises `UsageError` for what is no length.

    >>> str(read_length("1h30m"))
    '1:30:00'
    """
    found = _LENGTH.fullmatch(length.strip())
    parts = [int(part or 0) for part in found.groups()] if found else []
    if not any(parts):
        raise UsageError(f"{length!r} is no length of time: give it as 2h, 1h30m or 45m.")
    days, hours, minutes, seconds = parts
    try:
        found_length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        found_length = timedelta.max
    if found_length > _LONGEST:
        raise UsageError(f"{length} is longer than anybody waits.")
    return found_length
