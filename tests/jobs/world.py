"""A small world for jobs: a dump, a language model on the loopback that counts, a job file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from kgenrich.jobs.run import JobReport, run_job
from kgenrich.progress import SILENT, Progress
from kgenrich.settings import load_settings
from kgenrich.verbs.workspace import Workspace
from tests.server import Asked, Reply, Server
from tests.sources.test_remote_source import answer, named

ENTITIES = 40

JOB = """
languages = ["it"]
kinds = ["label"]
sources = ["tiny"]
[harvest]
dump = "items.json"
[enrich]
batch = 10
{enrich}
[accept]
over = 0.1
[[export]]
format = "terms"
output = "terms.csv"
[[export]]
format = "quickstatements"
output = "edits.tsv"
keep = 2
{more}
"""

SETTINGS = """
store = "{store}"
jobs = "{folder}"
[network]
contact = "t@example.org"
retries = 0
requests_per_minute = 1000000.0
[sources.tiny]
use = "openai"
url = "{url}"
model = "m"
price_in = 10.0
"""


def priced(asked: Asked) -> Reply:
    """What the model answers: the name as it is in English, for a cent."""
    reply = answer(asked)
    reply.body["usage"] = {"prompt_tokens": 1000, "completion_tokens": 10}
    return reply


class World:
    """A folder with everything that the job ``nightly`` needs, over a store."""

    def __init__(self, folder: Path, store: str, server: Server) -> None:
        self.folder, self.store, self.server = folder, store, server
        folder.mkdir(exist_ok=True)
        labels = {n: {"en": {"language": "en", "value": f"Name {n}"}} for n in range(ENTITIES)}
        lines = (
            json.dumps({"type": "item", "id": f"Q{n + 1}", "labels": told})
            for n, told in labels.items()
        )
        (folder / "items.json").write_text("\n".join(lines), encoding="utf-8")
        settings = SETTINGS.format(store=store, folder=folder, url=server.url)
        self.settings = folder / "kgenrich.toml"
        self.settings.write_text(settings, encoding="utf-8")
        self.write()

    def write(self, enrich: str = "", more: str = "") -> None:
        """The job, with more in its table `enrich` and at its end."""
        job = JOB.format(enrich=enrich, more=more)
        (self.folder / "nightly.toml").write_text(job, encoding="utf-8")

    def workspace(self, progress: Progress = SILENT) -> Workspace:
        """What verbs work in."""
        return Workspace(load_settings(self.settings), progress)

    def run(self, progress: Progress = SILENT, until: str = "", length: str = "") -> JobReport:
        """Run the job in this process."""
        with self.workspace(progress) as workspace:
            return run_job(workspace, "nightly", until, length)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "kgenrich.cli.main", "--config", str(self.settings), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )

    def files(self) -> dict[str, bytes]:
        """What was exported."""
        names = ("terms.csv", "edits.tsv")
        return {name: (self.folder / name).read_bytes() for name in names}

    def times(self) -> Counter[str]:
        """How often the model was asked for each name."""
        return Counter(named(asked) for asked in self.server.asked)


class Listening(Progress):
    """Calls a function at each checkpoint of the verbs."""

    def __init__(self, function: Callable[[], None]) -> None:
        self.checkpoint = function  # type: ignore[method-assign]
