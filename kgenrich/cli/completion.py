"""``kgenrich completion``: the script that makes the shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    For bash: kgenrich completion bash > ~/.local/share/bash-completion/completions/kgenrich
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 (click knows the three shells)
    root = ctx.find_root().command
    click.echo(kind(root, {}, "kgenrich", "_KGENRICH_COMPLETE").source())
