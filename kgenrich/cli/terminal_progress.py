"""Progress as a bar on the error stream; silent when asked for or not on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from kgenrich.progress import Progress

_UNITS = {"bytes": (1024, " (KiB)")}
"""What one step of a bar stands for, and how it is named: bytes are shown as KiB, whose numbers can
be read."""


class TerminalProgress(Progress):
    """Shows steps while its ``bars`` are entered, and remarks at any time; grave ones on a quiet
    console too."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._scale = 1
        self._task: TaskID | None = None
        self.bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=console.quiet or not console.is_terminal,
        )

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        if self._task is not None:
            self.bars.stop_task(self._task)
        self._scale, name = _UNITS.get(unit, (1, ""))
        whole = None if total is None else -(-total // self._scale)
        self._task = self.bars.add_task(step + name, total=whole, note="")

    def update(self, done: int | None = None, note: str = "") -> None:
        if self._task is not None:
            completed = None if done is None else -(-done // self._scale)
            fields = {"note": note} if note else {}
            self.bars.update(self._task, completed=completed, **fields)  # type: ignore[arg-type]

    def remark(self, text: str, *, grave: bool = False) -> None:
        quiet, self.console.quiet = self.console.quiet, self.console.quiet and not grave
        self.console.print(text, style="bold" if grave else "dim")
        self.console.quiet = quiet
