"""Who says what: origins and forms, a set of both on each row, and the type of each entity.

What a store held is said by the wiki that bare ids belong to, and what was harvested under IRIs by
an origin of its own, whose files are not known any more. Coverage is counted anew afterwards, for
properties and lexemes count apart.
"""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SAID = ("terms", "classes", "claims", "sitelinks")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str, kind: type = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "origins",
        _number("id"),
        *_text("name", "kind", "place", "licence", "profile", "language", "prefixes"),
        *_text("retrieved", "digest"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "forms",
        _number("id"),
        *_text("role", "predicate", "tag", "datatype"),
        _number("rank"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sayings",
        _number("id"),
        *_text("members"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("members"),
    )
    op.create_table(
        "presence",
        _number("entity_key", sa.BigInteger),
        _number("origin_id"),
        _number("digest", sa.BigInteger),
        _number("type", sa.SmallInteger),
        sa.PrimaryKeyConstraint("entity_key", "origin_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("presence_by_origin", "presence", ["origin_id", "entity_key"])
    op.create_table(
        "originals",
        _number("entity_key", sa.BigInteger),
        _number("origin_id"),
        _number("form_id"),
        _number("ord"),
        *_text("text", "raw", "node"),
        sa.PrimaryKeyConstraint("entity_key", "origin_id", "form_id", "ord"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen",
        _number("run_id"),
        _number("place"),
        sa.Column("entity_keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "place"),
    )
    for table in _SAID:
        said = sa.Column("said", sa.Integer(), nullable=False, server_default=sa.text("1"))
        op.add_column(table, said)
    type = sa.Column("type", sa.SmallInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("entities", type)
    _fill()


def _fill() -> None:
    connection = op.get_bind()
    base = connection.execute(sa.text("SELECT value FROM meta WHERE key = 'base'")).scalar()
    if base is None:
        return
    columns = "id, name, kind, place, licence, profile, language, prefixes, retrieved, digest"
    values = ":id, :name, :kind, '', :licence, '', '', '{}', '', ''"
    add = f"INSERT INTO origins ({columns}) VALUES ({values})"
    name = urlsplit(base).netloc or base
    licence = "CC0-1.0" if base == "http://www.wikidata.org/entity/" else ""
    connection.execute(sa.text(add), {"id": 1, "name": name, "kind": "wiki", "licence": licence})
    connection.execute(sa.text("INSERT INTO sayings (id, members) VALUES (1, '1:1')"))
    # The kinds of bare ids are the last digit, to the base of four, of their keys.
    op.execute("UPDATE entities SET type = 1 WHERE key > 0 AND key % 4 = 1")
    op.execute("UPDATE entities SET type = 2 WHERE key > 0 AND key % 4 = 2")
    if connection.execute(sa.text("SELECT 1 FROM entities WHERE key < 0 LIMIT 1")).first():
        earlier = {"id": 2, "name": "earlier harvests", "kind": "file", "licence": ""}
        connection.execute(sa.text(add), earlier)
        connection.execute(sa.text("INSERT INTO sayings (id, members) VALUES (2, '2:1')"))
        for table in _SAID:
            op.execute(f"UPDATE {table} SET said = 2 WHERE entity_key < 0")
    op.execute(
        "INSERT INTO presence (entity_key, origin_id, digest, type) "
        "SELECT key, CASE WHEN key < 0 THEN 2 ELSE 1 END, digest, "
        "CASE WHEN deleted OR redirect_key IS NOT NULL THEN -1 ELSE type END FROM entities"
    )


def downgrade() -> None:
    # What an entity was loaded as has another digest then: it is loaded anew when it comes again.
    op.execute("DELETE FROM terms WHERE slot % 4 % 2 = 1 AND ord > 0")
    op.drop_column("entities", "type")
    for table in _SAID:
        op.drop_column(table, "said")
    op.drop_index("presence_by_origin", table_name="presence")
    for table in ("seen", "originals", "presence", "sayings", "forms", "origins"):
        op.drop_table(table)
