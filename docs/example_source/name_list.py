"""The source ``name-list``: names from a CSV file with the columns entity, language and name."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from kgenrich.errors import SourceStopped
from kgenrich.model import Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import Answer, SourceContext
from kgenrich.sources.options import read


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """The table of the source in the settings."""

    file: str = ""
    licence: str = ""


class NameList:
    """Says what the list says, and nothing to what the list does not know."""

    kind = SourceKind.GRAPH

    def __init__(self, name: str, names: dict[tuple[str, str], list[str]], licence: str) -> None:
        self.name = name
        self.licence = licence
        self._names = names

    def fingerprint(self, request: TermRequest) -> str | None:
        """Looking into a list is free, so nothing is remembered."""
        return None

    def propose(self, requests: Sequence[TermRequest]) -> Iterator[Answer]:
        """One answer to each request."""
        for request in requests:
            found = self._names.get((request.entity.id, request.language), [])
            if request.kind is TermKind.DESCRIPTION:
                found = []
            yield Answer(request, tuple(self._candidate(request, name) for name in found))

    def _candidate(self, request: TermRequest, name: str) -> Candidate:
        evidence = Evidence(
            self.name, self.kind, raw=name, score=0.9, licence=self.licence, note="on the list"
        )
        return Candidate(request.entity.id, request.language, request.kind, name, (evidence,))


def factory(context: SourceContext) -> NameList:
    """What the entry point names. Raises SourceStopped when something is missing."""
    options = read(context.name, context.options, Options)
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
