"""``--log-format``: what goes to the error stream, as one event a line, for journals and programs.

Everything that anybody writes there becomes an event, also what libraries and Python warn of. Texts
are one line, bounded, without passwords, and steer no terminal.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO, get_args

import msgspec

from kgenrich.cli.terminal import visible_json
from kgenrich.escaping import bounded
from kgenrich.masking import mask
from kgenrich.progress import Progress

if TYPE_CHECKING:
    from kgenrich.store.story.job_runs import JobStep

Format = Literal["json", "text"]
Level = Literal["info", "warning", "error"]

OPTION = "--log-format"
FORMATS: tuple[Format, ...] = get_args(Format)
INTERVAL = 10.0
"""Seconds between two events that say how far a step is."""

_FIRST = ("time", "level", "event", "command", "job", "run", "step", "source")
_BARE = re.compile(r'[^\s"=\\]+')


class EventLog:
    """Writes events. ``about`` is what they all concern: the command, then a job, a run, a step."""

    def __init__(self, stream: TextIO, form: Format) -> None:
        self._stream = stream
        self.form = form
        self._begun = time.monotonic()
        self.quiet = False
        self.about: dict[str, Any] = {}

    def start(self, command: str, **more: Any) -> None:
        """The command begins; those that it runs itself are told under its name."""
        if "command" not in self.about:
            self.about["command"] = command
            self.write("start", always=True, **more)

    def end(self, code: int) -> None:
        """The command has ended."""
        level: Level = "error" if code else "info"
        seconds = round(time.monotonic() - self._begun, 3)
        self.write("end", level, always=True, exit_code=code, seconds=seconds)

    def write(
        self, event: str, level: Level = "info", *, always: bool = False, **fields: Any
    ) -> None:
        """One event; of a quiet command only what is grave and what is ``always`` told."""
        if self.quiet and level == "info" and not always:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        given = {"time": at, "level": level, "event": event} | self.about | fields
        named = {name: given[name] for name in (*_FIRST, *given) if given.get(name) is not None}
        line = _as_json(named) if self.form == "json" else _as_text(named)
        self._stream.write(line + "\n")
        self._stream.flush()

    def report(self, report: Any) -> None:
        """What a verb counted: one event, and one for each source that it asked."""
        told = report.as_json() if hasattr(report, "as_json") else report
        told = {"rows": len(told)} if isinstance(told, list) else msgspec.to_builtins(told)
        if isinstance(told, dict):
            sources = told.get("sources")
            for name, counts in sources.items() if isinstance(sources, dict) else ():
                if isinstance(counts, dict):
                    stopped = counts.get("stopped") or None
                    level: Level = "warning" if stopped or counts.get("failed") else "info"
                    self.write("source", level, source=name, counts=_numbers(counts), text=stopped)
            if counts := _numbers(told):
                self.write("report", counts=counts)

    def job_step(self, step: JobStep) -> None:
        """What became of a step of a job."""
        self.report(step.counts)
        level: Level = "info" if step.status == "done" and not step.error else "warning"
        self.write(
            "job-step",
            level,
            step=step.name,
            run=step.run_id or None,
            status=step.status,
            text=step.error or None,
            seconds=step.seconds,
        )


class LogProgress(Progress):
    """Writes steps and remarks as events."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self._step: dict[str, Any] = {}
        self._begun = self._told = 0.0

    @property
    @contextmanager
    def bars(self) -> Iterator[None]:
        """In here a verb tells its steps; the last one ends with it."""
        try:
            yield
        finally:
            self._end()

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        self._end()
        self._step = {"total": total, "unit": unit or None}
        self.log.about["step"] = step
        self._begun = self._told = time.monotonic()
        self.log.write("step", **self._step)

    def update(self, done: int | None = None, note: str = "") -> None:
        self._step |= {"done": done} if done is not None else {}
        self._step |= {"text": note} if note else {}
        if (now := time.monotonic()) - self._told >= INTERVAL:
            self._told = now
            self.log.write("progress", **self._step, seconds=round(now - self._begun, 3))

    def remark(self, text: str, *, grave: bool = False) -> None:
        self.log.write("remark", "warning" if grave else "info", text=text)

    def begin_run(self, run: int) -> None:
        self.log.about["run"] = run

    def _end(self) -> None:
        if self.log.about.get("step"):
            seconds = round(time.monotonic() - self._begun, 3)
            self.log.write("done", **self._step, seconds=seconds)
            self.log.about["step"] = None


class Lines:
    """A text stream each line of which is told as an event."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self._rest = ""

    def write(self, text: str) -> int:
        *whole, self._rest = (self._rest + text).split("\n")
        for line in whole:
            if line.strip():
                self.log.write("message", text=line.strip())
        return len(text)

    def writelines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Only whole lines are events."""

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        """A last line without an end is one too."""
        self.write("\n")


@contextmanager
def logged(arguments: Sequence[str]) -> Iterator[EventLog | None]:
    """Within, the error stream takes events, where the arguments ask for them."""
    form = _asked(arguments)
    if form is None:
        yield None
        return
    before = sys.stderr
    log = EventLog(before, form)
    lines = Lines(log)
    sys.stderr = lines
    try:
        yield log
    finally:
        sys.stderr = before


def event_log() -> EventLog | None:
    """Where events are told, if they are."""
    return sys.stderr.log if isinstance(sys.stderr, Lines) else None


def _asked(arguments: Sequence[str]) -> Format | None:
    """The format, before anything is read that could be wrong; an unknown one is told as usual."""
    given = None
    for argument, following in zip(arguments, (*arguments[1:], ""), strict=True):
        name, _, value = argument.partition("=")
        if name == OPTION:
            given = value or following
    return next((form for form in FORMATS if form == given), None)


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is counted among the values, also one level down."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
        elif isinstance(value, dict) and name != "sources" and (inner := _numbers(value)):
            found[name] = inner
    return found


def _safe(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_safe(str(key)): _safe(one) for key, one in value.items()}
    if value is None or isinstance(value, int | float):
        return value
    return bounded(mask(str(value)))


def _as_json(fields: Mapping[str, Any]) -> str:
    return visible_json(msgspec.json.encode(_safe(fields)).decode())


def _as_text(fields: Mapping[str, Any]) -> str:
    """Pairs as journals and their readers know them (logfmt).

    >>> _as_text({"event": "report", "text": 'a "b"', "counts": {"read": 3}})
    'event=report text="a \\\\"b\\\\"" read=3'
    """
    pairs = []
    for name, value in _safe(fields).items():
        inner = value.items() if isinstance(value, dict) else ((name, value),)
        pairs += [f"{_word(key)}={_word(one)}" for key, one in inner]
    return " ".join(pairs)


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if _BARE.fullmatch(text) else msgspec.json.encode(text).decode()
