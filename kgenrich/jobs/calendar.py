"""Cron expressions as systemd's timers write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from kgenrich.errors import UsageError

_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def calendar_events(expression: str, zone: str = "") -> list[str]:
    """The values of ``OnCalendar`` that together mean a cron expression.

    Raises `UsageError` for one that has no such values (``L``, ``5#2``), or is none.

    >>> calendar_events("*/30 2 * * 1-5", "Europe/Berlin")
    ['Mon,Tue,Wed,Thu,Fri *-*-* 02:00,30:00 Europe/Berlin']
    >>> calendar_events("0 3 1 * 7")
    ['*-*-01 03:00:00', 'Sun *-*-* 03:00:00']
    """
    try:
        parts = CronSim(expression, datetime.now(UTC))
    except CronSimError as error:
        raise UsageError(f"{expression!r} is no time for cron.") from error
    wanted = [*parts.days, *parts.weekdays]
    if not all(isinstance(one, int) and one >= 0 for one in wanted):
        raise UsageError(f"systemd has no word for {expression!r}: run it with `jobs serve`.")
    days = _listed(parts.days, range(1, 32))
    names = sorted({int(one) % 7 for one in parts.weekdays if isinstance(one, int)})
    week = "" if len(names) == 7 else ",".join(_WEEKDAYS[one] for one in names) + " "
    clock = ":".join(
        _listed(found, range(size))
        for found, size in ((parts.hours, 24), (parts.minutes, 60), (parts.seconds, 60))
    )
    month = _listed(parts.months, range(1, 13))
    dates = [(week, days)] if parts.day_and else [("", days), (week, "*")]
    return [f"{on}*-{month}-{day} {clock}{zone and f' {zone}'}" for on, day in dates]


def _listed(found: set[int], whole: range) -> str:
    return "*" if found >= set(whole) else ",".join(_numbers(found))


def _numbers(found: set[int]) -> Iterator[str]:
    yield from (f"{one:02}" for one in sorted(found))
