"""Which sources there are, what they still need, and one asked for one term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgenrich.errors import KgenrichError
from kgenrich.model import SourceKind, TermRequest
from kgenrich.sources.base import Answer, MemoryGraph, SourceContext, build, configured
from kgenrich.sources.dictionary.known_packages import known_packages
from kgenrich.verbs.arguments import entity_named, read_kinds, read_languages
from kgenrich.verbs.assembly import fit_cache, lacking_table, usable_sources
from kgenrich.verbs.workspace import Options, Rows, Workspace

_CHARACTERS = "price, for a million characters"
_PRICES = {
    "deepl": _CHARACTERS,
    "azure": _CHARACTERS,
    "google": _CHARACTERS,
    "libretranslate": _CHARACTERS,
    "brave": "price, for a thousand queries",
    "openai": "price_in and price_out, for a million tokens",
}
"""The options for what is paid for, by registered source."""


class ListOptions(Options, frozen=True, kw_only=True):
    """The ``languages`` that dictionaries shall help with, by default those of the settings."""

    languages: Sequence[str] = ()


def list_sources(workspace: Workspace, options: ListOptions) -> Rows:
    """Rows of every source by ``name``, with the registered one that it ``use``s, its ``kind``,
    its ``licence``, as ``state`` ``ready`` or what it lacks, the option for a ``price``, and the
    ``packages`` that it reads on this machine, there or not."""
    settings = workspace.settings
    given = options.languages or settings.languages
    languages = read_languages(workspace, given) if given else ()
    rows = []
    for name, use in configured(settings).items():
        table = settings.sources.get(name, {})
        row: dict[str, Any] = {"name": name, "use": use, "kind": "", "licence": "", "state": ""}
        try:
            source = build(name, SourceContext(MemoryGraph([]), (), settings, table))
            of_graph = "as the graph" if source.kind is SourceKind.GRAPH else ""
            row |= {"kind": str(source.kind), "licence": source.licence or of_graph}
            ready = " ".join(filter(None, ("ready", getattr(source, "remark", ""))))
            row["state"] = lacking_table(settings, name, source) or ready
        except KgenrichError as error:
            row["state"] = str(error)
        if name in settings.disabled:
            row["state"] = "disabled in the settings"
        row["price"] = _PRICES.get(use, "")
        row["packages"] = _packages(use, table, languages) if name == use else []
        rows.append(row)
    return Rows(rows)


def _packages(use: str, table: Mapping[str, Any], languages: Sequence[str]) -> list[dict[str, Any]]:
    """The packages that a source reads, with where each is and the languages asked for that it
    has names in."""
    folders = table.get("folders", ())
    return [
        {
            "package": one.package,
            "place": one.place(folders),
            "install": one.install,
            "licence": one.licence,
            "megabytes": one.megabytes,
            "what": one.what,
            "languages": one.serves(languages or sorted(one.languages)),
        }
        for one in known_packages()
        if one.source == use
    ]


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
    (kind,) = read_kinds(workspace, [options.kind])
    entity = entity_named(workspace, options.entity)
    (source,) = usable_sources(workspace, [language], [options.name], fit_cache(workspace))
    licence = workspace.graph.licences([entity.id]).get(entity.id, "")
    request = TermRequest(entity, language, kind, licence)
    return list(source.propose(source.prepare([request])))
