"""one-time passwords end"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("officers", sa.Column("one_time_until", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE officers SET one_time_until = now() + interval '24 hours' WHERE password_is_one_time")


def downgrade() -> None:
    op.drop_column("officers", "one_time_until")
