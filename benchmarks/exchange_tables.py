"""What tables cost: 100,000 units out and in again, each format in a process of its own.

python benchmarks/exchange_tables.py [units]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kgenrich.exchange.formats import FORMATS, Header
from kgenrich.exchange.unit import Suggestion, Unit
from kgenrich.model import Candidate, TermKind

OBO = "http://purl.obolibrary.org/obo/HP_"


def units(number: int, kind: TermKind) -> Iterator[Unit]:
    """Units in three languages."""
    for place in range(number):
        text, language = f"Fieber mit Husten {place}", ("de", "fr", "ar")[place % 3]
        candidate = Candidate(f"{OBO}{place:07}", language, kind, text).id
        yield Unit(
            candidate,
            f"{OBO}{place:07}",
            kind,
            "en",
            f"fever with cough {place}",
            language,
            text,
            "0123456789abcdef",
            suggestions=(Suggestion(text, candidate, 0.91, ("labels",)), Suggestion("Husten")),
            context=("is a: symptom", "en: raised temperature, and coughing"),
            maximum=250,
        )


def measure(name: str, number: int) -> None:
    """Print a row of the table for a format."""
    form = FORMATS[name]
    kind = TermKind.ALIAS if name == "robot" else TermKind.LABEL
    given = time.process_time()
    for _ in units(number, kind):
        pass
    given = time.process_time() - given
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t.{form.endings[0]}"
        start = time.process_time()
        with path.open("wb") as file:
            for chunk in form.module.write(units(number, kind), Header("en", "de")):
                file.write(chunk)
        written = time.process_time()
        found = 0 if name == "babelon-owl" else sum(1 for _ in form.module.read(str(path)))
        read = time.process_time()
    assert found in (number, 0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"| {name} | {written - start - given:.1f} | {read - written:.1f} | {peak} MB |")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[2], int(sys.argv[1]))
    else:
        amount = sys.argv[1] if len(sys.argv) > 1 else "100000"
        for one in ("csv", "tsv", "xlsx", "babelon", "robot", "babelon-owl"):
            subprocess.run([sys.executable, __file__, amount, one], check=True)
