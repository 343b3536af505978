"""The command ``kgenrich``: finds its verbs lazily and turns every error into one sentence."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from kgenrich import __version__
from kgenrich.cli.context import App
from kgenrich.cli.event_log import FORMATS, OPTION, EventLog, event_log, logged
from kgenrich.cli.lazy import LazyGroup
from kgenrich.cli.terminal import guarded
from kgenrich.errors import KgenrichError, LockedError, UsageError
from kgenrich.interrupt import Stopped, raise_on_signals
from kgenrich.masking import mask

VERBS = {
    "demo": "Run everything on the shipped items, offline.",
    "harvest": "Read a graph into the store: dump, ids, SPARQL, RDF.",
    "origins": "List who says what is in the store.",
    "rejects": "Show what harvests could not use, and why.",
    "coverage": "Count what each language has and lacks.",
    "gaps": "List the most wanted missing terms of a language.",
    "show": "Show an entity: its terms, what is proposed, and why.",
    "enrich": "Let the sources propose missing terms and form the consensus.",
    "check": "Judge the names that the graph already has.",
    "decide": "Accept, reject or edit proposals, singly or by policy.",
    "review": "Decide on proposals in a browser; invite people to.",
    "exchange": "Give terms to translators elsewhere, and take back what they decided.",
    "serve": "Answer other programs: reconciliation for OpenRefine.",
    "export": "Write RDF, provenance, QuickStatements or tables.",
    "publish": "Send what people decided to a wiki, and undo it.",
    "sources": "List the sources and try one out.",
    "evaluate": "Measure the quality on held-out terms or a benchmark.",
    "align": "Match the entities of two graphs.",
    "adapters": "Train and inspect the name encoder and knowledge adapters.",
    "jobs": "Run by itself what job files say, and see how it went.",
    "doctor": "Look whether all is there, and say what to do.",
    "report": "Write what a run did as a page for people.",
    "db": "Create, migrate, check, back up and restore the database.",
    "config": "Show the settings, and trust the file of a folder.",
    "completion": "Print the shell completion script.",
}
"""Every verb and its one-line help; the verb's module is imported when it is called."""


class PipeClosed(Exception):
    """The reader of a pipe has seen enough."""


@contextmanager
def _piped() -> Iterator[None]:
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError as error:
        # Under its own name click would make a failure of it.
        raise PipeClosed from error


class _Root(LazyGroup):
    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with _piped():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _piped():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        found = super().resolve_command(ctx, args)
        if log := event_log():
            log.quiet = ctx.params["quiet"]
            log.start(_full_name(ctx, found[1], args), version=__version__)
        return found


def _full_name(ctx: click.Context, command: click.Command | None, args: list[str]) -> str:
    """The command with those under it: ``harvest dump``."""
    names = args[:1]
    for argument in args[1:]:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(ctx, argument)
        names += [argument] if command else []
    return " ".join(names)


@click.group(cls=_Root, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kgenrich")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (TOML).")
@click.option("--store", metavar="PATH|URL", help="Database; overrides the settings.")
@click.option("--quiet", "-q", is_flag=True, help="No progress, only results.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    OPTION,
    type=click.Choice(FORMATS),
    expose_value=False,
    help="Tell what happens as one event a line, on the error stream.",
)
@click.pass_context
def cli(
    ctx: click.Context, config: Path | None, store: str | None, quiet: bool, debug: bool
) -> None:
    """Find what a knowledge graph lacks in each language, and fill it with evidence."""
    ctx.obj = App(config=config, store_option=store, quiet=quiet, debug=debug)
    ctx.call_on_close(ctx.obj.close)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with 0, 1 (failure), 2 (usage), 3 (every source that was
    called failed) or 128 and the number of the signal that ended it (130: Ctrl-C)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    raise_on_signals()
    with guarded(), logged(arguments) as log:
        code = _run(arguments, log, debug="--debug" in arguments)
        if log:
            log.end(code)
        sys.exit(code)


def _run(arguments: Sequence[str], log: EventLog | None, *, debug: bool) -> int:
    """The exit code; what is wrong is told."""
    try:
        code: Any = cli.main(arguments, prog_name="kgenrich", standalone_mode=False)
    except click.ClickException as error:
        if log:
            log.write("error", "error", text=error.format_message())
        else:
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        click.echo(
            "Stopped. What was written is kept; a run of the same command uses it.", err=True
        )
        stopped = error if isinstance(error, Stopped) else error.__cause__
        return 128 + (stopped.number if isinstance(stopped, Stopped) else signal.SIGINT)
    except PipeClosed:
        # A second error at shutdown would only confuse.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KgenrichError, OSError, MemoryError) as error:
        if debug:
            click.echo(mask(traceback.format_exc()), err=True)
        _tell(describe(error), log)
        return 2 if isinstance(error, UsageError) else 4 if isinstance(error, LockedError) else 1
    except Exception as error:
        if debug:
            click.echo(mask(traceback.format_exc()), err=True)
        # A mistake of ours. It is said in one line too; the rest is for whoever mends it.
        said = " ".join(mask(str(error)).split())[:200]
        _tell(
            f"something unexpected happened ({type(error).__name__}: {said}). "
            "The same command with --debug after `kgenrich` shows where; please report it.",
            log,
        )
        return 1
    return code if isinstance(code, int) else 0


def _tell(error: str, log: EventLog | None) -> None:
    if log:
        log.write("error", "error", text=error)
    else:
        click.echo(f"Error: {error}", err=True)


def describe(error: Exception) -> str:
    """One sentence for an error."""
    if isinstance(error, MemoryError):
        return "There is not enough memory for this."
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "The disk is full; what was written before is kept."
        where = f" {error.filename}" if error.filename else ""
        return f"{error.strerror or type(error).__name__}{where}."
    return mask(str(error))


if __name__ == "__main__":
    main()
