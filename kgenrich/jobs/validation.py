"""What a run of a job would do, step by step, and what it would at most cost."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from kgenrich.jobs.deadline import read_deadline
from kgenrich.jobs.job_file import Job
from kgenrich.jobs.steps import steps_of
from kgenrich.verbs.workspace import Workspace


class Plan(Struct, frozen=True):
    """The ``lines`` of what would be done, or what is wrong (``error``)."""

    job: str
    file: str
    lines: tuple[str, ...] = ()
    error: str = ""


def plan_of(workspace: Workspace, job: Job) -> Plan:
    """What a run would do. Raises `UsageError` for a job that makes no sense."""
    steps = steps_of(job)
    read_deadline(job.until, job.for_, datetime.now().astimezone())
    lines = [f"{place}. {step.name}: {step.about}" for place, step in enumerate(steps, 1)]
    return Plan(job.name, str(job.file), tuple(lines))
