"""Where the data beside the package is: in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

from kgenrich.errors import KgenrichError

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """The path of a shipped file or folder such as ``migrations`` or ``adapters/names``.

    A wheel carries these folders inside the package as ``_data``; a checkout has them beside it.
    Raises `KgenrichError` when it is in neither place.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        path = root / name
        if path.exists():
            return path
    raise KgenrichError(f"The installation is incomplete: {name} is missing.")
