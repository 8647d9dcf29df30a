"""corrected alerts; messages sent anew, found without reading the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_deliveries_sent_anew", "deliveries", ["alert_id"], postgresql_where=sa.text("resent > 0"))


def downgrade() -> None:
    op.drop_index("ix_deliveries_sent_anew", table_name="deliveries")
    op.drop_column("alerts", "corrected_at")
