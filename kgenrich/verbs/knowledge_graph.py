"""The Python face: a store with every verb as a method, for notebooks and programs.

A method takes the options of its verb by name, as the struct that it refers to documents them, and
gives back the verb's report. Lists of languages and kinds are plain lists; reports that are tables
are lists of mappings, which ``pandas.DataFrame`` and ``polars.DataFrame`` take. A verb raises
`KgenrichError`, with one clear sentence, where it cannot be done; `UsageError` for options that
make no sense.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kgenrich.verbs.workspace import Rows, Workspace, read_options

if TYPE_CHECKING:
    from kgenrich.verbs.check import CheckReport
    from kgenrich.verbs.decide import DecideReport
    from kgenrich.verbs.delivery import ExportReport
    from kgenrich.verbs.enrich import EnrichReport


class KnowledgeGraph(Workspace):
    """An open store; see the module. Made by `kgenrich.open`."""

    def harvest_dump(self, file: str, **options: Any) -> dict[str, float]:
        """Read an entity dump (`kgenrich.verbs.harvest.DumpOptions`)."""
        from kgenrich.verbs.harvest import DumpOptions, harvest_dump

        return harvest_dump(self, read_options(DumpOptions, options | {"file": file}))

    def harvest_rdf(self, file: str, **options: Any) -> dict[str, float]:
        """Read an RDF file (`kgenrich.verbs.harvest.RdfOptions`)."""
        from kgenrich.verbs.harvest import RdfOptions, harvest_rdf

        return harvest_rdf(self, read_options(RdfOptions, options | {"file": file}))

    def harvest_ids(self, *ids: str, **options: Any) -> dict[str, float]:
        """Fetch entities by their ids (`kgenrich.verbs.harvest.IdsOptions`)."""
        from kgenrich.verbs.harvest import IdsOptions, harvest_ids

        return harvest_ids(self, read_options(IdsOptions, options | {"ids": ids}))

    def harvest_sparql(self, query: str, **options: Any) -> dict[str, float]:
        """Fetch the entities that a query selects (`kgenrich.verbs.harvest.SparqlOptions`)."""
        from kgenrich.verbs.harvest import SparqlOptions, harvest_sparql

        return harvest_sparql(self, read_options(SparqlOptions, options | {"query": query}))

    def coverage(self, **options: Any) -> Rows:
        """What each language has and lacks (`kgenrich.verbs.coverage.CoverageOptions`)."""
        from kgenrich.verbs.coverage import CoverageOptions, coverage

        return coverage(self, read_options(CoverageOptions, options))

    def gaps(self, language: str, **options: Any) -> Rows:
        """The most wanted missing terms (`kgenrich.verbs.coverage.GapsOptions`)."""
        from kgenrich.verbs.coverage import GapsOptions, gaps

        return gaps(self, read_options(GapsOptions, options | {"language": language}))

    def story(self, entity: str, **options: Any) -> dict[str, Any]:
        """An entity, its terms, what is proposed and why (`kgenrich.verbs.story.StoryOptions`)."""
        from kgenrich.verbs.story import StoryOptions, story

        return story(self, read_options(StoryOptions, options | {"entity": entity}))

    def sources(self) -> Rows:
        """Every source and what it still needs."""
        from kgenrich.verbs.sources import list_sources

        return list_sources(self)

    def enrich(self, **options: Any) -> EnrichReport:
        """Propose missing terms (`kgenrich.verbs.enrich.EnrichOptions`)."""
        from kgenrich.verbs.enrich import EnrichOptions, enrich

        return enrich(self, read_options(EnrichOptions, options))

    def check(self, **options: Any) -> CheckReport:
        """Judge the names of the graph (`kgenrich.verbs.check.CheckOptions`)."""
        from kgenrich.verbs.check import CheckOptions, check

        return check(self, read_options(CheckOptions, options))

    def queue(self, **options: Any) -> Rows:
        """Open proposals (`kgenrich.verbs.decide.QueueOptions`)."""
        from kgenrich.verbs.decide import QueueOptions, queue

        return queue(self, read_options(QueueOptions, options))

    def accept(self, *candidates: str, **options: Any) -> DecideReport:
        """Accept named candidates, or by policy (`kgenrich.verbs.decide.DecideOptions`)."""
        from kgenrich.verbs.decide import DecideOptions, accept

        return accept(self, read_options(DecideOptions, options | {"candidates": candidates}))

    def reject(self, *candidates: str, **options: Any) -> DecideReport:
        """Reject named candidates, or by policy (`kgenrich.verbs.decide.DecideOptions`)."""
        from kgenrich.verbs.decide import DecideOptions, reject

        return reject(self, read_options(DecideOptions, options | {"candidates": candidates}))

    def edit(self, candidate: str, text: str, **options: Any) -> DecideReport:
        """Accept a candidate in another wording (`kgenrich.verbs.decide.DecideOptions`)."""
        from kgenrich.verbs.decide import DecideOptions, edit

        named = {"candidates": (candidate,), "text": text}
        return edit(self, read_options(DecideOptions, options | named))

    def export_rdf(self, output: str, **options: Any) -> ExportReport:
        """Write terms as RDF (`kgenrich.verbs.export.RdfOptions`)."""
        from kgenrich.verbs.export import RdfOptions, export_rdf

        return export_rdf(self, read_options(RdfOptions, options | {"output": output}))

    def export_provenance(self, output: str, **options: Any) -> ExportReport:
        """Write the story of terms as PROV-O (`kgenrich.verbs.export.ProvenanceOptions`)."""
        from kgenrich.verbs.export import ProvenanceOptions, export_provenance

        chosen = read_options(ProvenanceOptions, options | {"output": output})
        return export_provenance(self, chosen)

    def export_quickstatements(self, output: str, **options: Any) -> ExportReport:
        """Write edits (`kgenrich.verbs.export.EditOptions`)."""
        from kgenrich.verbs.export import EditOptions, export_quickstatements

        return export_quickstatements(self, read_options(EditOptions, options | {"output": output}))

    def export_terms(self, output: str, **options: Any) -> ExportReport:
        """Write terms as a table (`kgenrich.verbs.export.TermsOptions`)."""
        from kgenrich.verbs.export import TermsOptions, export_terms

        return export_terms(self, read_options(TermsOptions, options | {"output": output}))
