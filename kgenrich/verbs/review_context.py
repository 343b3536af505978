"""What stands around a proposal: a picture, what glossaries say, what the target takes."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from msgspec import Struct

from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.property_roles import PropertyRoles
from kgenrich.settings import Target
from kgenrich.sources.dictionary.glossary_rules import GlossaryRule
from kgenrich.store.keys import entity_key
from kgenrich.targets import profile_of

PICTURES = (
    "http://xmlns.com/foaf/0.1/depiction",
    "http://xmlns.com/foaf/0.1/img",
    "http://schema.org/image",
    "https://schema.org/image",
    "http://schema.org/logo",
    "https://schema.org/logo",
)
"""What vocabularies call a picture of the thing."""
_COMMONS = "https://commons.wikimedia.org/wiki/File:"
_LONGEST_URL = 2000


class GlossaryTerm(Struct, frozen=True):
    """A name that a glossary has of the entity in the language; ``status`` is ``preferred``,
    ``allowed`` or ``forbidden``."""

    text: str
    status: str


class TargetRule(Struct, frozen=True):
    """What receives the terms (``title``), how many code points it takes at most (0: it has no
    place for such terms), and under which licence it publishes them."""

    title: str
    longest: int
    licence: str


def web_address(text: str) -> str:
    """The text where it is an address that a browser may be led to, else nothing.

    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', '')
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return text if is_web and len(text) <= _LONGEST_URL and text.isprintable() else ""


def picture_of(entity: Entity, roles: PropertyRoles) -> str:
    """The address of a picture: of a file of Wikimedia Commons its page; empty where there is
    none."""
    for property in (*roles.all_of("image", "logo", "flag"), *PICTURES):
        for value in entity.claims.get(property, ()):
            if address := web_address(value.value):
                return address
            if entity_key(property) > 0 and value.kind == "string":
                return _COMMONS + quote(value.value.replace(" ", "_"))
    return ""


def page_of(entity: str, base: str) -> str:
    """The address of an entity, as far as it has one."""
    return web_address(entity if ":" in entity else base + entity)


def glossary_terms(rules: Iterable[GlossaryRule], request: TermRequest) -> tuple[GlossaryTerm, ...]:
    """What glossaries call the entity in the language, the preferred first."""
    found: dict[str, str] = {}
    for rule in rules if request.kind.is_name else ():
        names, preferred, forbidden = rule.names(request)
        told = {text: "preferred" if text == preferred else "allowed" for text in names}
        found |= {**({preferred: "preferred"} if preferred else {}), **told}
        found |= dict.fromkeys(forbidden, "forbidden")
    order = ("preferred", "allowed", "forbidden")
    return tuple(
        GlossaryTerm(text, status)
        for status in order
        for text, had in found.items()
        if had == status
    )


def target_rule(target: Target, entity: str, kind: TermKind) -> TargetRule:
    """What holds of such a term where it goes."""
    profile = profile_of(entity, target.profile)
    rules = profile.kinds.get(kind)
    longest = 0 if rules is None else target.max_length or rules.longest
    return TargetRule(profile.title, longest, target.licence)
