"""Runs of jobs and their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("status NOT IN ('done', 'partly')")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("job", "file", "status", "started", "resumed", "finished"),
        *_text("holder", "stop", "error", "before", "after"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_runs_by_job", "job_runs", ["job", "id"])
    op.create_index(
        "job_runs_unfinished",
        "job_runs",
        ["job"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_table(
        "job_steps",
        sa.Column("job_run_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *_text("name", "scope", "status", "position", "counts", "error"),
        *_text("started", "finished"),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job_run_id", "place"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("job_steps")
    op.drop_index("job_runs_unfinished", table_name="job_runs")
    op.drop_index("job_runs_by_job", table_name="job_runs")
    op.drop_table("job_runs")
