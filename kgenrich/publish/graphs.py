"""The targets that are graphs in RDF behind a SPARQL endpoint.

They have no revisions and no history. So an update says itself what has to be there, or not, for
it to be done, and whether it was is seen in the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Self

from kgenrich.errors import UsageError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.edits import TermChange
from kgenrich.export.manner import Manners
from kgenrich.export.merging.additions import Addition, Triple, triples
from kgenrich.export.syntax import iri
from kgenrich.model import EntityRow, NewTerm, Scope, TermKind, TermRow
from kgenrich.net.credentials import SPARQL, read_credentials
from kgenrich.net.session import Refused
from kgenrich.net.sparql_update import UpdateEndpoint
from kgenrich.net.wiki_edits import EditConflict, EditingStopped, EditRefused, WikiTerms
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.story.entity_rows import Selection, entity_rows, manners

DONE = 1
"""Stands for the revision that an edit made."""


class SparqlGraph:
    """A graph that terms are written into as the others of their entity are."""

    def __init__(self, settings: Settings, store: Store) -> None:
        publish = settings.publish
        credentials = read_credentials(SPARQL, publish.sparql, publish.query, needed=False)
        self._store, self._base = store, settings.base
        self._graph = (iri(publish.graph) or "") if publish.graph else ""
        if publish.graph and not self._graph:
            raise UsageError(f"The graph {publish.graph!r} of [publish] is no IRI.")
        self._manners = Manners(manners(store))
        self._open = ExitStack()
        endpoint = UpdateEndpoint(settings.network, publish.sparql, publish.query, credentials)
        self._endpoint = self._open.enter_context(endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def terms(self, entity: str, wanted: Sequence[TermChange]) -> WikiTerms:
        """What the graph has in the places of the terms that are wanted."""
        row = self._entity(entity)
        found = self._texts(self._statement(row, change)[0] for change in wanted)
        labels: dict[str, str] = {}
        descriptions: dict[str, str] = {}
        aliases: dict[str, list[str]] = {}
        for change in wanted:
            texts = found.get(_place(self._statement(row, change)[0]), [])
            if change.kind is TermKind.ALIAS:
                aliases.setdefault(change.language, []).extend(texts)
            elif texts:
                # Of several the one that is meant.
                mine = next((t for t in (change.after, change.before) if t in texts), texts[0])
                of_kind = labels if change.kind is TermKind.LABEL else descriptions
                of_kind[change.language] = mine
        return WikiTerms(0, labels, descriptions, aliases)

    def edit(self, entity: str, changes: Sequence[TermChange], now: WikiTerms, summary: str) -> int:
        """Send the changes in one update, each with what it is done upon."""
        row = self._entity(entity)
        made = [(change, *self._statement(row, change)) for change in changes]
        text = " ;\n".join(self._operation(*one) for one in made)
        try:
            self._endpoint.update(text)
        except Refused as error:
            if error.status == 400:
                raise EditRefused(str(error)) from error
            raise EditingStopped(str(error)) from error
        if not self.own_revision(entity, "", changes):
            raise EditConflict(f"Somebody else changed {entity} since it was read.")
        return DONE

    def own_revision(self, entity: str, mark: str, changes: Sequence[TermChange]) -> int:
        """Whether the changes are in effect: who made them a graph does not say."""
        row = self._entity(entity)
        both = [(change, self._statement(row, change)) for change in changes]
        found = self._texts(one for _, pair in both for one in pair if one is not None)
        for change, (new, old) in both:
            if change.after and change.after not in found.get(_place(new), []):
                return 0
            if old is not None and old.text in found.get(_place(old), []):
                return 0
        return DONE

    def _entity(self, entity: str) -> EntityRow:
        selection = Selection(Scope(ids=(entity,)), states=("asserted",))
        return next(iter(entity_rows(self._store, selection)), EntityRow(entity))

    def _statement(self, row: EntityRow, change: TermChange) -> tuple[Addition, Addition | None]:
        """What comes, or of what only goes its place, and what goes."""
        subject = row.id if ":" in row.id else self._base + row.id

        def of(text: str, replaces: str = "") -> tuple[Addition, Addition | None]:
            term = TermRow(row.id, change.language, change.kind, text, "accepted")
            made = self._manners.change(row, subject, NewTerm(term, replaces))
            return made.added, next(iter(made.removed), None)

        if not change.after:
            gone, _ = of(change.before)
            return gone, gone
        if not change.before:
            return of(change.after)
        new, old = of(change.after, change.before)
        if old is not None:
            return new, old
        # Undoing: the graph that was harvested has what comes back.
        ours, theirs = of(change.before, change.after)
        return theirs or new, ours

    def _operation(self, change: TermChange, new: Addition, old: Addition | None) -> str:
        within = f"WITH {self._graph} " if self._graph else ""
        gone = _lines(old) if old is not None else ""
        if not change.after:
            return f"{within}DELETE {{ {gone} }} WHERE {{ {gone} }}"
        comes = _lines(new)
        if old is not None:
            return f"{within}DELETE {{ {gone} }} INSERT {{ {comes} }} WHERE {{ {gone} }}"
        if change.kind is TermKind.ALIAS:
            return f"{within}INSERT {{ {comes} }} WHERE {{ }}"
        subject, predicate, _ = _triple(new)
        other = f'isLiteral(?other) && LCASE(LANG(?other)) = "{new.tag.lower()}"'
        there = f"{subject} {predicate} ?other FILTER({other})"
        return f"{within}INSERT {{ {comes} }} WHERE {{ FILTER NOT EXISTS {{ {there} }} }}"

    def _texts(self, statements: Iterable[Addition]) -> Mapping[tuple[str, str, str], list[str]]:
        """The texts in the places of statements: of their subjects, predicates and tags."""
        pairs = sorted({" ".join(_triple(one)[:2]) for one in statements})
        if not pairs:
            return {}
        values = " ".join(f"({pair})" for pair in pairs)
        where = f"VALUES (?s ?p) {{ {values} }} ?s ?p ?o FILTER(isLiteral(?o))"
        where = f"GRAPH {self._graph} {{ {where} }}" if self._graph else where
        found: dict[tuple[str, str, str], list[str]] = {}
        query = f"SELECT ?s ?p (STR(?o) AS ?text) (LANG(?o) AS ?tag) WHERE {{ {where} }}"
        for row in self._endpoint.rows(query):
            place = (row["s"], row["p"], row.get("tag", "").lower())
            found.setdefault(place, []).append(row["text"])
        return found


def _place(statement: Addition) -> tuple[str, str, str]:
    return statement.subject, statement.predicate, statement.tag.lower()


def _triple(statement: Addition) -> Triple:
    made = triples(statement, ExportCounts())
    if len(made) != 1:
        raise EditRefused("What RDF cannot say, or says with a node of SKOS-XL, is not sent.")
    return made[0]


def _lines(statement: Addition) -> str:
    return f"{' '.join(_triple(statement))} ."
