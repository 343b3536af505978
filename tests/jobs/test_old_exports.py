"""Copies of old exports: the newest stay, and nothing else is touched."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from kgenrich.export.writing import write
from kgenrich.jobs.old_exports import copies, keep_copy

STRANGERS = ("edits.tsv.bak", "edits.2026.tsv", "edits.2026-01-01.csv", "other.2026-01-01.tsv")


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8), st.integers(1, 4))
def test_of_the_copies_of_each_day_the_newest_stay(days: list[int], keep: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "edits.tsv")
        for name in STRANGERS:
            Path(folder, name).write_text(name)
        last: dict[str, str] = {}
        for number, day in enumerate(days):
            write(str(path), [f"{number}".encode()])
            at = str(date(2026, 1, 1) + timedelta(days=day))
            keep_copy(path, at, keep)
            last[at] = f"{number}"
            last = dict(sorted(last.items(), reverse=True)[:keep])
            found = {one.name.split(".")[1]: one.read_text() for one in copies(path)}
            assert found == last and path.read_text() == f"{number}"
        assert all(Path(folder, name).read_text() == name for name in STRANGERS)
        assert len(list(Path(folder).iterdir())) == 1 + len(last) + len(STRANGERS)


def test_a_packed_file_keeps_its_endings(tmp_path: Path) -> None:
    write(str(tmp_path / "terms.ttl.gz"), [b"x"], "gz")
    keep_copy(tmp_path / "terms.ttl.gz", "2026-11-28", 1)
    assert (tmp_path / "terms.2026-11-28.ttl.gz").is_file()
