"""When a run must end."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import UsageError
from kgenrich.jobs.deadline import read_deadline, read_length, read_until

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
NOW = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=ZONES)


@given(NOW, st.times())
def test_a_time_of_day_is_the_next_one(now: datetime, at: time) -> None:
    at = at.replace(microsecond=0)
    found = read_until(at.isoformat(), now)
    assert now < found <= now + timedelta(days=1)
    assert found.time() == at and found.utcoffset() == now.utcoffset()


@given(NOW, st.datetimes(datetime(2100, 2, 1), datetime(2200, 1, 1)))
def test_a_date_is_taken_as_it_is(now: datetime, at: datetime) -> None:
    assert read_until(at.isoformat(), now) == at.replace(tzinfo=now.tzinfo)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 99))
def test_a_length_is_counted_from_now(hours: int, minutes: int, seconds: int) -> None:
    told = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert read_length(f"{hours}h{minutes}m{seconds}s") == told
    now = datetime.fromisoformat("2026-11-28T23:30:00+01:00")
    assert read_deadline("", f"{hours}h {minutes}min {seconds}s", now) == now + told
    earlier = read_deadline("06:00", f"{hours}h{minutes}m{seconds}s", now)
    assert earlier == min(now + told, datetime.fromisoformat("2026-11-29T06:00:00+01:00"))


@pytest.mark.parametrize("text", ["25:00", "6", "2026-02-30T06:00", "noon", "2020-01-01T00:00"])
def test_a_time_that_there_is_not(text: str) -> None:
    with pytest.raises(UsageError):
        read_until(text, datetime.fromisoformat("2026-11-28T23:30:00+01:00"))


@pytest.mark.parametrize(
    "text", ["", "2", "h", "-2h", "0h", "two hours", "2h ago", "9" * 20 + "d", "9999999999h"]
)
def test_a_length_that_there_is_not(text: str) -> None:
    with pytest.raises(UsageError):
        read_length(text)
