"""Who has a run, which questions are being asked, what runs spend together."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "runs", sa.Column("holder", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.create_table(
        "in_flight",
        sa.Column("fingerprint", sa.Text(), primary_key=True),
        sa.Column("run_id", sa.Integer(), nullable=False, index=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spending",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("spending")
    op.drop_table("in_flight")
    op.drop_column("runs", "holder")
