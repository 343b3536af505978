"""Requests a CPU-second of `kgenrich enrich`, against another checkout, as JSON.

    python benchmarks/consensus.py OTHER [ROUNDS] [DUMP]

OTHER is a checkout of another commit with its environment in ``.venv``, as `make test` makes it.
Both enrich a store of their own, made from DUMP (the shipped items by default), by the graph
sources alone, in turns. What fitting takes is left out: it is the CPU time of enriching one entity.
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
LANGUAGES = "it,fr,de,ru,ar,ja,zh"


def run(root: Path, store: Path, *arguments: str) -> tuple[float, str]:
    """CPU-seconds and output of a command of a checkout."""
    command = [str(root / ".venv/bin/kgenrich"), "--quiet", "--store", f"sqlite:///{store}"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([*command, *arguments], stdout=output, cwd=store.parent)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{root} could not {arguments[0]}: status {status}")
        output.seek(0)
        return used.ru_utime + used.ru_stime, output.read()


def pace(root: Path, harvested: Path) -> float:
    """Requests a CPU-second on a copy of a store that was harvested."""
    store = harvested.with_name("enriched.db")
    spent = []
    for limit in ("1", "1000000000"):
        store.write_bytes(harvested.read_bytes())
        asked = ("enrich", "--languages", LANGUAGES, "--limit", limit, "--json")
        seconds, told = run(root, store, *asked)
        spent.append((seconds, json.loads(told)["requests"]))
    (fitting, one), (whole, every) = spent
    return float((every - one) / (whole - fitting))


def main() -> None:
    """Measure both in turns and print the paces and their ratio."""
    other = Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    dump = Path(sys.argv[3]) if len(sys.argv) > 3 else HERE / "config/demo/items.json.gz"
    roots = {"before": other, "now": HERE}
    paces: dict[str, list[float]] = {name: [] for name in roots}
    with tempfile.TemporaryDirectory() as folder:
        harvested = {name: Path(folder, name, "graph.db") for name in roots}
        for name, root in roots.items():
            harvested[name].parent.mkdir()
            run(root, harvested[name], "harvest", "dump", str(dump.resolve()))
        for _ in range(rounds):
            for name, root in roots.items():
                paces[name].append(pace(root, harvested[name]))
    found = {name: round(median(measured), 1) for name, measured in paces.items()}
    ratios = [now / before for before, now in zip(paces["before"], paces["now"], strict=True)]
    found |= {"ratio": round(median(ratios), 3), "least": round(min(ratios), 3)}
    print(json.dumps({"requests_a_cpu_second": found, "rounds": rounds}))


if __name__ == "__main__":
    main()
