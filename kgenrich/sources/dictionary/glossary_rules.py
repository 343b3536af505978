"""What a glossary binds every other source to: the label that it prefers, and none of the terms
that it forbids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kgenrich.languages import current
from kgenrich.model import TermKind, TermRequest
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.dictionary.files.reading import may_bind
from kgenrich.sources.dictionary.glossary import (
    NAME,
    Glossary,
    GlossaryOptions,
    names_in,
    read_glossary,
)
from kgenrich.text import vote_key


class GlossaryRule:
    """A rule of the validators."""

    def __init__(self, options: GlossaryOptions, glossary: Glossary) -> None:
        self._options = options
        self._glossary = glossary

    def forbidden(self, request: TermRequest) -> Sequence[str]:
        """What must not be a name of the entity, where a name is asked for."""
        concept = self._glossary.find(request.entity, self._options).concept
        return names_in(concept.forbidden, request.language) if request.kind.is_name else ()

    def preferred(self, request: TermRequest) -> str:
        """The label that the entity shall have in this very language, where one is asked for;
        empty where any will do."""
        concept = self._glossary.find(request.entity, self._options).concept
        is_label = request.kind is TermKind.LABEL
        return concept.preferred.get(current(request.language), "") if is_label else ""

    def names(self, request: TermRequest) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
        """The names of the entity in the language, the preferred one (empty for none), and those
        that it must not have."""
        concept = self._glossary.find(request.entity, self._options).concept
        language = request.language
        return (
            names_in(concept.names, language),
            concept.preferred.get(current(language), ""),
            names_in(concept.forbidden, language),
        )

    def forbids(self, request: TermRequest, text: str) -> bool:
        """Whether it must not be a name of the entity."""
        return vote_key(text) in map(vote_key, self.forbidden(request))

    def prefers_another(self, request: TermRequest, text: str) -> bool:
        """Whether the entity shall have another label in this very language."""
        preferred = self.preferred(request)
        return bool(preferred) and vote_key(text) != vote_key(preferred)


def glossary_stamps(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    """What tells that a glossary has changed: the file, when it was written, and its size."""
    stamps = []
    for _, table in _glossaries(settings):
        file = str(table["file"])
        with suppress(OSError):
            told = Path(file).expanduser().stat()
            stamps.append((file, told.st_mtime_ns, told.st_size))
    return tuple(stamps)


def glossary_rules(settings: Settings) -> Iterator[GlossaryRule]:
    """One rule for each glossary of the settings that is not disabled.

    Raises `InputError` for one that cannot be read (what it forbids would pass) and `UsageError`
    for wrong options.
    """
    for name, table in _glossaries(settings):
        context = SourceContext(MemoryGraph([]), (), settings, table, name)
        options = context.read(GlossaryOptions)
        if may_bind(Path(options.file), options.format):
            glossary = read_glossary(options, settings.base, settings.property_roles())
            yield GlossaryRule(options, glossary)


def _glossaries(settings: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names and options of those that are in use."""
    for name, given in settings.sources.items():
        table = dict(given)
        use = table.pop("use", name)
        if use == NAME and table.get("file") and name not in settings.disabled:
            yield name, table
