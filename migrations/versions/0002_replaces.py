"""Labels that replace a wrong one of the graph."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("proposals", "decisions"):
        op.add_column(
            table, sa.Column("replaces", sa.Text(), nullable=False, server_default=sa.text("''"))
        )


def downgrade() -> None:
    # Without what they replace these would read as terms that are missing.
    op.execute("DELETE FROM decisions WHERE replaces != ''")
    op.execute("DELETE FROM proposals WHERE replaces != ''")
    for table in ("decisions", "proposals"):
        op.drop_column(table, "replaces")
