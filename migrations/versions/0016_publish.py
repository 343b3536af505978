"""What was published: batches of edits, one an entity, and the terms that they change."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str, kind: type = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "publish_batches",
        *_text("id", "reverts", "interface", "target", "summary", "scope", "author", "at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "publish_edits",
        *_text("batch"),
        _number("place"),
        _number("entity_key", sa.BigInteger),
        *_text("state", "summary", "message"),
        _number("base", sa.BigInteger),
        _number("revision", sa.BigInteger),
        _number("sent", sa.Double),
        sa.PrimaryKeyConstraint("batch", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "publish_terms",
        *_text("batch"),
        _number("place"),
        _number("ord"),
        sa.Column("candidate_id", sa.String(32), nullable=False),
        _number("decision_id"),
        _number("slot"),
        *_text("before", "after", "state", "reason"),
        sa.PrimaryKeyConstraint("batch", "place", "ord"),
        sqlite_with_rowid=False,
    )
    op.create_index("publish_terms_by_decision", "publish_terms", ["decision_id"])


def downgrade() -> None:
    for table in ("publish_terms", "publish_edits", "publish_batches"):
        op.drop_table(table)
