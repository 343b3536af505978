"""Entities as small pages that others show in a frame: all is escaped, nothing is loaded."""

from __future__ import annotations

from markupsafe import Markup

from kgenrich.languages import bcp47, chain, direction
from kgenrich.languages import name as language_name
from kgenrich.markup import worded
from kgenrich.model import Entity
from kgenrich.services.reconcile.manifests import HEIGHT, WIDTH
from kgenrich.store.facts.graph import find_entities
from kgenrich.verbs.reconcile.reconciler import Named, Reconciler

_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
    "<style>body{{margin:0;padding:8px;box-sizing:border-box;width:{width}px;height:{height}px;"
    "overflow:hidden;font:14px/1.35 sans-serif;color:#222;background:#fff}}h1{{font-size:17px;"
    "margin:0 0 2px}}p{{margin:0 0 6px}}.i,dt{{color:#555}}dl{{display:grid;grid-template-columns:"
    "auto 1fr;gap:1px 8px;margin:0}}dd{{margin:0}}</style></head><body>{body}</body></html>\n"
)
_HEAD = Markup('<h1>{label} <span class="i">{id}</span></h1><p>{told}</p><p class="i">{types}</p>')
_NAMES = 6
_LONGEST = 160


def preview_page(reconciler: Reconciler, id: str, languages: tuple[str, ...]) -> str:
    """An entity as a page of `WIDTH` and `HEIGHT`; empty for one that is not in the store."""
    entity = find_entities(reconciler.workspace.store, [id]).get(id)
    if entity is None or entity.deleted or entity.redirect:
        return ""
    named = reconciler.named_ids([id], languages)[id]
    body = _head(reconciler, named, languages) + _names(entity, reconciler, languages, named)
    return _PAGE.format(
        language=bcp47(named.language or "und"),
        title=named.name,
        width=WIDTH,
        height=HEIGHT,
        body=body,
    )


def flyout(reconciler: Reconciler, id: str, languages: tuple[str, ...]) -> str:
    """An entity, class or property in a few words, as HTML."""
    return str(_head(reconciler, reconciler.named_ids([id], languages)[id], languages))


def _head(reconciler: Reconciler, named: Named, languages: tuple[str, ...]) -> Markup:
    types = reconciler.named_ids(named.classes, languages).values()
    return _HEAD.format(
        label=worded(_short(named.name), named.language),
        id=_short(named.id),
        told=worded(_short(named.description), named.description_language),
        types=Markup(", ").join(worded(_short(one.name), one.language) for one in types),
    )


def _names(
    entity: Entity, reconciler: Reconciler, languages: tuple[str, ...], shown: Named
) -> Markup:
    """What it is called in other languages, those of the reader first."""
    order = [code for one in (*languages, *reconciler.readers) for code in chain(one)]
    codes = [code for code in dict.fromkeys((*order, *entity.labels)) if code in entity.labels]
    rows = [
        Markup("<dt>{}</dt><dd lang='{}' dir='{}'>{}</dd>").format(
            language_name(code), bcp47(code), direction(code), _short(entity.labels[code])
        )
        for code in codes
        if code != shown.language
    ]
    return Markup("<dl>{}</dl>").format(Markup("").join(rows[:_NAMES]))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
