"""the people for whom somebody answers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("sealed_household", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "sealed_household")
