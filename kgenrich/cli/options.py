"""Options that commands share, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Option = Callable[[F], F]


def options(*given: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, in the order in which the help lists them."""
    return lambda function: reduce(lambda f, option: option(f), reversed(given), function)


def list_option(*names: str, **more: Any) -> Callable[[F], F]:
    """An option whose value is a list separated by commas; empty where it is not given."""
    return click.option(*names, callback=_split, **more)


def _split(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    codes = (code.strip() for code in (value or "").split(","))
    return tuple(dict.fromkeys(code for code in codes if code))


def languages_option(help: str = "For example it,ja,zh-hant.") -> Callable[[F], F]:
    """``--languages it,ja``: Wikimedia codes, checked when the verb runs."""
    return list_option("--languages", "-l", metavar="CODES", help=help)


def kinds_option(help: str = "label, description, alias.") -> Callable[[F], F]:
    """``--kinds label,alias``."""
    return list_option("--kinds", "-k", metavar="KINDS", help=help)


def limit_option(help: str = "At most so many entities.") -> Callable[[F], F]:
    """``--limit N``."""
    return click.option("--limit", type=click.IntRange(1), help=help)


def dry_run_option(help: str) -> Callable[[F], F]:
    """``--dry-run``."""
    return click.option("--dry-run", is_flag=True, help=help)


def json_option(help: str = "Print JSON.") -> Callable[[F], F]:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help=help)


sources_option = list_option(
    "--sources", "-s", metavar="NAMES", help="Only these; see `kgenrich sources list`."
)
class_option = click.option(
    "--class", "class_id", metavar="ID", help="Only entities of this class, as Q5."
)
batch_option = click.option(
    "--batch", type=click.IntRange(1), default=200, show_default=True, hidden=True
)
reader_option = click.option(
    "--reader", default="", metavar="CODE", help="Your language; that of the terminal by default."
)
encoder_option = click.option(
    "--encoder", metavar="NAME", help="A file of weights or a Hugging Face model."
)
adapter_option = click.option(
    "--adapter", type=click.Path(exists=True, dir_okay=False), help="On the encoder."
)
states_option = list_option(
    "--states", metavar="STATES", help="asserted,accepted (the default), proposed."
)
minimum_option = click.option(
    "--minimum", type=click.FloatRange(0, 1), help="Proposed terms from this on."
)
