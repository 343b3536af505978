"""What was changed since which run: a log of changed entities, and proposals that are stale.

Of what was done before nothing is known: the first enriching after this asks for everything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity_keys", sa.LargeBinary(), nullable=False),
        sa.Column("told_keys", sa.LargeBinary(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    stale = sa.Column("stale", sa.Integer(), nullable=False, server_default=sa.text("0"))
    op.add_column("proposals", stale)
    where = sa.text("current AND stale > 0")
    op.create_index(
        "proposals_stale",
        "proposals",
        ["slot", "entity_key"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("proposals_stale", table_name="proposals")
    op.drop_column("proposals", "stale")
    op.drop_table("changes")
