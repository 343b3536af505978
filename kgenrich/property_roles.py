"""What properties stand for: the roles that readers and sources know, and which properties of a
graph have them.

No other module knows a property by its number. Sources ask for a role and get nothing where the
graph has no property for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

WIKIDATA_BASE = "http://www.wikidata.org/entity/"

WIKIDATA: Mapping[str, str] = {
    "instance_of": "P31",
    "subclass_of": "P279",
    "country": "P17",
    "citizenship": "P27",
    "country_of_origin": "P495",
    "located_in": "P131",
    "continent": "P30",
    "occupation": "P106",
    "sport": "P641",
    "sex_or_gender": "P21",
    "taxon_rank": "P105",
    "parent_taxon": "P171",
    "taxon_name": "P225",
    "birth": "P569",
    "death": "P570",
    "inception": "P571",
    "publication": "P577",
    "native_label": "P1705",
    "official_name": "P1448",
    "native_name": "P1559",
    "country_code": "P297",
    "subdivision_code": "P300",
    "language_code_2": "P218",
    "language_code_3b": "P219",
    "language_code_3": "P220",
    "script_code": "P506",
    "currency_code": "P498",
    "element_symbol": "P246",
    "unicode_character": "P487",
    "openstreetmap_tag": "P1282",
    "coordinates": "P625",
    "image": "P18",
    "logo": "P154",
    "flag": "P41",
    "exact_match": "P2888",
}
"""Every role, and the property that has it in Wikidata."""


class PropertyRoles(Struct, frozen=True):
    """The properties of one graph by role: a bare id (``P31``) or an IRI."""

    ids: Mapping[str, str]

    def of(self, role: str) -> str:
        """The property that has a role; empty where none is known."""
        return self.ids.get(role, "")

    def all_of(self, *roles: str) -> tuple[str, ...]:
        """The known properties of some roles, in their order."""
        return tuple(id for role in roles if (id := self.of(role)))


OF_WIKIDATA = PropertyRoles(WIKIDATA)
