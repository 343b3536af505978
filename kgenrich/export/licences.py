"""Which licences of evidence let a term be published under the target's licence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kgenrich.export.syntax import iri, local_iri
from kgenrich.model import UNKNOWN

_PUBLIC_DOMAIN = {"cc0-1.0", "pddl-1.0", "cc-pddc", "public-domain", "pdm-1.0"}
_ACCEPTS = {
    "cc-by": ("cc-by",),
    "cc-by-sa": ("cc-by", "cc-by-sa"),
    "odc-by": ("odc-by",),
    "odbl": ("odc-by", "odbl"),
}
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/(\d(?:\.\d)?)", re.IGNORECASE
)


def normal(licence: str) -> str:
    """An SPDX identifier in lower case; Creative Commons addresses are turned into one.

    >>> normal("https://creativecommons.org/publicdomain/zero/1.0/"), normal("CC-BY-SA-3.0")
    ('cc0-1.0', 'cc-by-sa-3.0')
    """
    if match := _CREATIVE_COMMONS.search(licence):
        name, version = match[1].lower(), match[2]
        public = {"zero": "cc0", "mark": "pdm"}
        return f"{public.get(name, 'cc-' + name)}-{version}"
    return "-".join(licence.strip().lower().split()) or UNKNOWN


def compatible(licence: str, target: str) -> bool:
    """Whether material under a licence may be published under the target licence.

    Only what is certain: the public domain goes anywhere, a licence to itself, and attribution
    and share-alike licences to those that keep their conditions. Of an SPDX expression with AND
    each licence must be.

    >>> compatible("CC0-1.0", "CC-BY-4.0"), compatible("CC-BY-4.0", "CC0-1.0")
    (True, False)
    >>> compatible("CC0-1.0 AND CC-BY-4.0", "CC-BY-SA-4.0")
    True
    """
    if " AND " in licence:
        return all(compatible(part, target) for part in licence.split(" AND "))
    licence, target = normal(licence), normal(target)
    if licence in _PUBLIC_DOMAIN or (licence == target != UNKNOWN):
        return True
    family, version = _split(licence)
    target_family, target_version = _split(target)
    return family in _ACCEPTS.get(target_family, ()) and version <= target_version


def address(licence: str) -> str | None:
    """The IRI of a licence that is given by its address or an SPDX identifier, None for others.

    >>> address("CC0-1.0"), address("see the imprint")
    ('<https://spdx.org/licenses/CC0-1.0>', None)
    """
    if "://" in licence:
        return iri(licence)
    if not licence or " " in licence:
        return None
    return local_iri("https://spdx.org/licenses/", licence)


def obstacle(licences: Iterable[str], target: str, allowed: Collection[str] = ()) -> str:
    """What keeps a term from the target, as the licences of its evidence; empty if nothing does.

    Evidence that is not compatible is set aside; the term stands as long as any is left. One
    without evidence is a person's own. ``allowed`` names licences to let through regardless.
    """
    names = sorted({normal(licence) for licence in licences})
    exempt = {normal(licence) for licence in allowed}
    if not names or any(name in exempt or compatible(name, target) for name in names):
        return ""
    return ", ".join(names)


def _split(licence: str) -> tuple[str, str]:
    family, _, version = licence.rpartition("-")
    return (family, version) if version[:1].isdigit() else (licence, "")
