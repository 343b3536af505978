"""What each language has, inherits and lacks, and the entities that lack most."""

from __future__ import annotations

from kgenrich.languages import valid_codes
from kgenrich.model import Scope
from kgenrich.store.facts.coverage import coverage as count_terms
from kgenrich.store.facts.coverage import gaps as find_gaps
from kgenrich.store.story.pending_terms import Pending, pending
from kgenrich.store.tables import ITEMS
from kgenrich.verbs.arguments import (
    entity_labels,
    read_class,
    read_kinds,
    read_origin,
    read_types,
    reader_language,
    warn_of_unharvested,
)
from kgenrich.verbs.workspace import Count, Options, Rows, Workspace


class CoverageOptions(Options, frozen=True, kw_only=True):
    """Entities of these ``types`` are counted, items where none are named,
    of which ``origin`` speaks, if one is. ``classes`` are counted
    each by itself; ``by_class`` counts the ``top`` largest ones so.
    ``limit`` bounds the rows, ``reader`` is the language in which classes are named."""

    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    origin: str = ""
    by_class: bool = False
    top: Count = 10
    limit: Count | None = None
    reader: str = ""


def coverage(workspace: Workspace, options: CoverageOptions) -> Rows:
    """Rows of ``language``, ``kind``, ``class`` (empty: all entities) with its ``label``, counts
    of ``entities``, ``explicit``, ``inherited`` and ``missing`` terms and of labels that are
    inherited from ``mul`` alone in another script (``other_script``), of the missing ones that were
    ``accepted`` and that have ``proposed`` terms, ``share`` (explicit and inherited of all, in
    [0, 1]) and ``impact`` (sitelinks of the entities whose term is missing); highest impact first.
    """
    store, settings = workspace.store, workspace.settings
    languages = valid_codes(options.languages) if options.languages else settings.languages
    kinds, types = read_kinds(workspace, options.kinds), read_types(options.types, ITEMS)
    origin = read_origin(workspace, options.origin)
    warn_of_unharvested(workspace, languages)
    counted = count_terms(
        store,
        Scope(languages, kinds, types=types, origin=origin),
        classes=[id for name in options.classes if (id := read_class(workspace, name))],
        by_class=options.by_class,
        limit=options.top if options.by_class else None,
    )
    if not languages:
        # Hundreds of languages inherit something; who wants to see them names them.
        counted = [row for row in counted if row.explicit]
    counted.sort(key=lambda row: (-row.missing_links, -row.missing))
    rows = counted[: options.limit]
    class_ids = {row.class_id for row in rows}
    labels = entity_labels(workspace, class_ids - {""}, reader_language(options.reader))
    waiting = {
        (class_id, *term): counts
        for class_id in class_ids
        for term, counts in pending(
            store, Scope(languages, kinds, class_id or None, types=types, origin=origin)
        ).items()
    }
    return Rows(
        [
            {
                "language": row.language,
                "kind": str(row.kind),
                "class": row.class_id,
                "label": labels.get(row.class_id, ""),
                "entities": row.entities,
                "explicit": row.explicit,
                "inherited": row.inherited,
                "other_script": row.other_script,
                "missing": row.missing,
                "accepted": counts.accepted,
                "proposed": counts.proposed,
                "share": (row.explicit + row.inherited) / max(row.entities, 1),
                "impact": row.missing_links,
            }
            for row in rows
            for counts in [waiting.get((row.class_id, row.language, row.kind), Pending())]
        ],
        len(counted),
    )


class GapsOptions(Options, frozen=True, kw_only=True):
    """One ``language`` and ``kind`` of term, of entities of these ``types`` (items where none are
    named); ``other_script``: also labels that are inherited from
    ``mul`` alone, in another script; ``reader`` is the language in which entities are named."""

    language: str
    kind: str = "label"
    class_id: str | None = None
    types: tuple[str, ...] = ()
    origin: str = ""
    other_script: bool = False
    limit: Count = 20
    reader: str = ""


def gaps(workspace: Workspace, options: GapsOptions) -> Rows:
    """Rows of ``entity``, its ``label`` and its ``sitelinks``, of those that lack the term and
    inherit none; most linked first."""
    (language,), (kind,) = valid_codes([options.language]), read_kinds(workspace, [options.kind])
    class_id = read_class(workspace, options.class_id)
    scope = Scope(
        class_id=class_id,
        other_script=options.other_script,
        types=read_types(options.types),
        origin=read_origin(workspace, options.origin),
    )
    warn_of_unharvested(workspace, [language])
    lacking = list(find_gaps(workspace.store, language, kind, scope, limit=options.limit))
    ids = [gap.entity for gap in lacking]
    labels = entity_labels(workspace, ids, reader_language(options.reader))
    return Rows(
        [
            {"entity": gap.entity, "label": labels.get(gap.entity, ""), "sitelinks": gap.links}
            for gap in lacking
        ]
    )
