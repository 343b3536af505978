"""Decisions know the term that they are on; an index for everything that commands look for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TERM = "(SELECT {0} FROM candidates WHERE candidates.id = decisions.candidate_id)"
INDEXES = (
    ("decisions_by_candidate", "decisions", ["candidate_id"], None),
    ("decisions_by_slot", "decisions", ["slot", "entity_key"], "current"),
    ("decisions_by_term", "decisions", ["entity_key", "slot", "candidate_id"], "current"),
    ("decisions_replacing", "decisions", ["entity_key"], "current AND replaces != ''"),
    ("exports_by_run", "exports", ["run_id"], None),
    ("proposals_by_slot", "proposals", ["slot", "entity_key"], "current"),
    ("runs_of_harvests", "runs", ["id"], "verb LIKE 'harvest %'"),
    ("runs_unfinished", "runs", ["verb"], "status != 'done'"),
)


def upgrade() -> None:
    for name, kind in (("entity_key", sa.BigInteger()), ("slot", sa.Integer())):
        column = sa.Column(name, kind, nullable=False, server_default=sa.text("0"))
        op.add_column("decisions", column)
        op.execute(f"UPDATE decisions SET {name} = coalesce({TERM.format(name)}, 0)")
    op.drop_index("proposals_by_probability", table_name="proposals")
    for index in INDEXES:
        _create(*index)


def downgrade() -> None:
    for name, table, *_ in INDEXES:
        op.drop_index(name, table_name=table)
    _create("proposals_by_probability", "proposals", ["slot", "probability"], "current")
    for name in ("slot", "entity_key"):
        op.drop_column("decisions", name)


def _create(name: str, table: str, columns: list[str], where: str | None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
