"""What the export verbs share: their options, and writing, recording and telling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from kgenrich.cli.context import App, languages_option, list_option
from kgenrich.errors import InputError, UsageError
from kgenrich.model import Scope

if TYPE_CHECKING:
    from kgenrich.export.files import Written

T = TypeVar("T")
STATES = ("asserted", "accepted", "proposed")
_TICK = 5000


class Output(Struct, frozen=True):
    """Where an export goes and how it is told."""

    path: str
    form: str
    compression: str
    dry_run: bool
    as_json: bool


def output_options(forms: Sequence[str]) -> Callable[[Any], Any]:
    """``--output``, ``--format``, ``--compress``, the filters, ``--dry-run`` and ``--json``."""
    options = [
        click.option("--output", "-o", required=True, metavar="FILE", help="A file, or -."),
        click.option(
            "--format",
            "form",
            type=click.Choice(forms),
            help="By default what the name of the file says.",
        ),
        click.option(
            "--compress",
            type=click.Choice(["none", "gz", "zst"]),
            help="By default what the name of the file says.",
        ),
        languages_option(),
        list_option("--kinds", "-k", metavar="KINDS", help="label, description, alias."),
        click.option("--class", "class_id", metavar="ID", help="Only this class, as Q5."),
        click.option("--dry-run", is_flag=True, help="Count, but write nothing."),
        click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
    ]
    return lambda function: reduce(lambda f, option: option(f), reversed(options), function)


def resolve(
    output: str,
    form: str | None,
    compress: str | None,
    dry_run: bool,
    as_json: bool,
    *,
    forms: Mapping[str, str],
    default: str,
) -> Output:
    """The output from the options. ``forms`` maps file name endings to formats, ``default`` is
    the format of the standard output. Raises `UsageError` when the name says nothing."""
    from kgenrich.export.files import STDOUT, split_name

    ending, packed = split_name(output)
    if form is None and output == STDOUT:
        form = default
    if form is None:
        form = forms.get(ending)
    if form is None:
        endings = ", ".join(f".{name}" for name in forms)
        raise UsageError(f"What format is {output}? Name it {endings}, or give --format.")
    return Output(output, form, compress or packed or "none", dry_run, as_json)


def filters(
    app: App,
    languages: Sequence[str] | None,
    kinds: Sequence[str] | None,
    class_id: str | None,
) -> Scope:
    """The filters as the store takes them; nothing given is everything."""
    from kgenrich.cli.engine import read_kinds
    from kgenrich.cli.naming import class_named
    from kgenrich.languages import check

    return Scope(
        check(languages) if languages else (),
        read_kinds(kinds) if kinds else (),
        class_named(app.store(), class_id),
    )


def noted(scope: Scope) -> dict[str, Any]:
    """The filters as a run notes them."""
    return {"languages": scope.languages, "kinds": scope.kinds, "class_id": scope.class_id}


def read_states(asked: Sequence[str] | None, default: Sequence[str]) -> tuple[str, ...]:
    """The states asked for, in their order. Raises `UsageError` for an unknown one."""
    chosen = default if asked is None else asked
    for state in chosen:
        if state not in STATES:
            raise UsageError(f"There is no state {state!r}: use {', '.join(STATES)}.")
    return tuple(state for state in STATES if state in chosen)


def watched(app: App, rows: Iterable[T], what: str) -> Iterator[T]:
    """The rows, with a running count on the terminal."""
    with app.progress() as progress:
        task = progress.add_task(what, total=None, note="")
        for number, row in enumerate(rows, 1):
            if number % _TICK == 0:
                progress.update(task, completed=number)
            yield row


def deliver(
    app: App,
    verb: str,
    output: Output,
    scope: Mapping[str, Any],
    chunks: Iterable[bytes],
    counts: Callable[[], dict[str, Any]],
) -> Written | None:
    """Write the chunks, record the export in the store unless that is read-only, and tell; None
    for a dry run.

    ``counts`` gives what was counted once the chunks are spent: the first value is the number of
    rows, ``refused`` those left out by reason.
    """
    from kgenrich.export.files import write
    from kgenrich.store.story.exports import record_export
    from kgenrich.store.story.runs import running

    if output.dry_run:
        for _ in chunks:
            pass
        _tell(app, verb, output, counts(), None)
        return None
    store = app.store()
    if store.read_only:
        written = write(output.path, chunks, output.compression)
        _tell(app, verb, output, counts(), written)
        app.errors.print("The store is read-only: the export is not noted in it.", style="dim")
        return written
    told = {"output": output.path, "format": output.form, **scope}
    with running(store, verb, told, app.settings.digest()) as run:
        try:
            written = write(output.path, chunks, output.compression)
        except UnicodeEncodeError as error:
            raise InputError("A text holds a lone surrogate, which no file can.") from error
        run.counts = counts()
        rows = next(iter(run.counts.values()))
        record_export(store, run.id, output.form, output.path, rows, written.sha256)
    _tell(app, verb, output, run.counts, written)
    return written


def _tell(
    app: App, verb: str, output: Output, counts: dict[str, Any], written: Written | None
) -> None:
    # What goes to the standard output is the export itself.
    aside = output.path == "-" and written is not None
    if output.as_json:
        told: dict[str, Any] = {"verb": verb, "format": output.form, **counts}
        told["dry_run"] = output.dry_run
        if written is not None:
            told |= {"path": written.path, "bytes": written.bytes, "sha256": written.sha256}
        if aside:
            import msgspec

            click.echo(msgspec.json.encode(told), err=True)
        else:
            app.print_json(told)
        return
    numbers = {name: n for name, n in counts.items() if isinstance(n, int)}
    said = ", ".join(f"{n:,} {name}" for name, n in numbers.items())
    if written is None:
        click.echo(f"{said} would be written.")
    elif aside:
        if not app.quiet:
            click.echo(f"{said} written, sha256 {written.sha256}", err=True)
    else:
        click.echo(f"{said} written to {written.path} ({written.bytes:,} bytes)")
        click.echo(f"sha256 {written.sha256}")
    for reason, n in sorted(counts.get("refused", {}).items()):
        if not app.quiet:
            click.echo(f"{n:,} left out: {reason}", err=True)
