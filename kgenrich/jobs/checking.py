"""What of a job can be known to be wrong before anything begins."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from kgenrich.errors import UsageError
from kgenrich.jobs.cron import next_time
from kgenrich.jobs.deadline import read_deadline
from kgenrich.jobs.job_file import Job
from kgenrich.jobs.notify import words_of
from kgenrich.jobs.steps import Step, steps_of
from kgenrich.languages import valid_codes
from kgenrich.sources.base import MemoryGraph, Source
from kgenrich.store.engine import file_of, parse
from kgenrich.verbs.arguments import (
    ScopeOptions,
    read_kinds,
    read_languages,
    read_states,
    read_types,
)
from kgenrich.verbs.assembly import make_sources, read_limits
from kgenrich.verbs.check import CheckOptions
from kgenrich.verbs.decide import DecideOptions, read_despite
from kgenrich.verbs.enrich import EnrichOptions
from kgenrich.verbs.export import TermsOptions
from kgenrich.verbs.harvest import IdsOptions, SparqlOptions
from kgenrich.verbs.harvest_changes import ChangesOptions
from kgenrich.verbs.harvest_run import HarvestOptions
from kgenrich.verbs.workspace import Workspace


def checked_steps(workspace: Workspace, job: Job) -> list[Step]:
    """The steps of a job. Raises `UsageError` for whatever of it can be known to be wrong before
    anything begins: files, languages, sources, states, the schedule."""
    steps = steps_of(job)
    next_time(job, datetime.now(UTC))
    try:
        for step in steps:
            options = step.options
            if isinstance(options, ScopeOptions | CheckOptions | HarvestOptions):
                valid_codes(options.languages)
                read_types(options.types)
            if isinstance(options, ScopeOptions) and options.kinds:
                read_kinds(workspace, options.kinds)
            if isinstance(options, TermsOptions):
                read_states(options.states, ())
            if isinstance(options, DecideOptions):
                read_despite(options.despite)
            if isinstance(options, EnrichOptions | CheckOptions):
                idle_sources(workspace, options)
            if isinstance(options, IdsOptions | SparqlOptions | ChangesOptions) and not (
                workspace.settings.network.contact
            ):
                raise UsageError("It goes on the network, which needs a `contact` in the settings.")
        _outputs_apart(workspace, job, steps)
        if job.notify is not None:
            program = words_of(job.notify.command)[0]
            if shutil.which(program) is None:
                raise UsageError(f"there is no program {program!r}, which notify.command names.")
    except UsageError as error:
        raise job.error(str(error)) from error
    return steps


def _outputs_apart(workspace: Workspace, job: Job, steps: list[Step]) -> None:
    """Raises `UsageError` where a file that is written is one that is needed, or written twice."""
    taken = {job.file.resolve(): "the job itself"}
    if store := file_of(parse(workspace.settings.store_url())):
        taken[store.resolve()] = "the store"
    for step in steps:
        if (file := getattr(step.options, "file", "-")) != "-":
            taken[Path(file).resolve()] = "what is harvested"
    outputs = [getattr(step.options, "output", None) for step in steps]
    for output in outputs:
        if output and "\0" in output:
            raise UsageError("no path has a NUL in it, as that of an output does.")
        if output and Path(output).is_dir():
            raise UsageError(f"{output} is a folder, and no file can be written there.")
    for output in [*outputs, job.output(job.metrics) if job.metrics else None]:
        if output and output != "-":
            path = Path(output).resolve()
            if path in taken:
                raise UsageError(f"{output} would be written over {taken[path]}.")
            taken[path] = "another output"


def deadline_of(job: Job, until: str = "", length: str = "") -> datetime | None:
    """When a run that begins now must end; ``until`` and ``length`` stand in for what the job says.
    Raises `UsageError` for what is no time."""
    now = datetime.now().astimezone()
    try:
        return read_deadline(until or job.until, length or job.for_, now)
    except UsageError as error:
        raise error if until or length else job.error(str(error)) from error


def idle_sources(workspace: Workspace, options: EnrichOptions | CheckOptions) -> list[Source]:
    """The sources that a step would ask, over an empty graph. Raises `UsageError` where it cannot
    ask those that it names, or none."""
    limits = {}
    if isinstance(options, EnrichOptions):
        limits = read_limits(options.max_calls, options.max_cost)
    languages = read_languages(workspace, options.languages)
    graph = MemoryGraph([])
    return make_sources(workspace.settings, graph, languages, options.sources, limits)[0]
