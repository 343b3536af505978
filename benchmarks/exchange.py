"""Units out and in again, by format: `python -m benchmarks.exchange STORE [UNITS]`.

STORE is a file, which is made where it is not there. Each format and step runs in a process of its
own: its CPU seconds, and the most memory that it had. *in* decides on every unit, with half of the
texts changed; *again* finds all of it decided. *format* is what the format itself costs, units to
bytes and bytes to answers; *toolkit* is translate-toolkit reading and writing the same file; the
ratio is of these two.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kgenrich.exchange.formats import FORMATS, Header
from kgenrich.exchange.unit import Suggestion, Unit, basis_digest
from kgenrich.model import TermKind, content_id
from kgenrich.settings import Settings
from kgenrich.store.opening import open_store
from kgenrich.verbs.exchange import UnitsOptions, export_units
from kgenrich.verbs.exchange_import import ImportOptions, import_units
from kgenrich.verbs.undoing import UndoOptions, undo
from kgenrich.verbs.workspace import Workspace

TOOLKIT = {
    "po": "pypo.pofile",
    "xliff": "xliff.xlifffile",
    "xliff2": "xliff2.Xliff2File",
    "tmx": "tmx.tmxfile",
}
APPROVED = {
    "po": (rb"#, fuzzy, ", b"#, "),
    "xliff": (rb'approved="no"', b'approved="yes"'),
    "xliff2": (rb'state="initial"', b'state="final"'),
    "tmx": (rb'(<tuv xml:lang="fr")', rb'\1 changeid="Ada"'),
    "tbx": (
        rb"(<term>)([^<]*</term>)(\s*<note>)",
        rb'\1\2<termNote type="administrativeStatus">preferredTerm-admn-sts</termNote>\3',
    ),
    "jsonl": (rb'"state":"open"', b'"state":"accepted"'),
    "tsv": (rb"(?m)^([^\t\n]*\t[^\t\n]*\t)\t", rb"\1accept\t"),
}
CHANGED = re.compile(rb"((?:lieu dans la r\xc3\xa9gion|Posto) \d*[02468])(?=[\"<\t])")


def main(store: str, number: int) -> None:
    """Print a line for each format."""
    if not Path(store).exists():
        _step("fill", store, "", number)
    print(f"{number:,} units; CPU seconds, MB at most", flush=True)
    print("| format | out | MB | in | MB | again | both | format | toolkit | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    for name in APPROVED:
        if name not in FORMATS:
            continue
        out = _step("out", store, name, number)
        back = _step("in", store, name, number)
        again = _step("again", store, name, number)
        _step("undo", store, name, number)
        alone = _step("format", store, name, number)
        toolkit = _step("toolkit", store, name, number) if name in TOOLKIT else None
        both = out["seconds"] + back["seconds"]
        told = f"{toolkit['seconds']:.1f}" if toolkit else ""
        ratio = f"{alone['seconds'] / toolkit['seconds']:.2f}" if toolkit else ""
        print(
            f"| {name} | {out['seconds']:.1f} | {out['memory']:.0f} | {back['seconds']:.1f} "
            f"| {back['memory']:.0f} | {again['seconds']:.1f} | {both:.1f} "
            f"| {alone['seconds']:.1f} | {told} | {ratio} |",
            flush=True,
        )


def _step(step: str, store: str, name: str, number: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.exchange", "--step", step, store, name, str(number)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {key: value for one in reversed(told) for key, value in one.items()}


def _file(store: str, name: str) -> str:
    return f"{store}.{FORMATS[name].endings[0]}"


def _fill(store: str, name: str, number: int) -> None:
    from benchmarks.worked_store import fill

    opened = open_store(f"sqlite:///{store}", create=True)
    fill(opened, 2 * number, 0)  # Half of them have an Italian label.
    opened.close()


def _out(store: str, name: str, number: int) -> None:
    of_descriptions = FORMATS[name].kinds == tuple(TermKind)
    with Workspace(Settings(store=store)) as workspace:  # type: ignore[call-arg]
        export_units(
            workspace,
            UnitsOptions(
                output=_file(store, name),
                format=name,
                languages=("fr",) if of_descriptions else ("it",),
                kinds=("description",) if of_descriptions else ("label",),
                floor=0,
                limit=number,
                from_languages=("en",),
                reader="en",
                force=True,
            ),
        )


def _in(store: str, name: str, number: int) -> None:
    with Workspace(Settings(store=store)) as workspace:  # type: ignore[call-arg]
        report = import_units(
            workspace, ImportOptions(file=_file(store, name), format=name, author="ann")
        )
        print(json.dumps({"counts": report.counts}))


def _undo(store: str, name: str, number: int) -> None:
    with Workspace(Settings(store=store)) as workspace:  # type: ignore[call-arg]
        undo(workspace, UndoOptions(author="ann"))


def _format(store: str, name: str, number: int) -> None:
    units = [
        Unit(
            id=content_id(str(one)),
            entity=f"Q{one}",
            kind=TermKind.LABEL,
            source_language="en",
            source_text=f"place in the region {one}",
            language="fr",
            target=f"lieu dans la région {one}",
            basis=basis_digest("en", str(one), 1),
            suggestions=(
                Suggestion(f"lieu dans la région {one}", "", 0.5, ("names", "big"), "CC0-1.0"),
            ),
            context=("en: Place", "fr: Place", "is a: Q1", "two agree"),
            maximum=250,
        )
        for one in range(number)
    ]
    module = FORMATS[name].module
    begun = time.process_time()
    path = Path(_file(store, name))
    with path.open("wb") as out:
        out.writelines(module.write(units, Header("en", "fr")))
    found = sum(1 for _ in module.read(str(path)))
    assert found == number, found
    print(json.dumps({"seconds": time.process_time() - begun}))


def _toolkit(store: str, name: str, number: int) -> None:
    from importlib import import_module

    room, kind = TOOLKIT[name].split(".")
    made = getattr(import_module(f"translate.storage.{room}"), kind)
    begun = time.process_time()
    read = made.parsefile(_file(store, name))
    assert sum(bool(unit.source and unit.target) for unit in read.units) >= number
    read.save()
    print(json.dumps({"seconds": time.process_time() - begun}))


def _approve(store: str, name: str) -> None:
    path = Path(_file(store, name))
    pattern, with_ = APPROVED[name]
    data = re.sub(pattern, with_, path.read_bytes())
    path.write_bytes(CHANGED.sub(rb"\1 !", data))


_STEPS: dict[str, Callable[[str, str, int], None]] = {
    "fill": _fill,
    "out": _out,
    "in": _in,
    "again": _in,
    "undo": _undo,
    "format": _format,
    "toolkit": _toolkit,
}


def _run(step: str, store: str, name: str, number: int) -> None:
    """Do a step, and print what it cost."""
    if step == "in":
        subprocess.run(
            [sys.executable, "-m", "benchmarks.exchange", "--approve", store, name], check=True
        )
    begun = time.process_time()
    _STEPS[step](store, name, number)
    seconds = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--step", step, store, name, number]:
            _run(step, store, name, int(number))
        case ["--approve", store, name]:
            _approve(store, name)
        case [store, *rest]:
            main(store, int(rest[0]) if rest else 100_000)
        case _:
            raise SystemExit(__doc__)
