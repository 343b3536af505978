"""The Python face: a store with every verb as a method, for notebooks and programs.

A method takes the options of its verb by name, as the struct that it refers to documents them, and
gives back the verb's report. Lists of languages and kinds are plain lists; reports that are tables
are lists of mappings, which ``pandas.DataFrame`` and ``polars.DataFrame`` take. A verb raises
`KgenrichError`, with one clear sentence, where it cannot be done; `UsageError` for options that
make no sense.
"""

from __future__ import annotations

from typing import Any

from kgenrich.report.facts import RunReport
from kgenrich.verbs import (
    check,
    coverage,
    decide,
    enrich,
    exchange,
    exchange_import,
    exchange_working_set,
    export,
    export_edits,
    export_glossary,
    export_rdf,
    harvest,
    harvest_changes,
    origins,
    publish,
    rejects,
    report,
    sources,
    story,
)
from kgenrich.verbs.check import CheckReport
from kgenrich.verbs.decide import DecideReport
from kgenrich.verbs.delivery import ExportReport
from kgenrich.verbs.enrich import EnrichReport
from kgenrich.verbs.exchange_import import ImportReport
from kgenrich.verbs.exchange_working_set import WorkingSetReport
from kgenrich.verbs.publish import PlanReport, SentReport
from kgenrich.verbs.reconcile import matching
from kgenrich.verbs.workspace import Rows, Workspace, read_options


class KnowledgeGraph(Workspace):
    """An open store; see the module. Made by `kgenrich.open`."""

    def harvest_dump(self, file: str, **options: Any) -> dict[str, Any]:
        """Read an entity dump (`kgenrich.verbs.harvest.DumpOptions`)."""
        return harvest.harvest_dump(self, read_options(harvest.DumpOptions, file=file, **options))

    def harvest_rdf(self, file: str, **options: Any) -> dict[str, Any]:
        """Read an RDF file (`kgenrich.verbs.harvest.RdfOptions`)."""
        return harvest.harvest_rdf(self, read_options(harvest.RdfOptions, file=file, **options))

    def harvest_ids(self, *ids: str, **options: Any) -> dict[str, Any]:
        """Fetch entities by their ids (`kgenrich.verbs.harvest.IdsOptions`)."""
        return harvest.harvest_ids(self, read_options(harvest.IdsOptions, ids=ids, **options))

    def harvest_sparql(self, query: str, **options: Any) -> dict[str, Any]:
        """Fetch the entities that a query selects (`kgenrich.verbs.harvest.SparqlOptions`)."""
        return harvest.harvest_sparql(
            self, read_options(harvest.SparqlOptions, query=query, **options)
        )

    def harvest_changes(self, **options: Any) -> dict[str, Any]:
        """What was changed on a wiki since the last time
        (`kgenrich.verbs.harvest_changes.ChangesOptions`)."""
        given = read_options(harvest_changes.ChangesOptions, **options)
        return harvest_changes.harvest_changes(self, given)

    def forget(self, origin: str, **options: Any) -> dict[str, Any]:
        """Take out what an origin says (`kgenrich.verbs.origins.ForgetOptions`)."""
        return origins.forget(self, read_options(origins.ForgetOptions, origin=origin, **options))

    def origins(self) -> Rows:
        """Who says what is in the store."""
        return origins.origins(self, origins.OriginsOptions())

    def rejects(self, **options: Any) -> Rows:
        """What harvests kept aside (`kgenrich.verbs.rejects.RejectsOptions`)."""
        return rejects.rejects(self, read_options(rejects.RejectsOptions, **options))

    def coverage(self, **options: Any) -> Rows:
        """What each language has and lacks (`kgenrich.verbs.coverage.CoverageOptions`)."""
        return coverage.coverage(self, read_options(coverage.CoverageOptions, **options))

    def gaps(self, language: str, **options: Any) -> Rows:
        """The most wanted missing terms (`kgenrich.verbs.coverage.GapsOptions`)."""
        return coverage.gaps(self, read_options(coverage.GapsOptions, language=language, **options))

    def story(self, entity: str, **options: Any) -> dict[str, Any]:
        """An entity, its terms, what is proposed and why (`kgenrich.verbs.story.StoryOptions`)."""
        return story.story(self, read_options(story.StoryOptions, entity=entity, **options))

    def sources(self, **options: Any) -> Rows:
        """Every source and what it still needs (`kgenrich.verbs.sources.ListOptions`)."""
        return sources.list_sources(self, read_options(sources.ListOptions, **options))

    def enrich(self, **options: Any) -> EnrichReport:
        """Propose missing terms (`kgenrich.verbs.enrich.EnrichOptions`)."""
        return enrich.enrich(self, read_options(enrich.EnrichOptions, **options))

    def check(self, **options: Any) -> CheckReport:
        """Judge the names of the graph (`kgenrich.verbs.check.CheckOptions`)."""
        return check.check(self, read_options(check.CheckOptions, **options))

    def reconcile(self, *names: str, **options: Any) -> Rows:
        """Which entities names stand for (`kgenrich.verbs.reconcile.matching.MatchOptions`)."""
        chosen = read_options(matching.MatchOptions, names=names, **options)
        return matching.match_names(self, chosen)

    def queue(self, **options: Any) -> Rows:
        """Open proposals (`kgenrich.verbs.decide.QueueOptions`)."""
        return decide.queue(self, read_options(decide.QueueOptions, **options))

    def accept(self, *candidates: str, **options: Any) -> DecideReport:
        """Accept named candidates, or by policy (`kgenrich.verbs.decide.DecideOptions`)."""
        return decide.accept(
            self, read_options(decide.DecideOptions, candidates=candidates, **options)
        )

    def reject(self, *candidates: str, **options: Any) -> DecideReport:
        """Reject named candidates, or by policy (`kgenrich.verbs.decide.DecideOptions`)."""
        return decide.reject(
            self, read_options(decide.DecideOptions, candidates=candidates, **options)
        )

    def edit(self, candidate: str, text: str, **options: Any) -> DecideReport:
        """Accept a candidate in another wording (`kgenrich.verbs.decide.DecideOptions`)."""
        return decide.edit(
            self, read_options(decide.DecideOptions, candidates=(candidate,), text=text, **options)
        )

    def export_units(self, output: str, **options: Any) -> ExportReport:
        """Write what is to be decided, for people elsewhere
        (`kgenrich.verbs.exchange.UnitsOptions`)."""
        chosen = read_options(exchange.UnitsOptions, output=output, **options)
        return exchange.export_units(self, chosen)

    def import_units(self, file: str, **options: Any) -> ImportReport:
        """Decide as a file says that came back
        (`kgenrich.verbs.exchange_import.ImportOptions`)."""
        chosen = read_options(exchange_import.ImportOptions, file=file, **options)
        return exchange_import.import_units(self, chosen)

    def update_working_set(self, file: str, language: str, **options: Any) -> WorkingSetReport:
        """Keep the tables of an ontology's translators
        (`kgenrich.verbs.exchange_working_set.WorkingSetOptions`)."""
        given = {"file": file, "language": language}
        chosen = read_options(exchange_working_set.WorkingSetOptions, **given, **options)
        return exchange_working_set.update_working_set(self, chosen)

    def export_rdf(self, output: str, **options: Any) -> ExportReport:
        """Write terms as RDF (`kgenrich.verbs.export_rdf.RdfOptions`)."""
        chosen = read_options(export_rdf.RdfOptions, output=output, **options)
        return export_rdf.export_rdf(self, chosen)

    def export_provenance(self, output: str, **options: Any) -> ExportReport:
        """Write the story of terms as PROV-O (`kgenrich.verbs.export.ProvenanceOptions`)."""
        chosen = read_options(export.ProvenanceOptions, output=output, **options)
        return export.export_provenance(self, chosen)

    def export_quickstatements(self, output: str, **options: Any) -> ExportReport:
        """Write edits (`kgenrich.verbs.export_edits.EditOptions`)."""
        return export_edits.export_quickstatements(
            self, read_options(export_edits.EditOptions, output=output, **options)
        )

    def export_wbeditentity(self, output: str, **options: Any) -> ExportReport:
        """Write requests to the API of a Wikibase (`kgenrich.verbs.export_edits.EditOptions`)."""
        return export_edits.export_wbeditentity(
            self, read_options(export_edits.EditOptions, output=output, **options)
        )

    def export_glossary(self, output: str, source: str, **options: Any) -> ExportReport:
        """Write names in two languages or more
        (`kgenrich.verbs.export_glossary.GlossaryOptions`)."""
        kind = export_glossary.GlossaryOptions
        chosen = read_options(kind, output=output, source=source, **options)
        return export_glossary.export_glossary(self, chosen)

    def export_terms(self, output: str, **options: Any) -> ExportReport:
        """Write terms as a table (`kgenrich.verbs.export.TableOptions`)."""
        return export.export_terms(
            self, read_options(export.TableOptions, output=output, **options)
        )

    def publish_plan(self, **options: Any) -> PlanReport:
        """Make a batch of edits of what people decided (`kgenrich.verbs.publish.PlanOptions`)."""
        return publish.plan(self, read_options(publish.PlanOptions, **options))

    def publish_run(self, batch: str, **options: Any) -> SentReport:
        """Send what is left of a batch (`kgenrich.verbs.publish.BatchOptions`)."""
        return publish.run(self, read_options(publish.BatchOptions, batch=batch, **options))

    def publish_status(self, batch: str = "", **options: Any) -> Rows:
        """How far batches are, or one is (`kgenrich.verbs.publish.StatusOptions`)."""
        return publish.status(self, read_options(publish.StatusOptions, batch=batch, **options))

    def publish_revert(self, batch: str, **options: Any) -> SentReport:
        """Undo a batch (`kgenrich.verbs.publish.BatchOptions`)."""
        return publish.revert(self, read_options(publish.BatchOptions, batch=batch, **options))

    def report(self, run: str = "", **options: Any) -> RunReport:
        """What a run did, also as a page (`kgenrich.verbs.report.ReportOptions`)."""
        return report.report(self, read_options(report.ReportOptions, run=run, **options))
