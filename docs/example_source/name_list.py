"""The source ``name-list``: names from a CSV file with the columns entity, language and name."""

import csv
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from kgenrich.errors import SourceStopped
from kgenrich.model import Candidate, Evidence, SourceKind, TermRequest
from kgenrich.sources.base import FreeSource, SourceContext


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """The table of the source in the settings."""

    file: str = ""
    licence: str = ""


class NameList(FreeSource):
    """Says what the list says, and nothing to what the list does not know. Looking into a list is
    free, so nothing is remembered."""

    kind = SourceKind.GRAPH

    def __init__(self, name: str, names: dict[tuple[str, str], list[str]], licence: str) -> None:
        self.name = name
        self.licence = licence
        self._names = names

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """The names that the list has."""
        if request.kind.is_name:
            for name in self._names.get((request.entity.id, request.language), []):
                yield self._candidate(request, name)

    def _candidate(self, request: TermRequest, name: str) -> Candidate:
        evidence = Evidence(
            self.name, self.kind, raw=name, score=0.9, licence=self.licence, note="on the list"
        )
        return request.candidate(name, evidence)


def factory(context: SourceContext) -> NameList:
    """What the entry point names. Raises SourceStopped when something is missing."""
    options = context.read(Options)
    if not options.file:
        raise SourceStopped('It needs the option file, for example file = "names.csv".')
    names: dict[tuple[str, str], list[str]] = {}
    try:
        with Path(options.file).open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                names.setdefault((row["entity"], row["language"]), []).append(row["name"])
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise SourceStopped(f"The list {options.file} cannot be read: {error}.") from error
    return NameList(context.name, names, options.licence)
