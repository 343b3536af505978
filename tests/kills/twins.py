"""One of two equal worlds: a store, a folder of outputs, and processes in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kgenrich.store import migrate
from kgenrich.store.opening import open_store
from kgenrich.store.tables import in_flight, metadata, runs

HISTORY = {"meta", "runs", "job_runs", "job_steps", "exports", "spending", "in_flight", "sources"}
"""What says how often something was begun."""
MOMENTARY = {"run_id", "at", "seconds", "retrieved", "batch"}

# A decision has its time in its name.
_TOLD_APART = re.compile(rb"(run:|decision:)[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:]+(?:\+00:00|Z)")
_DEADLINE = 180


class Twin:
    """``folder`` is where its commands run, ``store`` its database."""

    def __init__(self, folder: Path, store: str, settings: Path) -> None:
        folder.mkdir()
        self.folder, self.store, self.settings = folder, store, settings
        self.cache = folder.with_name(folder.name + "-cache")

    @property
    def url(self) -> str:
        return self.store.replace("postgresql://", "postgresql+psycopg://")

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kgenrich.cli.main", "--config", str(self.settings)]
        return subprocess.Popen(
            [*command, "--store", self.store, *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ
            | {
                "COLUMNS": "80",
                "XDG_CACHE_HOME": str(self.cache),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )

    def ask(self, *arguments: str) -> str:
        """What a command prints, that must go well."""
        process = self.start(arguments)
        out, errors = process.communicate(timeout=_DEADLINE)
        assert process.returncode == 0, (arguments, errors)
        return out

    def problems(self) -> list[str]:
        """What `kgenrich db check` finds, where there is a store already."""
        is_there = migrate.state(self.url)[0] is not None
        return list(migrate.check(self.url)) if is_there else []

    def content(self) -> dict[str, Counter[tuple[Any, ...]]]:
        """Every row of what was found, said and decided, without runs and times."""
        store = open_store(self.url)
        found: dict[str, Counter[tuple[Any, ...]]] = {}
        with store.read() as connection:
            table = metadata.tables["sources"]
            names = {row.id: row.name for row in connection.execute(select(table))}
            for table in metadata.sorted_tables:
                if table.name in HISTORY:
                    continue
                columns = [c for c in table.columns if c.name not in MOMENTARY]
                if table.name == "decisions":
                    columns.remove(table.c.id)
                found[table.name] = Counter(
                    tuple(
                        names[value] if column.name == "source_id" else value
                        for column, value in zip(columns, row, strict=True)
                    )
                    for row in connection.execute(select(*columns))
                )
        store.close()
        return found

    def held(self) -> int:
        """Questions that seem to be in flight and runs that seem to go on."""
        store = open_store(self.url)
        with store.read() as connection:
            claimed = len(connection.execute(select(in_flight)).all())
            going = len(connection.execute(select(runs).where(runs.c.status == "running")).all())
        store.close()
        return claimed + going

    def outputs(self) -> dict[str, str]:
        """The files that were written, by what is in them; runs and times are left out of those
        that tell a story."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if path.is_dir() or name.startswith(("store.db", "model/")):
                continue
            data = path.read_bytes()
            if name.startswith("story") or ".void." in name:
                lines = _TOLD_APART.sub(rb"\1", data).splitlines()
                data = b"\n".join(sorted(set(lines)))
            found[name] = sha256(data).hexdigest()
        model = self.folder / "model"
        for path in sorted(model.rglob("*")) if model.is_dir() else ():
            whole = path.suffix == ".safetensors"
            found[f"model/{path.name}"] = sha256(path.read_bytes()).hexdigest() if whole else ""
        return found
