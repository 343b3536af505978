"""The IRIs of a graph, and what those of a Wikibase stand for.

A Wikibase writes about much more than entities: statements, references, values, predicates, pages,
lexemes (mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from kgenrich.harvest.batch import GraphNotes

ENTITY = "entity/"
"""How the concept base of a Wikibase ends."""

_BARE = re.compile(r"[QP][1-9][0-9]{0,17}")
_DATA = re.compile(r"/Special:EntityData/([QP][1-9][0-9]{0,17})$")
_SOUND = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f-\xa0\ufffd]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SAFE = "".join(map(chr, sorted(set(range(0x21, 0x7F)) - set(b'<>"{}|^`\\'))))


class Iris:
    """What stands for what under the concept base ``base`` of a graph. ``address`` is that of the
    file that holds it, where IRIs without a base lead; what is odd goes to ``notes``."""

    def __init__(self, base: str, address: str = "", notes: GraphNotes | None = None) -> None:
        self.base = base
        self._notes = notes or GraphNotes()
        self.has_relative = False
        """Whether an entity has been met that has its IRI from the address of the file."""
        self._address = address
        is_wikibase = base.endswith(f"/{ENTITY}")
        # Data and pages are under https where entities are under http.
        self._site = re.sub(r"^\w+://", "", base.removesuffix(ENTITY)) if is_wikibase else ""
        self.name = lru_cache(maxsize=1 << 14)(self._name)

    def _name(self, iri: str) -> str:
        """The id of an entity: bare under the base, elsewhere the IRI with what may not be in it
        escaped; empty for what is no entity of the Wikibase, or no IRI."""
        if self._address and iri.startswith(self._address):
            self.has_relative = True
        if iri.startswith(self.base):
            short = iri[len(self.base) :]
            if _BARE.fullmatch(short):
                return short
        if self.is_inside(iri):
            return ""
        if _SOUND.fullmatch(iri):
            return iri
        return quote(iri, safe=_SAFE) if _SCHEME.match(iri) and "\ufffd" not in iri else ""

    def told_name(self, iri: str) -> str:
        """The id of an entity, with a note if its IRI was mended or cannot be used."""
        name = self.name(iri)
        if name == iri:
            return name
        if name and not iri.endswith(name):
            self._notes.mend("IRI")
        elif not name and not self.is_inside(iri):
            self._notes.leave("IRI", f"{iri[:100]!r} is no absolute IRI")
        return name

    def data_of(self, iri: str) -> str:
        """The entity whose document an IRI is, empty where it is none."""
        match = _DATA.search(iri) if self.is_inside(iri) else None
        return match[1] if match else ""

    def is_inside(self, iri: str) -> bool:
        """Whether an IRI is of the site of the Wikibase."""
        return bool(self._site) and iri.partition("://")[2].startswith(self._site)


def is_bare(name: str) -> bool:
    """Whether the id of an entity is a bare one."""
    return _BARE.fullmatch(name) is not None
