"""Jobs over real entities, those that are shipped and those of a dump: broken off again and again,
they end as one that nothing disturbed."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from kgenrich.errors import Halted
from kgenrich.jobs.reading import read_job
from kgenrich.jobs.run import JobReport, run_job
from kgenrich.progress import SILENT, Progress
from kgenrich.resources import resource
from kgenrich.settings import Settings
from kgenrich.store.opening import open_store
from kgenrich.verbs.workspace import Workspace
from tests.jobs.world import Listening
from tests.stores import dump

pytestmark = pytest.mark.slow

JOB = """
languages = ["it", "nl"]
kinds = ["label"]
sources = ["names", "cldr"]
{harvests}
[enrich]
batch = 20
[check]
limit = 20
batch = 5
[accept]
over = 0.6
[[export]]
format = "quickstatements"
output = "edits.tsv"
[[export]]
format = "rdf"
output = "terms.ttl.gz"
"""
HISTORY = ("runs", "job_runs", "job_steps", "exports", "meta", "spending")


def run(folder: Path, store: Path, dumps: list[Path], progress: Progress = SILENT) -> JobReport:
    folder.mkdir(exist_ok=True)
    harvests = "".join(f'[[harvest]]\ndump = "{path}"\nlimit = 150\n' for path in dumps)
    (folder / "real.toml").write_text(JOB.format(harvests=harvests), encoding="utf-8")
    with Workspace(Settings(store=str(store)), progress) as workspace:
        return run_job(workspace, read_job(folder / "real.toml"))


def content(store: Path) -> dict[str, int]:
    """How many rows each table has."""
    opened = open_store(f"sqlite:///{store}")
    rows = {name: len(table) for name, table in dump(opened, *HISTORY).items()}
    opened.close()
    return rows


@pytest.fixture(params=["shipped", "shipped and a dump"])
def dumps(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    shipped = resource("config/demo/items.json.gz")
    if request.param == "shipped":
        return [shipped]
    folder = request.getfixturevalue("shared_data") / "entity_dumps"
    packed = (folder / "wikibase-dump-filter_entities.gz").read_bytes()
    # These are the first lines of a dump: its array has no end.
    whole = tmp_path / "items.json"
    whole.write_bytes(gzip.decompress(packed).rstrip().rstrip(b",") + b"\n]\n")
    return [whole, shipped]


def test_one_that_is_broken_off_ends_as_one_that_is_not(tmp_path: Path, dumps: list[Path]) -> None:
    quiet = run(tmp_path / "quiet", tmp_path / "quiet.db", dumps)
    assert quiet.status == "done" and quiet.steps[-5].counts["proposals"]
    chance = random.Random(1)
    statuses = []

    def break_off() -> None:
        if len(statuses) < 8 and chance.random() < 0.3:
            raise Halted("enough")

    while not statuses or statuses[-1] != "done":
        report = run(tmp_path / "often", tmp_path / "often.db", dumps, Listening(break_off))
        assert report.run == 1
        statuses.append(report.status)
    assert statuses.count("stopped") >= 4
    for name in ("edits.tsv", "terms.ttl.gz"):
        assert (tmp_path / "often" / name).read_bytes() == (tmp_path / "quiet" / name).read_bytes()
    assert content(tmp_path / "often.db") == content(tmp_path / "quiet.db")
