"""Definitions are the fourth kind of term.

The summary of coverage counted labels for all languages by script under that kind; it counts them
under negative slots now.
"""

from collections.abc import Callable

import numpy as np
import sqlalchemy as sa
from alembic import op
from numpy.typing import NDArray

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ROW = np.dtype([("slot", "<i4"), ("numbers", "<i8", (4,))])
_PAGE = 500
_coverage = sa.table(
    "coverage", sa.column("class_key", sa.BigInteger), sa.column("counts", sa.LargeBinary)
)
_IS_DEFINITION = "slot % 4 = 3"
_OF_DEFINITIONS = f"SELECT id FROM candidates WHERE {_IS_DEFINITION}"

_Counts = NDArray[np.void]


def upgrade() -> None:
    _rewrite(_under_negative_slots)


def downgrade() -> None:
    """What is a definition is lost; its entity is read anew by the next harvest."""
    op.execute(
        "UPDATE entities SET digest = -1 "
        f"WHERE key IN (SELECT entity_key FROM terms WHERE {_IS_DEFINITION})"
    )
    for table in ("evidence", "proposals", "decisions"):
        op.execute(f"DELETE FROM {table} WHERE candidate_id IN ({_OF_DEFINITIONS})")
    for table in ("candidates", "terms"):
        op.execute(f"DELETE FROM {table} WHERE {_IS_DEFINITION}")
    _rewrite(_under_the_fourth_kind)


def _under_negative_slots(counts: _Counts) -> _Counts:
    by_script = counts["slot"] % 4 == 3
    counts["slot"][by_script] = 3 - counts["slot"][by_script]
    return counts


def _under_the_fourth_kind(counts: _Counts) -> _Counts:
    counts = counts[(counts["slot"] < 0) | (counts["slot"] % 4 != 3)]
    by_script = counts["slot"] < 0
    counts["slot"][by_script] = 3 - counts["slot"][by_script]
    return counts


def _rewrite(change: Callable[[_Counts], _Counts]) -> None:
    """Change the counts of every class, page by page; they are kept in the order of their slots."""
    connection = op.get_bind()
    query = sa.select(_coverage).order_by(_coverage.c.class_key).limit(_PAGE)
    page = connection.execute(query).all()
    while page:
        for class_key, packed in page:
            counts = change(np.frombuffer(packed, _ROW).copy())
            connection.execute(
                sa.update(_coverage)
                .where(_coverage.c.class_key == class_key)
                .values(counts=counts[np.argsort(counts["slot"])].tobytes())
            )
        last = page[-1].class_key
        page = connection.execute(query.where(_coverage.c.class_key > last)).all()
