"""``kgenrich export``: write what the store holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.lazy import OrderedGroup

if TYPE_CHECKING:
    from kgenrich.verbs.delivery import ExportOptions, ExportReport
    from kgenrich.verbs.workspace import Workspace

O = TypeVar("O", bound="ExportOptions")  # noqa: E741


@click.group(cls=OrderedGroup)
def command() -> None:
    """Write RDF, provenance, QuickStatements or tables.

    A file is written beside its place and renamed when it is whole; its hash is printed and kept
    in the store. The output - is the standard output.
    """


def _output(*formats: str, terms: bool = True) -> Callable[[Any], Any]:
    """Where an export goes, in which format, and what of the store is in it."""
    by_name = "By default what the name of the file says."
    which = (options.languages(), options.kinds()) if terms else ()
    return options.together(
        click.option("--output", "-o", required=True, metavar="FILE", help="A file, or -."),
        click.option("--format", type=click.Choice(formats), help=by_name),
        click.option(
            "--compress", "compression", type=click.Choice(["none", "gz", "zst"]), help=by_name
        ),
        *which,
        options.class_id(help="Only this class, as Q5 or skos:Concept."),
        options.types(help="Only entities of these types: item, property, ..."),
        options.dry_run(help="Count, but write nothing."),
        click.option(
            "--force", is_flag=True, help="Overwrite a file that is no export of this store."
        ),
        options.as_json(help="Print the counts as JSON."),
        pass_app,
    )


_RDF_FORMATS = ("nt", "ttl", "nq", "trig")
_raw_tags = click.option("--raw-tags", is_flag=True, help="Wikimedia codes instead of BCP 47 tags.")
_states = options.comma_list(
    "--states", metavar="STATES", help="asserted,accepted (the default), proposed."
)


@command.command(short_help="Labels, descriptions and aliases as RDF.")
@click.option("--graphs", is_flag=True, help="A named graph for each state (nq, trig).")
@_states
@options.minimum(help="Proposed terms from this on.")
@click.option(
    "--labels",
    type=click.Choice(["rdfs", "all"]),
    default="rdfs",
    show_default=True,
    help="rdfs:label alone, or skos:prefLabel and schema:name too.",
)
@_raw_tags
@click.option(
    "--vocabulary",
    type=click.Choice(["rdfs", "skos", "schema"]),
    help="Its predicates for all, not everybody's own.",
)
@click.option("--origin", metavar="NAME", help="What this origin says; see `kgenrich origins`.")
@click.option("--only", metavar="NAME", help="What this origin alone says.")
@click.option(
    "--merge-into",
    type=click.Path(exists=True, dir_okay=False),
    metavar="SOURCE",
    help="A copy of this harvested file with what is new.",
)
@click.option("--delta", is_flag=True, help="What is new alone.")
@click.option(
    "--patch", is_flag=True, help="What is new as RDF Patch (.rdfp) or SPARQL Update (.ru)."
)
@click.option("--base-iri", metavar="IRI", help="What relative IRIs in SOURCE are relative to.")
@click.option("--void", is_flag=True, help="Describe the file in FILE.void.ttl beside it.")
@click.option("--resources", metavar="IRI", help="Where the IRIs of the graphs begin.")
@_output(*_RDF_FORMATS, "rdfp", "ru")
def rdf(app: App, /, **given: Any) -> None:
    """Write the graph as N-Triples, Turtle, N-Quads or TriG, or what is new in it.

    The name says the format: terms.nt, terms.ttl.gz, terms.nq.zst. N-Quads and TriG keep
    asserted, accepted and proposed terms in graphs of their own; the others hold the asserted and
    the accepted ones, and the proposed ones with --minimum.

    What an RDF file says comes out with its own predicates, tags and SKOS-XL labels, and new terms
    are written as the others of their entity. With --merge-into a copy of the file is written that
    has the new terms as lines of its own, and every other byte as it was.
    """
    from kgenrich.verbs.export_rdf import RdfOptions, export_rdf

    given = {name: value for name, value in given.items() if value is not None}
    run_export(app, export_rdf, RdfOptions(**given))
    if given["void"] and not given["dry_run"]:
        click.echo(f"described in {given['output']}.void.ttl")


@command.command(short_help="The story of accepted and proposed terms as PROV-O.")
@options.comma_list(
    "--states",
    metavar="STATES",
    help="accepted,proposed (the default), asserted: what the graph took over.",
)
@options.minimum(default=0.0, help="Proposed from this on.")
@_raw_tags
@click.option("--resources", metavar="IRI", help="Where the IRIs of the story begin.")
@_output(*_RDF_FORMATS)
def provenance(app: App, /, **given: Any) -> None:
    """Write who proposed and who decided each term, from what, when and how, as PROV-O."""
    from kgenrich.verbs.export import ProvenanceOptions, export_provenance

    run_export(app, export_provenance, ProvenanceOptions(**given))


_edits = options.together(
    click.option("--proposed", is_flag=True, help="What nobody decided yet, too."),
    options.minimum(
        default=0.95, show_default=True, help="Proposed terms from this probability on."
    ),
    click.option("--summary", default="", help="The edit summary."),
    click.option("--batch", default="", metavar="HEX", help="Group the edits in EditGroups."),
    click.option(
        "--allow-licence",
        "allowed",
        multiple=True,
        metavar="LICENCE",
        help="Let evidence under this licence count (or: unknown).",
    ),
)


@command.command(short_help="Edits for QuickStatements.")
@_edits
@_output("v1", "csv")
def quickstatements(app: App, /, **given: Any) -> None:
    """Write the accepted terms as edits, as version 1 commands or CSV.

    Terms whose evidence is all under licences that the target does not take are left out, and
    counted, and so are those that the graph has overtaken: the entity was merged or deleted, or has
    got the term. Items and properties are edited.

    CSV has no blank cell, for QuickStatements empties what one stands for: where items get
    different edits, each command has a table of its own (FILE.Lfr.csv) beside FILE.
    """
    from kgenrich.verbs.export_edits import EditOptions, export_quickstatements

    run_export(app, export_quickstatements, EditOptions(**given))


@command.command(short_help="Edits for the API of a Wikibase.")
@_edits
@_output("jsonl")
def wbeditentity(app: App, /, **given: Any) -> None:
    """Write the accepted terms as requests to the API of a Wikibase (action=wbeditentity).

    Each line holds the parameters of one request as JSON: id, data, baserevid and summary. What is
    left out is what `quickstatements` leaves out, but for the limits of its formats. Nothing is
    sent.
    """
    from kgenrich.verbs.export_edits import EditOptions, export_wbeditentity

    run_export(app, export_wbeditentity, EditOptions(**given))


@command.command(short_help="Terms as JSON lines, CSV or Parquet.")
@_states
@options.minimum(help="Proposed terms from this on.")
@click.option(
    "--safe-cells/--no-safe-cells",
    default=True,
    show_default=True,
    help="In CSV, an apostrophe before texts that a spreadsheet would take for a formula.",
)
@options.reader
@_output("jsonl", "csv", "parquet")
def terms(app: App, /, **given: Any) -> None:
    """Write terms as JSON lines, CSV or Parquet: entity, language, kind, text, state, candidate,
    probability; then what helps to judge them: source_label and source_language (what the entity
    is called), reasons, alternatives (what else is proposed) and origin (who says it, or which
    sources gave it)."""
    from kgenrich.verbs.export import TableOptions, export_terms

    run_export(app, export_terms, TableOptions(**given))


@command.command(short_help="Names in two languages or more, for translation and language models.")
@click.option("--from", "source", required=True, metavar="CODE", help="Translated from.")
@options.comma_list("--to", "languages", metavar="CODES", help="Translated to.")
@options.minimum(default=0.9, show_default=True, help="Proposed names from this on.")
@click.option(
    "--floor", type=click.FloatRange(0, 1), default=0.0, help="All names from this on alone."
)
@_output("json", "jsonl", "tsv", "pairs", terms=False)
def glossary(app: App, /, **given: Any) -> None:
    """Write what each entity is called in one language and in others, with how sure that is.

    A name that the graph has is sure, unless `kgenrich check` doubts it; an accepted one is too; a
    proposed one has its probability. Names that a glossary in the settings forbids stand beside.
    The format `pairs` is two columns and nothing else, as translation services take it.
    """
    from kgenrich.verbs.export_glossary import GlossaryOptions, export_glossary

    run_export(app, export_glossary, GlossaryOptions(**given))


def run_export(app: App, verb: Callable[[Workspace, O], ExportReport], options: O) -> None:
    """Export, and tell what was written; what goes to the standard output is the export itself."""
    aside = options.output == "-" and not options.dry_run
    report = app.run(verb, options, aside=aside)
    first, *others = report.counts.items()
    rows = ", ".join(f"{n:,} {name}" for name, n in (first, *(one for one in others if one[1])))
    if report.dry_run:
        click.echo(f"{rows} would be written.")
    elif report.files:
        click.echo(f"{rows} written to {len(report.files)} files:")
        for file in report.files:
            click.echo(f"{file.path} ({file.bytes:,} bytes), sha256 {file.sha256}")
    elif not aside:
        click.echo(f"{rows} written to {report.path} ({report.bytes:,} bytes)")
        click.echo(f"sha256 {report.sha256}")
    elif not app.quiet:
        click.echo(f"{rows} written, sha256 {report.sha256}", err=True)
    for reason, count in sorted((report.refused or {}).items()):
        # Also where the run is quiet: it is not in the file.
        click.echo(f"{count:,} left out: {reason}", err=True)
