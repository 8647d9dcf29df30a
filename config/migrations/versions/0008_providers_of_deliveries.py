"""providers of deliveries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("provider", sa.String(length=24), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "provider")
