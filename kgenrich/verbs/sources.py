"""Which sources there are, what they still need, and one asked for one term."""

from __future__ import annotations

from kgenrich.errors import KgenrichError
from kgenrich.model import TermRequest
from kgenrich.sources.base import Answer, MemoryGraph, SourceContext, build, configured
from kgenrich.verbs.arguments import entity_named, read_kinds, read_languages
from kgenrich.verbs.assembly import lacking_table, usable_sources
from kgenrich.verbs.workspace import Options, Rows, Workspace


def list_sources(workspace: Workspace) -> Rows:
    """Rows of every source by ``name``, with the registered one that it ``use``s, its ``kind``,
    its ``licence``, and as ``state`` ``ready`` or what it lacks."""
    settings = workspace.settings
    rows = []
    for name, use in configured(settings).items():
        options = settings.sources.get(name, {})
        row = {"name": name, "use": use, "kind": "", "licence": "", "state": ""}
        try:
            source = build(name, SourceContext(MemoryGraph([]), (), settings, options))
            row |= {"kind": str(source.kind), "licence": source.licence}
            row["state"] = lacking_table(settings, name, source) or "ready"
        except KgenrichError as error:
            row["state"] = str(error)
        if name in settings.disabled:
            row["state"] = "disabled in the settings"
        rows.append(row)
    return Rows(rows)


class TryOptions(Options, frozen=True, kw_only=True):
    """The source by ``name``, the ``entity`` by id or IRI, the ``language`` and ``kind`` of the
    term."""

    name: str
    entity: str
    language: str
    kind: str = "label"


def try_source(workspace: Workspace, options: TryOptions) -> list[Answer]:
    """Ask one source for one term of an entity in the store; nothing is stored.

    Raises `UsageError` where it cannot be used.
    """
    (language,) = read_languages(workspace, [options.language])
    (kind,) = read_kinds([options.kind])
    entity = entity_named(workspace, options.entity)
    (source,) = usable_sources(workspace, [language], [options.name])
    return list(source.propose(source.prepare([TermRequest(entity, language, kind)])))
