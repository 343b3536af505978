"""Second opinions, whom they are asked of, and known terms that are mixed in."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str, kind: type = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind(), nullable=False)


def upgrade() -> None:
    kind = sa.Column("opinion", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("decisions", kind)
    stands = sa.Column("standing", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("decisions", stands)
    where = sa.text("standing")
    op.create_index(
        "opinions_standing",
        "decisions",
        ["entity_key", "slot"],
        sqlite_where=where,
        postgresql_where=where,
    )
    # Whoever was invited before was trusted.
    trust = sa.Column("trust", sa.Text(), nullable=False, server_default=sa.text("'trusted'"))
    op.add_column("reviewers", trust)
    op.create_table(
        "review_policies",
        *_text("language"),
        _number("reviewers"),
        _number("votes"),
        _number("self_review", sa.Boolean),
        _number("sampled", sa.Double),
        sa.PrimaryKeyConstraint("language"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "known_terms",
        sa.Column("candidate_id", sa.String(32), nullable=False),
        _number("entity_key", sa.BigInteger),
        *map(_number, ("slot", "language", "links")),
        _number("probability", sa.Double),
        *_text("state", "classes", "sources", "codes", "proposal", "held", "at"),
        sa.PrimaryKeyConstraint("candidate_id"),
    )
    op.create_index("known_terms_by_slot", "known_terms", ["slot", "links"])


def downgrade() -> None:
    op.drop_table("known_terms")
    op.drop_table("review_policies")
    op.drop_column("reviewers", "trust")
    op.drop_index("opinions_standing", table_name="decisions")
    op.execute("DELETE FROM decisions WHERE opinion != ''")
    op.drop_column("decisions", "standing")
    op.drop_column("decisions", "opinion")
