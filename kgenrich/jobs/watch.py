"""Listens to the verbs of a job: notes how far a step is, and ends it when it is time."""

from __future__ import annotations

import time
from datetime import datetime

from kgenrich.errors import Halted
from kgenrich.progress import Progress
from kgenrich.store.base import Store
from kgenrich.store.story.job_runs import JobStep, note_step

_EVERY = 2.0
"""Seconds between two notes, which are also the looks for who asks the run to stop."""


class Watch(Progress):
    """Passes on what it is told, with what the store shall know of it. ``deadline`` is when the run
    must end."""

    def __init__(
        self, listener: Progress, store: Store, run_id: int, deadline: datetime | None
    ) -> None:
        self._listener, self._store, self._run_id = listener, store, run_id
        self._deadline = None if deadline is None else deadline.timestamp()
        self._shown = "" if deadline is None else f"{deadline:%Y-%m-%d %H:%M}"
        self._step: JobStep | None = None
        self._what, self._total, self._unit = "", 0, ""
        self._begun = self._noted = 0.0
        self._reason = ""

    def watch(self, step: JobStep) -> None:
        """This step is what is told of from here on."""
        self._step = step
        self._begun = time.monotonic() - step.seconds
        self.note()

    def note(self) -> None:
        """Note how far the step is, and look for who asks the run to stop."""
        if self._step is not None:
            self._noted = time.monotonic()
            self._step.seconds = round(self._noted - self._begun, 3)
            if asked_by := note_step(self._store, self._run_id, self._step):
                self._reason = self._reason or f"{asked_by} asked it to stop"

    def end(self, reason: str) -> None:
        """Have the verb end at its next checkpoint."""
        self._reason = reason
        self.remark(f"{reason}: ends after the batch in hand.", grave=True)

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        self._listener.begin(step, total, unit)
        self._what, self._total, self._unit = step, total or 0, unit

    def update(self, done: int | None = None, note: str = "") -> None:
        self._listener.update(done, note)
        if self._step is not None:
            self._step.position = self._place(done, note)
            if time.monotonic() - self._noted >= _EVERY:
                self.note()

    def begin_run(self, run: int) -> None:
        self._listener.begin_run(run)
        if self._step is not None:
            self._step.run_id = run

    def checkpoint(self) -> None:
        self._listener.checkpoint()
        if not self._reason and self._deadline is not None and time.time() >= self._deadline:
            self._reason = f"It is {self._shown}, when this run must end"
        if not self._reason and time.monotonic() - self._noted >= _EVERY:
            self.note()
        if self._reason:
            raise Halted(f"{self._reason}. What is done is kept; the next run goes on there.")

    def remark(self, text: str, *, grave: bool = False) -> None:
        self._listener.remark(text, grave=grave)

    def _place(self, done: int | None, note: str) -> str:
        of = f" of {self._total:,}" if self._total else ""
        unit = f" {self._unit}" if self._unit else ""
        place = "" if done is None else f"{done:,}{of}{unit}"
        return ", ".join(part for part in (self._what, place, note) if part)
