"""Labels of classes and of what claims point to: the same few are wanted again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kgenrich.sources.base import Graph

MOST = 200_000
"""Labels that are held; when there are more, it begins anew."""


class LabelLookup:
    """The labels of a graph, each looked up once while it is held."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._held: dict[tuple[str, str], str] = {}

    def get(self, ids: Iterable[str], languages: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """As `Graph.labels`, without the ids that have none left out."""
        wanted = list(dict.fromkeys(ids))
        unknown = [id for id in wanted if any((id, c) not in self._held for c in languages)]
        if unknown:
            if len(self._held) > MOST:
                self._held.clear()
                unknown = wanted
            found = self._graph.labels(unknown, languages)
            for id in unknown:
                for language in languages:
                    self._held[id, language] = found.get(id, {}).get(language, "")
        return {
            id: {c: text for c in languages if (text := self._held.get((id, c), ""))}
            for id in wanted
        }
