"""``kgenrich harvest ids``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.loading import fetch, harvest_options, network_options
from kgenrich.errors import InputError, UsageError
from kgenrich.model import content_id


@click.command("ids")
@click.argument("ids", nargs=-1)
@click.option("--file", type=click.File(encoding="utf-8"), help='One id a line; "-" for stdin.')
@network_options
@harvest_options
def command(
    app: App,
    ids: Sequence[str],
    file: AbstractContextManager[Any] | None,
    api: str | None,
    **options: Any,
) -> None:
    """Fetch entities by their IDS (Q42) or IRIs, 50 a request.

    An id that leads to another entity is stored as a redirect. One that the server no longer has
    is marked as deleted when the store knows it, else counted as broken.
    """
    from kgenrich.harvest.wikibase import entity_id

    asked = list(ids)
    if file is not None:
        try:
            with file as lines:
                asked += [line for line in lines if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The file of ids cannot be read: {error}.") from error
    if not asked:
        raise UsageError("Which entities? Give their ids, or a file with --file.")
    names = list(dict.fromkeys(entity_id(name, app.settings.base) for name in asked))
    scope = {"ids": len(names), "digest": content_id(*names)}
    fetch(app, "harvest ids", scope, names, api, options)
