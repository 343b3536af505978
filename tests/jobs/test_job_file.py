"""What a job file may say, and what is said of one that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kgenrich.errors import UsageError
from kgenrich.jobs.reading import keys, read_job
from kgenrich.jobs.steps import steps_of
from kgenrich.resources import resource

DOCS = Path(__file__).parents[2] / "docs"
SHIPPED = sorted(resource("config/jobs").glob("*.toml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "nightly.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_table_has_each_key_once() -> None:
    table = (DOCS / "jobs.md").read_text(encoding="utf-8").split("## Keys")[1]
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`([\w.]+)`", row)] == list(keys())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_jobs_can_be_read(path: Path) -> None:
    assert read_job(path).about


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("langages = ['it']", "no key langages: is it languages?"),
        ("[harvest]\ndumb = 'x'", "no key harvest.dumb: is it harvest.dump?"),
        ("over = 0.9", "no key over: is it check.over?"),
        ("[accept]\nover = 1.5", "accept.over is wrong"),
        ("[accept]\nover = 'high'", "accept.over is wrong"),
        ("[accept]\n", "over"),
        ("languages = 'it'", "languages is wrong: expected a list, got text"),
        ("[[export]]\nformat = 'pdf'\noutput = 'x.pdf'", "export[0].format is wrong"),
        ("languages = [", "no TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)) as error:
        read_job(write(tmp_path, text))
    assert "nightly.toml" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("languages = ['it']", "it does nothing"),
        ("[harvest]\nlimit = 1", "a harvest has one of"),
        ("[harvest]\ndump = 'nowhere.json'", "no file"),
        ("[harvest]\nids = ['Q1']\ncomplete = true", "harvest of ids has no key complete"),
        ("[[export]]\nformat = 'terms'\noutput = 't.csv'\nvoid = true", "terms has no key void"),
        ("[[export]]\nformat = 'terms'\noutput = 'no/t.csv'", "no folder"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_starts(
    tmp_path: Path, text: str, words: str
) -> None:
    job = read_job(write(tmp_path, text))
    with pytest.raises(UsageError, match=re.escape(words)):
        steps_of(job)
