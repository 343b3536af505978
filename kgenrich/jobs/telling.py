"""Telling others how a run of a job goes: a program of the user's, and a file for a scraper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from kgenrich.errors import StoreError, UsageError
from kgenrich.jobs.job_file import Job
from kgenrich.jobs.metrics import write_metrics
from kgenrich.jobs.notify import Event, notify, words_of
from kgenrich.masking import mask
from kgenrich.store.story.job_runs import JobRun
from kgenrich.store.story.job_schedules import next_times
from kgenrich.verbs.workspace import Workspace

_TOLD = ("name", "status", "error", "seconds", "counts", "run_id")
"""What is told of a step; what it was told to do stays here."""
_FAILURES = ("partly", "stopped", "failed")


class Telling(Struct, frozen=True):
    """Who is told: a ``command`` (none: nobody), of failures alone or ``always``, and the file
    ``metrics`` (none: no file)."""

    command: Sequence[str] = ()
    always: bool = True
    metrics: Path | None = None

    def begun(self, workspace: Workspace, run: JobRun) -> None:
        """The run has begun, or goes on."""
        told = {"job": run.job, "run": run.id, "status": "running", "started": run.started}
        self._notify(workspace, "start", told)

    def ended(self, workspace: Workspace, event: Event, summary: Mapping[str, Any]) -> None:
        """The run has ended so."""
        if self.metrics is not None:
            try:
                write_metrics(workspace.store, self.metrics, next_times(workspace.store))
            except (OSError, StoreError) as error:
                why = getattr(error, "strerror", None) or mask(str(error))
                told = f"The metrics cannot be written to {self.metrics}: {why}"
                workspace.progress.remark(told, grave=True)
        steps = [{name: getattr(step, name) for name in _TOLD} for step in summary.get("steps", ())]
        self._notify(workspace, event, {**summary, "steps": steps})

    def _notify(self, workspace: Workspace, event: Event, summary: Mapping[str, Any]) -> None:
        if self.command and (self.always or event in _FAILURES):
            notify(self.command, event, msgspec.to_builtins(dict(summary)), workspace.progress)


def telling_of(job: Job, command: str = "", metrics: str = "") -> Telling:
    """Who is told of a run: as the job says, or a ``command`` and a file of ``metrics`` that are
    given for this one. Raises `UsageError` for a command that makes no sense and a folder that
    there is not."""
    wanted = command or (job.notify.command if job.notify else "")
    file = Path(metrics) if metrics else Path(job.output(job.metrics)) if job.metrics else None
    if file is not None and not file.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {file.absolute().parent}, for the metrics.")
    always = bool(command) or job.notify is None or job.notify.on == "always"
    return Telling(words_of(wanted) if wanted else (), always, file)
