"""Progress of training and alignment as a bar."""

from __future__ import annotations

from rich.progress import Progress as Bars

from kgenrich.progress import Progress


class Bar(Progress):
    """Shows steps one after the other in one bar."""

    def __init__(self, bars: Bars) -> None:
        self.bars, self.task = bars, bars.add_task("", total=None, note="")

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        """See `Progress.begin`."""
        self.bars.reset(self.task, description=step, total=total, note="")

    def update(self, done: int | None = None, note: str = "") -> None:
        """See `Progress.update`."""
        self.bars.update(self.task, completed=done, note=note)

    def remark(self, text: str, *, grave: bool = False) -> None:
        """See `Progress.remark`."""
        self.bars.console.print(text)
