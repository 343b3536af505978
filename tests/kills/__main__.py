"""``python -m tests.kills``: counts for each command, as docs/reliability.md shows them."""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.databases import postgres_schema
from tests.kills.killing import kill_all


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("--kills", type=int, default=100, help="Processes killed, a database.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--only", action="append", default=[], help="Only this command.")
    given = parser.parse_args()
    # One in the background ignores Ctrl-C, and so would the processes that it kills.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = f"sqlite:///{folder}/quiet/store.db", f"sqlite:///{folder}/killed/store.db"
        if given.database == "postgres":
            url = os.environ["KGENRICH_TEST_POSTGRES"]
            first, second = (stack.enter_context(postgres_schema(url)) for _ in stores)
            stores = first, second
        print("| command | killed | by which signals | calls repeated | lost |")
        print("|---|--:|---|--:|--:|")
        for counts in kill_all(folder, stores, given.kills, given.seed, given.only):
            told = ", ".join(f"{n} {name}" for name, n in sorted(counts.signals.items()))
            lost = len(counts.faults)
            print(f"| {counts.name} | {counts.tried} | {told} | {counts.repeated} | {lost} |")
            for fault in counts.faults[:5]:
                print(f"  {fault[:1000]}", flush=True)


if __name__ == "__main__":
    main()
