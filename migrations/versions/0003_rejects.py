"""What was put aside says of which entity it is and which run met it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _remake(
        [
            sa.Column("entity", sa.Text(), primary_key=True),
            sa.Column("run_id", sa.Integer(), nullable=False),
        ],
        "input, position, '', 0, reason, excerpt",
    )
    op.create_index(
        "rejects_by_run", "rejects", [sa.text("run_id DESC"), "input", "position", "entity"]
    )


def downgrade() -> None:
    op.execute("DELETE FROM rejects WHERE entity != ''")
    op.drop_index("rejects_by_run", "rejects")
    _remake([], "input, position, reason, excerpt")


def _remake(more: list[sa.Column[object]], values: str) -> None:
    """Make the table anew with another key: no statement that both databases know gives it one."""
    op.execute("CREATE TABLE rejects_before AS SELECT * FROM rejects")
    op.drop_table("rejects")
    op.create_table(
        "rejects",
        sa.Column("input", sa.Text(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        *more,
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
    )
    op.execute(f"INSERT INTO rejects SELECT {values} FROM rejects_before")
    op.drop_table("rejects_before")
