"""Failures that were kept as answers, and answers of no use, say so.

They were kept without a reason. A model that said nothing, and a SearXNG without results, whose
engines may have been suspended, are failed calls now, and are made again; other answers without a
term are of no use, unless the model said that it does not know.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BROUGHT_NOTHING = """
error = '' AND NOT EXISTS
    (SELECT 1 FROM evidence WHERE evidence.call = calls.fingerprint AND evidence.call != '')
"""
_OF = "source_id IN (SELECT id FROM sources WHERE kind {kinds})"


def upgrade() -> None:
    llm, both = _OF.format(kinds="= 'llm'"), _OF.format(kinds="IN ('llm', 'mt')")
    op.execute(
        f"UPDATE calls SET error = 'it gave no answer' "
        f"WHERE answer = '' AND {llm} AND {_BROUGHT_NOTHING}"
    )
    op.execute(
        f"UPDATE calls SET error = 'no results: its engines may have failed', answer = '' "
        f"WHERE answer = '[]' AND model_requested = 'searxng' AND {_BROUGHT_NOTHING}"
    )
    op.execute(
        f"UPDATE calls SET error = 'the answer could not be used' WHERE answer != '' "
        f"AND answer NOT LIKE '%\"known\"%false%' AND {both} AND {_BROUGHT_NOTHING}"
    )


def downgrade() -> None:
    op.execute("UPDATE calls SET error = '' WHERE answer != ''")
