"""counts of alerts that are kept for their reports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SCOPE = "ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"


def upgrade() -> None:
    op.create_table(
        "alert_reports",
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_alert_reports_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_reports")),
    )
    op.execute("ALTER TABLE alert_reports ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alert_reports FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organisation ON alert_reports USING (organisation_id = {SCOPE})")


def downgrade() -> None:
    op.drop_table("alert_reports")
