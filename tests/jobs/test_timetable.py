"""A year of schedules in simulated time: none missed, none doubled, also when clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import UsageError
from kgenrich.jobs.cron import Cron, delay_of, read_zone
from kgenrich.jobs.job_file import Schedule
from kgenrich.jobs.overview import list_jobs, validate_jobs
from kgenrich.jobs.timetable import ON_TIME, Due, Entry, Timetable
from kgenrich.settings import Settings
from kgenrich.verbs.workspace import Workspace

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)


def timetable(
    expression: str, zone: str = "UTC", last: datetime = YEAR, spread: int = 0, **rules: str
) -> Timetable:
    cron = Cron(expression, ZoneInfo(zone), timedelta(seconds=spread))
    return Timetable({"nightly": Entry(cron, Schedule(cron=expression, **rules), last)})  # type: ignore[arg-type]


def waking_in_time(table: Timetable, until: datetime = END) -> Iterator[Due]:
    """What is due for who wakes whenever something is."""
    while (now := table.next()) is not None and now < until:
        yield from table.due(now, ())


def passing(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The time there every 15 minutes."""
    at = begin
    while at < end:
        yield at.astimezone(zone)
        at += timedelta(minutes=15)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["01:45", "02:00", "02:15", "02:30", "03:00"])
def test_a_job_a_day_runs_each_day_once_for_a_year(zone: str, at: str) -> None:
    there = ZoneInfo(zone)
    hour, minute = map(int, at.split(":"))
    begin = datetime(2026, 1, 1, tzinfo=there).astimezone(UTC)
    end = datetime(2027, 1, 1, tzinfo=there).astimezone(UTC)
    found = [
        due.at for due in waking_in_time(timetable(f"{minute} {hour} * * *", zone, begin), end)
    ]
    days = [one.astimezone(there).date() for one in found]
    assert days == sorted(set(days)) and len(days) == 365
    # The first quarter of an hour that is that time or later: what clocks leave out comes at once.
    firsts: dict[object, datetime] = {}
    for day in (datetime(2026, 1, 1) + timedelta(n) for n in range(365)):
        wanted = day.replace(hour=hour, minute=minute)
        first = wanted.replace(tzinfo=there).astimezone(UTC)
        if first.astimezone(there).replace(tzinfo=None) != wanted:
            midnight = day.replace(tzinfo=there).astimezone(UTC)
            quarters = passing(there, midnight, midnight + timedelta(hours=6))
            first = next(
                one.astimezone(UTC) for one in quarters if one.replace(tzinfo=None) >= wanted
            )
        firsts[day.date()] = first
    assert dict(zip(days, found, strict=True)) == firsts


@pytest.mark.parametrize("zone", ZONES)
def test_a_job_an_hour_goes_by_the_time_that_passes(zone: str) -> None:
    there = ZoneInfo(zone)
    found = [due.at for due in waking_in_time(timetable("15 * * * *", zone))]
    wanted = [one.astimezone(UTC) for one in passing(there, YEAR, END) if one.minute == 15]
    assert found == wanted


def test_the_nights_in_which_clocks_change() -> None:
    def of(expression: str, zone: str, day: str) -> list[str]:
        there = ZoneInfo(zone)
        begin = datetime.fromisoformat(day).replace(tzinfo=there).astimezone(UTC)
        table = timetable(expression, zone, begin - timedelta(seconds=1))
        end = datetime.fromisoformat(day).replace(hour=5, tzinfo=there).astimezone(UTC)
        return [f"{due.at.astimezone(there):%H:%M%z}" for due in waking_in_time(table, end)]

    assert of("30 2 * * *", "Europe/Berlin", "2026-03-29") == ["03:00+0200"]
    assert of("30 2 * * *", "Europe/Berlin", "2026-10-25") == ["02:30+0200"]
    assert of("30 * * * *", "Europe/Berlin", "2026-10-25") == [
        *("00:30+0200", "01:30+0200", "02:30+0200", "02:30+0100", "03:30+0100", "04:30+0100")
    ]
    assert of("0,30 2 * * *", "Europe/Berlin", "2026-03-29") == ["03:00+0200"]
    assert of("30 1 * * *", "America/New_York", "2026-11-01") == ["01:30-0400"]
    assert of("30 2 * * *", "America/New_York", "2026-03-08") == ["03:00-0400"]
    # Half an hour there.
    assert of("45 1 * * *", "Australia/Lord_Howe", "2026-04-05") == ["01:45+1100"]
    assert of("15 2 * * *", "Australia/Lord_Howe", "2026-10-04") == ["02:30+1100"]
    assert of("*/20 2 * * *", "Asia/Kolkata", "2026-03-29") == [
        *("02:00+0530", "02:20+0530", "02:40+0530")
    ]


def test_who_asks_in_the_second_of_two_hours_gets_no_time_that_is_over() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin).astimezone(UTC)
    following = Cron("30 2 * * *", berlin).next(second)
    assert following == datetime(2026, 10, 26, 2, 30, tzinfo=berlin).astimezone(UTC)


expressions = st.builds(
    "{} {} * * {}".format,
    st.sampled_from(["0", "30", "*/20", "5,45"]),
    st.sampled_from(["*", "1", "2", "2,3", "*/6"]),
    st.sampled_from(["*", "7", "1-5"]),
)


@given(
    expressions,
    st.sampled_from(ZONES),
    st.sampled_from([datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]),
    st.lists(st.integers(1, 30 * 3600), min_size=1, max_size=40),
    st.integers(0, 3000),
)
def test_whenever_anybody_looks_each_time_is_made_up_for_once(
    expression: str, zone: str, begin: datetime, naps: list[int], spread: int
) -> None:
    """The process is killed and started again before every look: it knows what it noted."""
    table = timetable(expression, zone, begin, spread)
    entry = table.entries["nightly"]
    now, runs = begin, []
    for nap in naps:
        now += timedelta(seconds=nap)
        again = Timetable({"nightly": Entry(entry.cron, entry.rules, entry.last)})
        for due in again.due(now, ()):
            assert due.what == "run" and entry.last < due.at <= now
            runs.append((entry.last, due.at))
        entry = again.entries["nightly"]
        assert not list(again.due(now, ())), "what was dealt with is not due"
    times = list(takewhile(lambda at: at <= now, entry.cron.times(begin)))
    # Each time is in the span of one run, whose end is a time.
    assert [sum(a < at <= b for a, b in runs) for at in times] == [1] * len(times)
    assert {b for _, b in runs} <= set(times)


def test_what_was_missed_runs_once_or_not_at_all() -> None:
    later = YEAR + timedelta(days=3, hours=12)
    missed = [due.what for due in timetable("0 2 * * *").due(later, ())]
    skipping = timetable("0 2 * * *", missed="skip")
    assert (missed, [due.what for due in skipping.due(later, ())]) == (["run"], ["missed"])
    # The next time comes as if nothing had been.
    at = YEAR + timedelta(days=4, hours=2)
    assert skipping.next() == at
    assert [due.what for due in skipping.due(at + ON_TIME, ())] == ["run"]


def test_a_job_that_still_runs_is_skipped_or_waited_for() -> None:
    first, second = YEAR + timedelta(hours=1), YEAR + timedelta(hours=2)

    def of(overlap: str) -> list[str]:
        table = timetable("0 * * * *", overlap=overlap)
        looks: list[tuple[datetime, tuple[str, ...]]] = [
            *((first, ()), (second, ("nightly",)), (second + timedelta(minutes=1), ("nightly",))),
            *((second + timedelta(minutes=2), ()), (second + timedelta(minutes=3), ())),
        ]
        return [due.what for now, running in looks for due in table.due(now, running)]

    assert of("skip") == ["run", "skip"]
    assert of("wait") == ["run", "wait", "run"]


def test_jobs_are_spread_and_keep_their_place() -> None:
    delays = {delay_of(f"job {n}", timedelta(hours=1), "here") for n in range(50)}
    assert len(delays) > 40 and max(delays) < timedelta(hours=1)
    assert delay_of("a", timedelta(hours=1), "here") == delay_of("a", timedelta(hours=1), "here")
    assert delay_of("a", timedelta(hours=1), "here") != delay_of("a", timedelta(hours=1), "there")
    assert delay_of("a", timedelta(0)) == timedelta(0)
    table = timetable("0 2 * * *", spread=90)
    assert [due.at for due in waking_in_time(table, YEAR + timedelta(days=2))] == [
        YEAR + timedelta(days=n, hours=2, seconds=90) for n in range(2)
    ]


@pytest.mark.parametrize("expression", ["", "nightly", "0 2 * *", "60 2 * * *", "0 0 30 2 *"])
def test_what_is_no_time(expression: str) -> None:
    with pytest.raises(UsageError):
        Cron(expression, UTC)


def test_what_is_no_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no time zone 'Berlin'"):
        read_zone("Berlin")
    monkeypatch.setenv("TZ", ":Asia/Kolkata")
    assert str(read_zone("")) == "Asia/Kolkata"


def test_validate_says_when_a_job_is_due_and_what_is_wrong(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    for file, cron in ((good, "0 2 * * *"), (bad, "0 0 30 2 *")):
        file.write_text(f'[accept]\nover = 0.9\n[schedule]\ncron = "{cron}"\ntimezone = "UTC"')
    with Workspace(Settings(store=str(tmp_path / "store.db"), jobs=str(tmp_path))) as workspace:
        plans = {plan.job: "\n".join(plan.lines) for plan in validate_jobs(workspace)}
        listed = {row["job"]: row["next"] for row in list_jobs(workspace)}
    assert "it runs next at" in plans["good"]
    assert "is no time for cron" in plans["bad"]
    assert listed["good"].endswith("T02:00:00+00:00") and listed["bad"] == ""
