"""Requests a CPU-second of `kgenrich enrich` by graph sources, against another checkout, as JSON.

    python benchmarks/consensus.py OTHER [ROUNDS] [DUMP]

OTHER is a checkout of another commit with its environment in ``.venv``, as `make test` makes it.
Both enrich stores of their own, made from DUMP (the shipped items by default), in turns: *first*
and *again* are whole commands on a new store and on what it holds then, with fitting and start;
*labels* is what labels alone take beyond one entity, so without both. Medians of the rounds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent.parent
ASKED = ("enrich", "--languages", "it,fr,de,ru,ar,ja,zh", "--json")


class Checkout:
    """A checkout with a store that was harvested and a cache of its own in a folder."""

    def __init__(self, root: Path, folder: Path, dump: Path) -> None:
        folder.mkdir()
        self.root, self.store, self.cache = root, folder / "graph.db", folder / "cache"
        self.run("harvest", "dump", str(dump.resolve()))
        self.harvested = self.store.read_bytes()

    def run(self, *arguments: str) -> tuple[float, str]:
        """CPU-seconds and output of a command."""
        command = [str(self.root / ".venv/bin/kgenrich"), "--quiet"]
        command += ["--store", f"sqlite:///{self.store}", *arguments]
        environment = os.environ | {"XDG_CACHE_HOME": str(self.cache)}
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                command, stdout=output, cwd=self.store.parent, env=environment
            )
            _, status, used = os.wait4(process.pid, 0)
            if status:
                raise SystemExit(f"{self.root} could not {arguments[0]}: status {status}")
            output.seek(0)
            return used.ru_utime + used.ru_stime, output.read()

    def enrich(self, *options: str) -> tuple[float, int]:
        """CPU-seconds and requests."""
        seconds, told = self.run(*ASKED, *options)
        return seconds, int(json.loads(told)["requests"])

    def paces(self) -> dict[str, float]:
        """Requests a CPU-second, by measure."""
        self.store.write_bytes(self.harvested)
        measured = {"first": self.enrich(), "again": self.enrich()}
        self.store.write_bytes(self.harvested)
        (start, one), (whole, every) = (
            self.enrich("--kinds", "label", "--limit", limit) for limit in ("1", "1000000000")
        )
        measured["labels"] = whole - start, every - one
        return {name: requests / seconds for name, (seconds, requests) in measured.items()}


def main() -> None:
    """Measure both in turns and print the paces and their ratios."""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    dump = Path(sys.argv[3]) if len(sys.argv) > 3 else HERE / "config/demo/items.json.gz"
    with tempfile.TemporaryDirectory() as folder:
        before = Checkout(Path(sys.argv[1]).resolve(), Path(folder, "before"), dump)
        now = Checkout(HERE, Path(folder, "now"), dump)
        pairs = [(before.paces(), now.paces()) for _ in range(rounds)]
    result = {
        measure: {
            "before": round(median(old[measure] for old, _ in pairs), 1),
            "now": round(median(new[measure] for _, new in pairs), 1),
            "ratio": round(median(new[measure] / old[measure] for old, new in pairs), 3),
        }
        for measure in pairs[0][0]
    }
    print(json.dumps({"requests_a_cpu_second": result, "rounds": rounds}))


if __name__ == "__main__":
    main()
