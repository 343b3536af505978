"""The review queue with its counts, leases, and what an action displaced, so that it can be undone.

The queue is filled from the proposals afterwards.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ADDED = ("reason", "batch", "undoes")
_SAYINGS = "('unsure', 'discuss', 'reopen')"
"""Verdicts that older versions do not know."""


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, kind: type = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind(), nullable=False)


def _hash() -> sa.Column[str]:
    return sa.Column("candidate_id", sa.String(32), nullable=False)


def upgrade() -> None:
    for name in _ADDED:
        added = sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))
        op.add_column("decisions", added)
    op.create_index("decisions_by_author", "decisions", ["author", "id"])
    for name, column in (("decisions_by_batch", "batch"), ("decisions_undoing", "undoes")):
        where = sa.text(f"{column} != ''")
        op.create_index(name, "decisions", [column], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "displaced",
        _text("batch"),
        _number("decision_id"),
        _number("restored", sa.Boolean),
        sa.PrimaryKeyConstraint("batch", "decision_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "queue",
        _number("entity_key", sa.BigInteger),
        _number("slot"),
        _hash(),
        _number("language"),
        _number("links"),
        _number("probability", sa.Double),
        *map(_text, ("state", "classes", "sources", "codes")),
        sa.PrimaryKeyConstraint("entity_key", "slot"),
        sqlite_with_rowid=False,
    )
    order = [sa.text("links DESC"), "entity_key", "slot"]
    for name, condition in (("likely", "probability >= 0.5"), ("unlikely", "probability < 0.5")):
        where = sa.text(condition)
        indexes = {f"queue_{name}_by_language": ["language", *order], f"queue_{name}": order}
        for index, columns in indexes.items():
            op.create_index(index, "queue", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("queue_by_candidate", "queue", ["candidate_id"], unique=True)
    op.create_table(
        "queue_counts",
        _text("facet"),
        _number("slot"),
        _text("value"),
        _number("band"),
        _text("state"),
        _number("number", sa.BigInteger),
        sa.PrimaryKeyConstraint("facet", "slot", "value", "band", "state"),
        sqlite_with_rowid=False,
    )
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "unsettled",
        sa.Column("entity_key", key, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("entity_key"),
    )
    op.create_table(
        "leases",
        _hash(),
        _text("reviewer"),
        _number("until", sa.Double),
        sa.PrimaryKeyConstraint("candidate_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "skips",
        _text("reviewer"),
        _hash(),
        sa.PrimaryKeyConstraint("reviewer", "candidate_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reviewers",
        sa.Column("token_hash", sa.String(64), nullable=False),
        *map(_text, ("name", "reads", "writes", "invited", "revoked")),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("reviewers_by_name", "reviewers", ["name"])


def downgrade() -> None:
    for table in ("reviewers", "skips", "leases", "unsettled"):
        op.drop_table(table)
    for table in ("queue_counts", "queue", "displaced"):
        op.drop_table(table)
    op.execute(f"DELETE FROM decisions WHERE verdict IN {_SAYINGS}")
    for name in ("undoing", "by_batch", "by_author"):
        op.drop_index(f"decisions_{name}", table_name="decisions")
    for name in reversed(_ADDED):
        op.drop_column("decisions", name)
