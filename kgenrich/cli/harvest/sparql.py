"""``kgenrich harvest sparql``."""

from __future__ import annotations

from errno import ENAMETOOLONG
from pathlib import Path
from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.loading import fetch, harvest_options, network_options
from kgenrich.errors import InputError, UsageError

_NEEDED = "a query selects a variable by a pattern in braces, as SELECT ?item WHERE { ... }."


@click.command("sparql")
@click.argument("query")
@click.option("--endpoint", metavar="URL", help="The SPARQL endpoint.")
@network_options
@harvest_options
def command(app: App, query: str, endpoint: str | None, api: str | None, **options: Any) -> None:
    """Fetch the entities that QUERY, or the file of that name, selects.

    The first variable that holds entities of the base counts; the API then gives what they are.
    A query that takes long can be asked in pages: use the variable $after, as in

    \b
      SELECT ?item WHERE { ?item wdt:P31 wd:Q3305213 . FILTER(STR(?item) > $after) }
      ORDER BY STR(?item) LIMIT 5000

    and it is asked again with the last entity's IRI in its place until nothing new comes.
    """
    from kgenrich.harvest.sparql import in_order, select_ids
    from kgenrich.net.sparql import Endpoint

    text = _text(query)
    url = endpoint or app.settings.network.endpoint
    ids = in_order(select_ids(Endpoint(app.settings.network, url), text, app.settings.base))
    fetch(app, "harvest sparql", {"query": text, "endpoint": url}, ids, api, options)


def _text(query: str) -> str:
    """The query itself, or what the file of that name holds."""
    if "{" in query:
        return query
    try:
        text = Path(query).read_text(encoding="utf-8")
    except (FileNotFoundError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise InputError(f"The file {query[:200]!r} holds no text in UTF-8.") from error
        raise UsageError(f"{query[:200]!r} is neither a query nor a file: {_NEEDED}") from error
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            raise UsageError(f"{query[:200]!r} is no query: {_NEEDED}") from error
        raise InputError(f"The file {query[:200]!r} cannot be read: {error.strerror}.") from error
    if "{" not in text:
        raise UsageError(f"There is no query in the file {query[:200]!r}: {_NEEDED}")
    return text
