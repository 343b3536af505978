"""When jobs were last due."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_schedules",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("job", "cron", "zone")],
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("last", "next")],
        sa.PrimaryKeyConstraint("job"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("job_schedules")
