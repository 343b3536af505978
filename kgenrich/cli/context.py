"""What every command shares: settings, workspace, consoles, progress. Nothing heavy loads early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

import click
from click.exceptions import Exit

from kgenrich.cli.event_log import LogProgress, event_log
from kgenrich.cli.terminal import console, visible_json

if TYPE_CHECKING:
    from rich.console import Console

    from kgenrich.cli.terminal_progress import TerminalProgress
    from kgenrich.settings import Settings
    from kgenrich.verbs.workspace import Workspace

SOURCES_FAILED = 3
"""The exit code of a run in which every source that was called failed."""

T = TypeVar("T")
O = TypeVar("O")  # noqa: E741 (options)


@dataclass
class App:
    """The state of one run of the command line."""

    config: Path | None = None
    store_option: str | None = None
    quiet: bool = False
    debug: bool = False

    @cached_property
    def settings(self) -> Settings:
        """The settings, with the options of the command line applied."""
        from kgenrich.settings import load_settings

        settings = load_settings(self.config, self.store_option)
        if settings.file and (remark := settings.file.remark()):
            self.progress.remark(remark, grave=True)
        return settings

    @cached_property
    def workspace(self) -> Workspace:
        """What the verbs work in."""
        from kgenrich.verbs.workspace import Workspace

        return Workspace(self.settings, self.progress)

    @cached_property
    def progress(self) -> TerminalProgress | LogProgress:
        """Tells how far a verb is, on the error stream."""
        if log := event_log():
            return LogProgress(log)
        from kgenrich.cli.terminal_progress import TerminalProgress

        return TerminalProgress(self.errors)

    @cached_property
    def console(self) -> Console:
        """Where results are printed."""
        return console()

    @cached_property
    def errors(self) -> Console:
        """Where progress and remarks are printed."""
        # An event is a line, however long.
        return console(err=True, quiet=self.quiet, width=10_000 if event_log() else None)

    @property
    def global_options(self) -> list[str]:
        """The options that stand before a command, for another process to have the same."""
        words = [] if self.config is None else ["--config", str(self.config.absolute())]
        words += ["--store", self.store_option] if self.store_option else []
        words += ["--quiet"] if self.quiet else []
        words += ["--debug"] if self.debug else []
        log = event_log()
        return words + (["--log-format", log.form] if log else [])

    @property
    def as_json(self) -> bool:
        """Whether the command is to print JSON."""
        return bool(click.get_current_context().meta.get("as_json"))

    def curie(self, id: str) -> str:
        """The id of an entity as people read it: an IRI as a CURIE, where there is a prefix."""
        return self.workspace.curies.contract(id) if ":" in id else id

    def run(
        self,
        verb: Callable[[Workspace, O], T],
        options: O,
        *,
        aside: bool = False,
        code: Callable[[T], int] = lambda report: 0,
    ) -> T:
        """What a verb gives back; the progress is shown until then. With ``--json`` it is printed
        as `answer` does, and the command ends, with the exit ``code`` of the report."""
        with self.progress.bars:
            report = verb(self.workspace, options)
        if log := event_log():
            log.report(report)
        self.answer(report, aside=aside, code=code(report))
        return report

    def answer(self, report: Any, *, aside: bool = False, code: int = 0) -> None:
        """With ``--json`` print a report and end the command; ``aside`` where the standard output
        holds something else: as one line on the error stream."""
        if self.as_json:
            self.print_json(report, aside=aside)
            raise Exit(code)

    def leave_failed(self) -> NoReturn:
        """End a command none of whose sources answered."""
        self.progress.remark(
            "Every source that was called failed. What was stored before is kept; the same command "
            "asks again.",
            grave=True,
        )
        raise Exit(SOURCES_FAILED)

    def print_json(self, value: Any, *, aside: bool = False) -> None:
        """Print a value, or what its ``as_json`` gives, as JSON in the field order given."""
        from msgspec import json

        data = json.encode(value.as_json() if hasattr(value, "as_json") else value)
        text = (data if aside else json.format(data, indent=2)).decode()
        click.echo(visible_json(text), err=aside)

    def close(self) -> None:
        """Close what was opened."""
        if "workspace" in self.__dict__:
            self.workspace.close()


pass_app = click.make_pass_decorator(App)


class _Report(Protocol):
    @property
    def failed(self) -> bool: ...


def exit_code(report: _Report) -> int:
    """The exit code of a run that asked sources."""
    return SOURCES_FAILED if report.failed else 0
