"""counts of batches"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BACKFILL = """
    UPDATE batches b SET reasons = s.reasons FROM (
        SELECT g.batch_id, jsonb_object_agg(g.state || ':' || coalesce(g.code, ''), g.number) AS reasons
        FROM (
            SELECT batch_id, state, code, count(*) AS number FROM deliveries
            WHERE state IN (15, 40, 60, 70) OR (state = 0 AND code IS NOT NULL)
            GROUP BY batch_id, state, code
        ) g
        GROUP BY g.batch_id
    ) s
    WHERE b.id = s.batch_id
"""
SCOPE = """
    SELECT set_config('rollcall.organisations', (SELECT '{' || string_agg(id::text, ',') || '}' FROM organisations), true)
"""


def upgrade() -> None:
    op.add_column(
        "batches",
        sa.Column(
            "reasons",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column("alerts", sa.Column("told", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("told_of", sa.BigInteger(), nullable=True))
    op.execute(SCOPE)
    op.execute(BACKFILL)


def downgrade() -> None:
    op.drop_column("alerts", "told_of")
    op.drop_column("alerts", "told")
    op.drop_column("batches", "reasons")
