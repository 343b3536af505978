"""What every verb shares: settings, store, console, progress. Nothing heavy loads early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from kgenrich.settings import Settings
    from kgenrich.store.base import Store

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class App:
    """The state of one run of the command line."""

    config: Path | None = None
    store_option: str | None = None
    quiet: bool = False
    debug: bool = False
    _open: list[Store] = field(default_factory=list)

    @cached_property
    def settings(self) -> Settings:
        """The settings, with the options of the command line applied."""
        from kgenrich.settings import load_settings

        settings = load_settings(self.config)
        if self.store_option:
            settings = settings.model_copy(update={"store": self.store_option})
        return settings

    @cached_property
    def console(self) -> Console:
        """Where results are printed."""
        from rich.console import Console

        return Console(highlight=False, markup=False)

    @cached_property
    def errors(self) -> Console:
        """Where progress and remarks are printed."""
        from rich.console import Console

        # Texts of servers and graphs are printed here: they are never read as markup.
        return Console(stderr=True, highlight=False, markup=False, quiet=self.quiet)

    def store(self, *, create: bool = False) -> Store:
        """The store, opened once; ``create`` makes and migrates a missing one."""
        if not self._open:
            from kgenrich.store.opening import open_store

            self._open.append(
                open_store(self.settings.store_url(), create=create, base=self.settings.base)
            )
        return self._open[0]

    def progress(self) -> Progress:
        """A progress bar on the error stream; silent when asked for or not on a terminal."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.errors,
            disable=self.quiet or not self.errors.is_terminal,
        )

    def store_name(self) -> str:
        """The database as it may be shown: without a password."""
        url = self.settings.store_url()
        if "@" not in url:
            return url
        scheme, rest = url.split("://", 1)
        account, place = rest.rsplit("@", 1)
        return f"{scheme}://{account.split(':', 1)[0]}@{place}"

    def print_json(self, value: Any) -> None:
        """Print a value as JSON, in the field order given."""
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

    def close(self) -> None:
        """Close what was opened."""
        while self._open:
            self._open.pop().close()


pass_app = click.make_pass_decorator(App)


def list_option(*names: str, **more: Any) -> Callable[[F], F]:
    """An option whose value is a list separated by commas; None where it is not given."""
    return click.option(*names, callback=_split, **more)


def languages_option(**more: Any) -> Callable[[F], F]:
    """The option ``--languages it,ja``: Wikimedia codes, checked when the verb runs."""
    help_text = more.pop("help", "For example it,ja,zh-hant.")
    return list_option("--languages", "-l", metavar="CODES", help=help_text, **more)


def _split(
    ctx: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(dict.fromkeys(code.strip() for code in value.split(",") if code.strip()))
