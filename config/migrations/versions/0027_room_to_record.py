"""room to record"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every row of the ledger is written twice: half of a page is left for the second time, so that no index is."""
    for table in ("deliveries", "batches"):
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")


def downgrade() -> None:
    for table in ("deliveries", "batches"):
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 70)")
