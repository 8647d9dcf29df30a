"""messages sent anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("deliveries", "received_receipts"):
        op.add_column(table, sa.Column("resent", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    for table in ("deliveries", "received_receipts"):
        op.drop_column(table, "resent")
