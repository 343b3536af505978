"""What the service says of itself, in each version of the protocol."""

from __future__ import annotations

from typing import Any

from kgenrich import __version__
from kgenrich.languages import bcp47
from kgenrich.services.reconcile.reading import MOST_QUERIES
from kgenrich.verbs.reconcile.reconciler import Named, Reconciler

WIDTH, HEIGHT = 420, 240
"""Of a preview, in pixels."""

_NAME = "Reconciliation by kgenrich"
_LIMIT: dict[str, Any] = {"type": "number", "default": 0}
_HELP = "So many values at most; 0: all."


def _common(reconciler: Reconciler, types: list[Named]) -> dict[str, Any]:
    return {
        "name": f"{_NAME}: {reconciler.title}",
        "serviceVersion": __version__,
        "batchSize": MOST_QUERIES,
        "defaultTypes": [{"id": one.id, "name": one.name} for one in types],
    }


def manifest(reconciler: Reconciler, url: str, types: list[Named]) -> dict[str, Any]:
    """That of version 0.2 for a service at an address."""

    def at(path: str, flyout: str) -> dict[str, str]:
        return {
            "service_url": url,
            "service_path": path,
            "flyout_service_url": url,
            "flyout_service_path": f"/flyout/{flyout}?id=${{id}}",
        }

    space = reconciler.workspace.store.base
    return {
        "versions": ["0.2"],
        **_common(reconciler, types),
        "identifierSpace": space,
        "schemaSpace": space,
        "view": {"url": reconciler.view.replace("{id}", "{{id}}").replace("{+id}", "{{id}}")},
        "preview": {"url": f"{url}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {kind: at(f"/suggest/{kind}", kind) for kind in ("entity", "type", "property")},
        "extend": {
            "propose_properties": {"service_url": url, "service_path": "/properties"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": "Limit",
                    "type": "number",
                    "default": 0,
                    "help_text": _HELP,
                }
            ],
        },
    }


def draft_manifest(reconciler: Reconciler, types: list[Named]) -> dict[str, Any]:
    """That of 1.0-draft."""
    return {
        "versions": ["1.0-draft"],
        **_common(reconciler, types),
        "lang": bcp47(reconciler.readers[0]),
        "view": {"url": reconciler.view},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "suggest": {"entity": True, "type": True, "property": True},
        "extend": {
            "proposeProperties": True,
            "propertySettings": [
                {"id": "limit", "name": "Limit", **_LIMIT, "helpText": _HELP},
            ],
        },
        "standardizedScore": True,
    }
