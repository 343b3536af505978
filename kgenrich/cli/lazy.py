"""Groups whose commands are imported only when they are called: ``--help`` stays instant."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands live in modules of `kgenrich.cli`.

    ``commands`` maps a name to its one-line help; the module ``kgenrich.cli.<prefix><name>``
    holds the click command as ``command``.
    """

    def __init__(self, *args: Any, verbs: Mapping[str, str], prefix: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.verbs = verbs
        self.prefix = prefix

    def _module(self, verb: str) -> str:
        return f"kgenrich.cli.{self.prefix}{verb}"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order given."""
        return [verb for verb in self.verbs if find_spec(self._module(verb))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(self._module(cmd_name)).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        if rows := [(verb, self.verbs[verb]) for verb in self.list_commands(ctx)]:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
