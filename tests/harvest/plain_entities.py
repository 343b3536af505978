"""What an RDF origin says of an entity in statements, as the fields of an entity that has none."""

from __future__ import annotations

from msgspec.structs import replace

from kgenrich.languages import bcp47
from kgenrich.model import Entity, Statement, Value


def plain(entity: Entity) -> Entity:
    """The entity with labels, aliases and so on: of several labels that of the lowest rank, after
    those whose tag only falls to the language."""
    if not entity.statements:
        return entity
    labels: dict[str, str] = {}
    aliases: dict[str, dict[str, None]] = {}
    texts: dict[str, dict[str, str]] = {"description": {}, "definition": {}}
    claims: dict[str, dict[Value, None]] = {}
    for statement in sorted(entity.statements, key=_key):
        role, text, code = statement.form.role, statement.value.value, statement.value.language
        if role in texts:
            texts[role].setdefault(code, text)
        elif role == "alias" or (role == "label" and labels.setdefault(code, text) != text):
            aliases.setdefault(code, {})[text] = None
        elif role not in ("label", "class"):
            claims.setdefault(statement.form.predicate, {})[statement.value] = None
    return replace(
        entity,
        labels=labels,
        descriptions=texts["description"],
        definitions=texts["definition"],
        aliases={
            code: others
            for code, names in aliases.items()
            if (others := tuple(name for name in names if name != labels.get(code)))
        },
        claims={predicate: tuple(values) for predicate, values in claims.items()},
        statements=(),
    )


def _key(statement: Statement) -> tuple[bool, int]:
    tag, code = statement.form.tag.lower(), statement.value.language
    return bool(tag) and tag not in (code, bcp47(code).lower()), statement.form.rank
