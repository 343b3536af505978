"""The steps of a job, in their order: what each is told to do, in the options of its verb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import asdict

from kgenrich.errors import UsageError
from kgenrich.inputs import read_lines
from kgenrich.jobs.job_file import Accept, Check, Enrich, Export, Harvest, Job, Publish, Report
from kgenrich.jobs.old_exports import keep_copy
from kgenrich.jobs.outcome import Outcome, asked
from kgenrich.store.rows import as_json
from kgenrich.verbs import (
    check,
    decide,
    enrich,
    export,
    export_edits,
    export_rdf,
    harvest,
    harvest_changes,
    publish,
    report,
)
from kgenrich.verbs.workspace import Options, Workspace, read_options

Act = Callable[[Workspace, str], Outcome]
"""Does a step, in a run of this date (as it stands in names of files)."""

_EXPORTS: Mapping[str, tuple[type[Options], Callable[[Workspace, Any], Any]]] = {
    "rdf": (export_rdf.RdfOptions, export_rdf.export_rdf),
    "quickstatements": (export_edits.EditOptions, export_edits.export_quickstatements),
    "wbeditentity": (export_edits.EditOptions, export_edits.export_wbeditentity),
    "provenance": (export.ProvenanceOptions, export.export_provenance),
    "terms": (export.TableOptions, export.export_terms),
}
_HARVESTS: Mapping[str, tuple[type[Options], Callable[[Workspace, Any], dict[str, Any]]]] = {
    "dump": (harvest.DumpOptions, harvest.harvest_dump),
    "rdf": (harvest.RdfOptions, harvest.harvest_rdf),
    "sparql": (harvest.SparqlOptions, harvest.harvest_sparql),
    "ids": (harvest.IdsOptions, harvest.harvest_ids),
    "changes": (harvest_changes.ChangesOptions, harvest_changes.harvest_changes),
}


class Step(Struct, frozen=True):
    """A step: its ``name``, ``about`` what (a file, a policy), the ``options`` of its verb, and how
    it is done: ``always``, that is in every run, however the steps before it ended."""

    name: str
    about: str
    options: Options
    act: Act
    always: bool = False

    @property
    def scope(self) -> str:
        """What it is told to do, as JSON that is always the same."""
        return as_json({"about": self.about, "options": self.options})


def steps_of(job: Job) -> list[Step]:
    """What a run of the job does. Raises `UsageError` for what makes no sense, a file that is not
    there among it."""
    try:
        steps = list(_steps(job))
    except UsageError as error:
        raise error if str(error).startswith(str(job.file)) else job.error(str(error)) from error
    if not steps:
        raise job.error(
            "it does nothing: it has none of [harvest], [enrich], [check], [accept], "
            "[[export]], [publish] and [report]."
        )
    return steps


def _steps(job: Job) -> Iterator[Step]:
    for one in job.harvests:
        yield _harvest(job, one)
    if job.enrich is not None:
        yield _enrich(job, job.enrich)
    if job.check is not None:
        yield _check(job, job.check)
    if job.accept is not None:
        yield _accept(job, job.accept)
    for wanted in job.exports:
        yield _export(job, wanted)
    if job.publish is not None:
        yield _publish(job, job.publish)
    if job.report is not None:
        yield _report(job, job.report)


def _shared(job: Job) -> dict[str, Any]:
    """What holds for every step that says nothing else."""
    only = job.classes[0] if len(job.classes) == 1 else None
    return {
        "languages": job.languages,
        "kinds": job.kinds,
        "class_id": only,
        "types": job.types,
    }


def _harvest(job: Job, wanted: Harvest) -> Step:
    way = wanted.way
    if not way:
        raise UsageError("a harvest has one of dump, rdf, sparql, ids and changes.")
    kind, verb = _HARVESTS[way]
    given = _set(asdict(wanted))
    given = {name: value for name, value in given.items() if value not in ("", (), None, False)}
    source = given.pop(way)
    if way in ("dump", "rdf"):
        source = given["file"] = _existing(job, source, f"harvest.{way}")
    elif way == "ids":
        given["ids"] = _ids(job, source)
        source = source if isinstance(source, str) else f"{len(source)} ids"
    elif way == "changes":
        if isinstance(source, str):
            # The list of changes of a wiki, or a stream of events.
            given["api" if source.endswith(".php") else "stream"] = source
        source = source if isinstance(source, str) else "of the wiki"
    else:
        given["query"] = source if "{" in source else _existing(job, source, "harvest.sparql")
    given |= {"languages": job.languages, "classes": job.classes, "types": job.types}
    options = _options(kind, f"harvest of {way}", given)
    return Step("harvest", f"{way} {source}", options, _act(verb, options, Outcome))


def _enrich(job: Job, wanted: Enrich) -> Step:
    given = _set(asdict(wanted)) | _shared(job) | {"sources": job.sources}
    for name in ("max_calls", "max_cost"):
        limits = given[name]
        limits = limits if isinstance(limits, Mapping) else {"": limits}
        given[name] = tuple(f"{source}={n}" if source else f"{n}" for source, n in limits.items())
    options = _options(enrich.EnrichOptions, "enrich", given)
    judge = partial(asked, errors=job.limits.errors)
    return Step("enrich", _words(job), options, _act(enrich.enrich, options, judge))


def _check(job: Job, wanted: Check) -> Step:
    given = _set(asdict(wanted)) | _shared(job) | {"sources": job.sources}
    del given["kinds"]
    options = _options(check.CheckOptions, "check", given)
    judge = partial(asked, errors=job.limits.errors)
    return Step("check", _words(job), options, _act(check.check, options, judge))


def _accept(job: Job, wanted: Accept) -> Step:
    given = _set(asdict(wanted)) | _shared(job)
    given["comment"] = wanted.comment or f"job {job.name}"
    options = _options(decide.DecideOptions, "accept", given)
    about = f"over {wanted.over:g}"
    return Step("decide", about, options, _act(decide.accept, options, _counted))


def _export(job: Job, wanted: Export) -> Step:
    kind, verb = _EXPORTS[wanted.format]
    given = _shared(job) | _set(asdict(wanted))
    keep = given.pop("keep", None)
    given.pop("format")
    if "syntax" in given:
        given["format"] = given.pop("syntax")
    given["output"] = job.output(wanted.output)
    if wanted.output != "-" and not (folder := Path(given["output"]).parent).is_dir():
        raise UsageError(f"there is no folder {folder}, which export.output names.")
    if "merge_into" in given:
        given["merge_into"] = _existing(job, given["merge_into"], "export.merge_into")
    options = _options(kind, f"export of {wanted.format}", given)

    def act(workspace: Workspace, date: str) -> Outcome:
        report = verb(workspace, options)
        if keep is not None:
            for path in [report.path] if report.path else [one.path for one in report.files]:
                keep_copy(Path(path), date, keep)
        return _counted(report)

    return Step("export", f"{wanted.format} {given['output']}", options, act)


def _publish(job: Job, wanted: Publish) -> Step:
    given = _set(asdict(wanted)) | _shared(job) | {"author": f"job {job.name}"}
    send = given.pop("send")
    options = _options(publish.PlanOptions, "publish", given)

    def act(workspace: Workspace, date: str) -> Outcome:
        counts, stopped = publish.plan_and_run(workspace, options, send=send)
        return Outcome(counts, stopped)

    return Step("publish", "send" if send else "plan", options, act)


def _report(job: Job, wanted: Report) -> Step:
    output = Path(job.output(wanted.output))
    if not output.parent.is_dir():
        raise UsageError(f"there is no folder {output.parent}, which report.output names.")
    options = report.ReportOptions(run=f"job:{job.name}", output=str(output))

    def act(workspace: Workspace, date: str) -> Outcome:
        report.report(workspace, options)
        if wanted.keep is not None:
            keep_copy(output, date, wanted.keep)
        return Outcome()

    return Step("report", str(output), options, act, always=True)


def _act(
    verb: Callable[[Workspace, Any], Any], options: Options, told: Callable[[Any], Outcome]
) -> Act:
    return lambda workspace, date: told(verb(workspace, options))


def _counted(report: Any) -> Outcome:
    return Outcome(msgspec.to_builtins(report.as_json()))


def _set(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not UNSET}


def _options(kind: type[Options], what: str, given: dict[str, Any]) -> Any:
    if unknown := [name for name in given if name not in kind.__struct_fields__]:
        raise UsageError(f"a {what} has no key {unknown[0]}.")
    return read_options(kind, **given)


def _existing(job: Job, name: str, key: str) -> str:
    path = job.path(name)
    if name != "-" and not Path(path).is_file():
        raise UsageError(f"there is no file {path}, which {key} names.")
    return path


def _ids(job: Job, given: str | tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(given, str):
        return given
    lines = (line.strip() for line in read_lines(Path(_existing(job, given, "harvest.ids"))))
    return tuple(line for line in lines if line and not line.startswith("#"))


def _words(job: Job) -> str:
    return ", ".join(job.languages)
