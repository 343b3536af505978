"""Options that commands share, each declared once; where several words fit, the command says its
own ``help``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def together(*given: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, in the order in which the help lists them."""
    return lambda function: reduce(lambda f, option: option(f), reversed(given), function)


def comma_list(*names: str, **more: Any) -> Callable[[F], F]:
    """An option whose value is a list separated by commas; empty where it is not given."""
    return click.option(*names, callback=_split, **more)


def _split(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    codes = (code.strip() for code in (value or "").split(","))
    return tuple(dict.fromkeys(code for code in codes if code))


languages = partial(
    comma_list, "--languages", "-l", metavar="CODES", help="For example it,ja,zh-hant."
)
kinds = partial(
    comma_list, "--kinds", "-k", metavar="KINDS", help="label, description, alias, definition."
)
types = partial(
    comma_list, "--types", metavar="TYPES", help="item (the default), property, lexeme, media, ..."
)
origin = partial(
    click.option, "--origin", default="", metavar="NAME", help="Only what this one speaks of."
)
limit = partial(click.option, "--limit", type=click.IntRange(1), help="At most so many entities.")
minimum = partial(click.option, "--minimum", type=click.FloatRange(0, 1))
class_id = partial(
    click.option,
    "--class",
    "class_id",
    metavar="ID",
    help="Only entities of this class, as Q5 or skos:Concept.",
)
other_script = click.option(
    "--other-script",
    is_flag=True,
    help="Also labels inherited from `mul` alone in another script than the language's.",
)
dry_run = partial(click.option, "--dry-run", is_flag=True)
as_json = partial(
    click.option,
    "--json",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, option, given: ctx.meta.update(as_json=given),
    help="Print JSON.",
)
"""``--json``, which is asked of `App.as_json`."""
sources = comma_list(
    "--sources", "-s", metavar="NAMES", help="Only these; see `kgenrich sources list`."
)
service = together(
    click.option("--port", type=click.IntRange(0, 65535), default=8766, show_default=True),
    click.option(
        "--host", default="127.0.0.1", show_default=True, help="The address to listen at."
    ),
    click.option(
        "--public",
        "address",
        default="",
        metavar="URL",
        help="Where a proxy in front is asked, as https://names.example.org.",
    ),
)
refit = click.option(
    "--refit", is_flag=True, help="Learn anew from the graph what sources have learned before."
)
batch = click.option("--batch", type=click.IntRange(1), default=200, show_default=True, hidden=True)
reader = click.option(
    "--reader", default="", metavar="CODE", help="Your language; that of the terminal by default."
)
encoder = click.option(
    "--encoder", metavar="NAME", help="A file of weights or a Hugging Face model."
)
adapter = click.option(
    "--adapter",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="On the encoder.",
)
