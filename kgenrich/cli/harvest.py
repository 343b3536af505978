"""``kgenrich harvest``: read a graph into the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.harvest_vocabulary import print_vocabulary
from kgenrich.cli.lazy import OrderedGroup
from kgenrich.inputs import read_lines


@click.group(cls=OrderedGroup)
def command() -> None:
    """Read a graph into the store.

    A harvest that was stopped or killed goes on where it was when the same command is given
    again; one that is finished changes nothing the second time.
    """


_shared = options.together(
    options.languages(
        help="Keep terms in these languages alone, and in those that stand in for them: their "
        "fallbacks, mul and en. Default: the setting, else all."
    ),
    options.comma_list("--classes", metavar="IDS", help="Only entities of these classes (Q5,...)."),
    options.types(
        help="item, property, lexeme, media; of a Wikibase items and properties by default."
    ),
    options.limit(help="Stop after this many entities."),
    options.dry_run(help="Count what there is; write nothing."),
    options.as_json(help="Print the counts as JSON."),
    click.option(
        "--licence",
        default="",
        metavar="SPDX|IRI",
        help="Of the graph; by default what is known of it.",
    ),
    click.option("--batch", type=click.IntRange(1), hidden=True),
    pass_app,
)
_api = options.together(
    click.option("--api", metavar="URL", help="The api.php of a Wikibase."),
    click.option(
        "--allow-gone",
        type=click.IntRange(0),
        default=20,
        show_default=True,
        metavar="NUMBER",
        help="Delete entities of the store that the server says are gone, if they are not more.",
    ),
)


@command.command(short_help="Read an entity dump, or entities in any other JSON of a Wikibase.")
@click.argument("file")
@click.option(
    "--complete/--partial",
    default=None,
    help="Whether what FILE lacks is gone. By default it is where little is missing.",
)
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False),
    help="Take only the entities of this file, one id a line, however many.",
)
@_shared
def dump(app: App, /, **given: Any) -> None:
    """Read entities in JSON, in any shape in which a Wikibase gives them.

    FILE is a dump, documents of entities, or a saved answer of an API; it may be packed (.gz, .bz2,
    .zst, .xz); "-" is the standard input. What cannot be read is counted and kept aside with its
    offset and the reason: see `kgenrich rejects`.
    """
    from kgenrich.verbs.harvest import DumpOptions, harvest_dump

    _print(app, app.run(harvest_dump, DumpOptions(**given)))


@command.command(short_help="Fetch entities by their ids from the API of a Wikibase.")
@click.argument("ids", nargs=-1)
@click.option("--file", metavar="FILE", help='One id a line, # for comments; "-" for stdin.')
@_api
@_shared
def ids(app: App, /, ids: tuple[str, ...], file: str | None, **given: Any) -> None:
    """Fetch entities by their IDS (Q42) or IRIs, 50 a request.

    An id that leads to another entity is stored as a redirect. One that the server no longer has
    is marked as deleted when the store knows it, else counted as broken. Deletions come last: of
    more than --allow-gone, none is done.
    """
    from kgenrich.verbs.harvest import IdsOptions, harvest_ids

    if file is not None:
        lines = (line.strip() for line in read_lines(file))
        ids = (*ids, *(line for line in lines if line and not line.startswith("#")))
    _print(app, app.run(harvest_ids, IdsOptions(ids=ids, **given)))


@command.command(short_help="Fetch the entities that a SPARQL query selects.")
@click.argument("query")
@click.option("--endpoint", metavar="URL", help="The SPARQL endpoint.")
@_api
@_shared
def sparql(app: App, /, **given: Any) -> None:
    """Fetch the entities that QUERY, or the file of that name, selects.

    The first variable that holds entities of the base counts; the API then gives what they are.
    A query that takes long can be asked in pages: use the variable $after, as in

    \b
      SELECT ?item WHERE { ?item wdt:P31 wd:Q3305213 . FILTER(STR(?item) > $after) }
      ORDER BY STR(?item) LIMIT 5000

    and it is asked again with the last entity's IRI in its place until nothing new comes.
    """
    from kgenrich.verbs.harvest import SparqlOptions, harvest_sparql

    _print(app, app.run(harvest_sparql, SparqlOptions(**given)))


@command.command(short_help="Read anew what was changed on a wiki since the last time.")
@click.option("--since", default="", metavar="TIME", help="From where, the first time.")
@click.option("--until", default="", metavar="TIME", help="A time, or now (the default).")
@click.option("--for", "span", default="", metavar="SPAN", help="Follow for 30min, 2h, 1d.")
@click.option("--stream", metavar="URL", help="The event stream of Wikimedia.")
@click.option("--new", is_flag=True, help="Also entities that the store has not.")
@_api
@_shared
def changes(app: App, /, **given: Any) -> None:
    """Read anew what was changed on a wiki since the last time.

    For Wikidata the event stream of Wikimedia tells of changes, for any other wiki its list of
    recent changes; the API then gives what the entities are, 50 a request. The first time all that
    the store has is compared with the wiki by revision, or changes are read --since a time; and so
    it is where neither reaches back to the last change that was read.

    Read are the entities that the store has; with --new also others, with --classes others of
    these. Where it stands is kept with what was read: it can be stopped at any time.
    """
    from kgenrich.verbs.harvest_changes import ChangesOptions, harvest_changes

    counts = app.run(harvest_changes, ChangesOptions(**given))
    told = ("events", "concerning", "compared")
    _print(app, {name: count for name, count in counts.items() if name not in told})
    seen = f"{counts['events']:,} changes of entities, {counts['concerning']:,} of them to read"
    compared = f"; {counts['compared']:,} compared with the wiki" if counts["compared"] else ""
    app.console.print(f"{seen}{compared}. Until {counts['until']}.", markup=False)


@command.command(short_help="Read any RDF file with labels and descriptions.")
@click.argument("file")
@click.option(
    "--format",
    default="",
    metavar="ENDING",
    help="nt, nq, ttl, trig, n3, rdf, jsonld, obo, obojson.",
)
@click.option(
    "--base-iri",
    default="",
    metavar="IRI",
    help="What relative IRIs are under; by default the address of the file.",
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME|FILE",
    help="What its predicates mean: getty, gnd, ror, obo, skos, skos-xl, owl, schema-org, dcat, "
    "foaf, dublin-core, wikibase, generic, or a TOML file. Default: what it is told to have.",
)
@click.option(
    "--label-predicate",
    "labels",
    multiple=True,
    metavar="IRI",
    help="Predicate of labels, most preferred first; takes the place of those of the profiles.",
)
@click.option(
    "--untagged",
    default="",
    metavar="CODE",
    help="Language of texts without a tag: a code, mul (valid in all), und (nobody knows). "
    "Default: what the file says, else what its texts are in, if that is sure, else und.",
)
@click.option(
    "--origin",
    default="",
    metavar="NAME",
    help="Who says this; by default the name of the file.",
)
@click.option("--complete", is_flag=True, help="What FILE lacks of its origin is gone.")
@_shared
def rdf(app: App, /, **given: Any) -> None:
    """Read any RDF file with labels and descriptions.

    FILE may be packed (.gz, .bz2, .zst, .xz); "-" is the standard input. Its profiles say which
    predicates give labels, aliases, definitions, notes, classes and broader terms. Entities are
    IRIs; those of the base are known by their bare ids. What texts were not read, and what those
    without a tag were taken for, is said at the end.

    What other origins said stays; what this one said of the same entities is replaced. `kgenrich
    origins` lists them.
    """
    from kgenrich.verbs.harvest import RdfOptions, harvest_rdf

    counts = app.run(harvest_rdf, RdfOptions(**given))
    _print(app, counts)
    print_vocabulary(app, counts["vocabulary"])


@command.command(short_help="Take what an origin says out of the store.")
@click.argument("origin")
@options.dry_run(help="Count of how many entities it speaks; write nothing.")
@options.as_json(help="Print the counts as JSON.")
@pass_app
def forget(app: App, /, **given: Any) -> None:
    """Take what ORIGIN says out of the store.

    What others say stays, and so do proposals and decisions. `kgenrich origins` lists the names.
    """
    from kgenrich.verbs.origins import ForgetOptions
    from kgenrich.verbs.origins import forget as forget_origin

    counts = app.run(forget_origin, ForgetOptions(**given))
    verb = "speaks" if given["dry_run"] else "spoke"
    app.console.print(
        f"{counts['origin']} {verb} of {counts['entities']:,} entities.", markup=False
    )


_TITLES = {
    "types": "besides items",
    "left_out": "left out",
    "repaired": "repaired",
}


def _print(app: App, counts: Mapping[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    numbers = {name: n for name, n in counts.items() if isinstance(n, int)}
    for name in numbers:
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(f"{number:,}" for number in numbers.values()))
    if numbers:
        app.console.print(table)
    for what in ("types", "left_out", "repaired"):
        if counts.get(what):
            parts = ", ".join(f"{name} ({number:,})" for name, number in counts[what].items())
            app.console.print(Text(f"{_TITLES[what]}: {parts}"))
    if counts.get("broken") or counts.get("left_out"):
        app.console.print("`kgenrich rejects` shows where and why.")
